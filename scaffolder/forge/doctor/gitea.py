"""Gitea tells nobody which scopes a token has, but names those that a request lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Final

from scaffolder.forge import http
from scaffolder.forge.base import Login
from scaffolder.forge.doctor import REFUSED, Examination, Job, Seen, Sign, clock, look
from scaffolder.forge.http import Api

SETTINGS: Final = "Settings > Applications"
SCOPES: Final = re.compile(r"required scope\(s\), required=\[(?P<wanted>[^\]]*)\]")


def opened(login: Login) -> AbstractContextManager[Api]:
    headers = {"Authorization": f"token {login.token}"}
    return http.opened(f"https://{login.server.host}/api/v1", headers, token=login.token, ca_file=login.ca_file)


def examine(api: Api, job: Job) -> Examination:
    """Says what may be done with a token; all scopes that are not needed may be missing."""
    found, headers = api.answer("version")
    yield Sign(f"the forge answers: Gitea {found['version']}")
    yield clock(headers)
    full = f"{job.owner}/{job.name}"
    repository = look(api, f"repos/{full}")
    if repository.status == REFUSED:
        yield _refused(repository, f"{full} cannot be read")
        return False
    yield Sign("the forge takes the token")
    if repository.data is None:
        yield from _creating(api, job)
    else:
        yield from _rights(repository.data.get("permissions") or {}, full)
        yield from _labels(api, job)
    if job.teams:
        yield from _teams(api, job)
    return repository.data is not None


def _rights(permissions: dict[str, bool], full: str) -> Iterator[Sign]:
    hint = "let its user be an administrator of the repository, by a team or as a collaborator"
    if not permissions.get("push"):
        yield Sign(f"the token's user may not push to {full}", "error", hint)
    if permissions.get("admin"):
        yield Sign(f"the token's user may set deploy keys, protection and teams of {full}")
    else:
        yield Sign(f"the token's user may not set deploy keys, protection and teams of {full}", "error", hint)


def _labels(api: Api, job: Job) -> Iterator[Sign]:
    """Labels, which come with protection, have a scope of their own."""
    labels = look(api, f"repos/{job.owner}/{job.name}/labels") if job.protect else Seen([])
    if labels.data is None:
        yield _refused(labels, f"the labels of {job.owner}/{job.name} cannot be read")


def _creating(api: Api, job: Job) -> Iterator[Sign]:
    """Whether the repository could be made. Whether its scope is there, only making it tells."""
    who = look(api, "user")
    if job.personal:
        yield from _own(who, job)
        return
    there = look(api, f"orgs/{job.owner}")
    if there.data is None:
        yield _refused(there, f"there is no organisation {job.owner} that this token may see")
        return
    rights = look(api, f"users/{who.data['login']}/orgs/{job.owner}/permissions") if who.data else who
    if rights.data is None:
        hint = "with the scopes read:user and read:organization, this could be told"
        yield Sign(f"{job.owner}/{job.name} is missing; whether the token may make it cannot be seen", "note", hint)
    elif rights.data["can_create_repository"]:
        yield Sign(f"the token's user may make {job.owner}/{job.name}; the scope for it is write:organization")
    else:
        hint = "be in a team of it that may create repositories"
        yield Sign(f"the token's user may make no repositories in {job.owner}", "error", hint)


def _own(who: Seen, job: Job) -> Iterator[Sign]:
    if who.data is None:
        yield _refused(who, "the token's user cannot be read")
    elif who.data["login"].lower() != job.owner.lower():
        yield Sign(
            f"the token belongs to {who.data['login']}, not to {job.owner}", "error", "say --owner, or no --personal"
        )
    else:
        yield Sign(f"the token's user may make {job.owner}/{job.name}; the scope for it is write:user")


def _teams(api: Api, job: Job) -> Iterator[Sign]:
    teams = look(api, f"orgs/{job.owner}/teams")
    message = f"the teams of {job.owner} can be read" if teams.data is not None else ""
    yield Sign(message) if message else _refused(teams, f"the teams of {job.owner} cannot be read")


def _refused(seen: Seen, message: str) -> Sign:
    scopes = SCOPES.search(seen.said)
    if scopes:
        wanted = scopes["wanted"].replace(" ", ", ")
        return Sign(f"the token lacks the scope {wanted}: {message}", "error", f"{SETTINGS} makes a token with it")
    return Sign(message, "error", "make it first, or let the token's user see it")
