"""GitLab tells a token its own scopes and end, and each project and group what its user may do there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final
from urllib.parse import quote

from scaffolder.forge import http
from scaffolder.forge.base import Login
from scaffolder.forge.doctor import Examination, Job, Sign, clock, look
from scaffolder.forge.http import Api

SETTINGS: Final = "Preferences > Access tokens"
SCOPE: Final = "api"  # the one that has all of it within: projects, keys, protection, merge requests, and git
DEVELOPER, MAINTAINER, OWNER = 30, 40, 50
CREATING: Final = {"developer": DEVELOPER, "maintainer": MAINTAINER, "owner": OWNER, "administrator": 60, "noone": 99}
SOON: Final = 30  # days


def opened(login: Login) -> AbstractContextManager[Api]:
    headers = {"PRIVATE-TOKEN": login.token}
    return http.opened(f"https://{login.server.host}/api/v4", headers, token=login.token, ca_file=login.ca_file)


def examine(api: Api, job: Job) -> Examination:
    """Says what may be done with a token."""
    found, headers = api.answer("version")
    yield Sign(f"the forge answers: GitLab {found['version']}")
    yield clock(headers)
    yield from _token(look(api, "personal_access_tokens/self").data)
    user = look(api, "user").data or {}
    full = f"{job.owner}/{job.name}"
    project = look(api, f"projects/{quote(full, safe='')}").data
    if project is None:
        yield from _creating(api, job, user)
        return False
    level = MAINTAINER if user.get("is_admin") else _level(project.get("permissions") or {})
    hint = "the token's user, or its own role, has to be Maintainer there"
    if level < DEVELOPER:
        yield Sign(f"the token may not push to {full}", "error", hint)
    elif level < MAINTAINER:
        yield Sign(f"the token may push to {full}, but not set deploy keys and protection", "error", hint)
    else:
        yield Sign(f"the token may set deploy keys and protection of {full}")
    return True


def _token(own: Mapping[str, Any] | None) -> Iterator[Sign]:
    if own is None:
        yield Sign("the forge does not say which scopes this token has", "note", f"the job needs {SCOPE}")
        return
    if SCOPE in own["scopes"]:
        yield Sign(f"the token has the scope {SCOPE}")
    else:
        has = ", ".join(own["scopes"]) or "none"
        yield Sign(f"the token lacks the scope {SCOPE}; it has {has}", "error", f"{SETTINGS} makes a token with it")
    if own.get("expires_at"):
        ends = dt.date.fromisoformat(own["expires_at"])
        left = (ends - dt.datetime.now(dt.UTC).date()).days
        soon = left <= SOON
        hint = f"{SETTINGS} rotates it; clusters that fetch with it stop then" if soon else ""
        yield Sign(f"the token ends on {ends}, in {left} days", "warning" if soon else "ok", hint)


def _level(permissions: Mapping[str, Any]) -> int:
    return max((each["access_level"] for each in permissions.values() if each), default=0)


def _creating(api: Api, job: Job, user: Mapping[str, Any]) -> Iterator[Sign]:
    full, name = f"{job.owner}/{job.name}", str(user.get("username", ""))
    if job.personal:
        own = name.lower() == job.owner.lower()
        said = f"{full} is missing, and may be made" if own else f"the token belongs to {name}, not to {job.owner}"
        yield Sign(said, "ok" if own else "error", "" if own else "say --owner, or no --personal")
        return
    path = f"groups/{quote(job.owner, safe='')}"
    group = look(api, path).data
    if group is None:
        hint = "make it there first, or let the token see it"
        yield Sign(f"there is no group {job.owner} that this token may see", "warning", hint)
        return
    member = look(api, f"{path}/members/all/{user.get('id', 0)}").data or {}
    enough = CREATING.get(group.get("project_creation_level", "maintainer"), MAINTAINER)
    if user.get("is_admin") or member.get("access_level", 0) >= enough:
        yield Sign(f"{full} is missing, and may be made")
    else:
        yield Sign(f"the token may make no projects in {job.owner}", "error", "its user has to be Maintainer there")
