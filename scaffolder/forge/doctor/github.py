"""GitHub tells the scopes of a classic token in a header; what other tokens may do is tried by reading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, Final

from scaffolder.forge import http
from scaffolder.forge.base import Login
from scaffolder.forge.doctor import REFUSED, Examination, Job, Sign, clock, look
from scaffolder.forge.github_app import api_url
from scaffolder.forge.http import Api, RefusedError

SETTINGS: Final = "Settings > Developer settings > Personal access tokens"
VERSIONS: Final = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}

# scope -> what it is for, and the scopes that have it within them
CLASSIC: Final = {
    "repo": ("create the repository, push, set deploy keys and protection", ()),
    "workflow": ("push the workflow of the generated CI", ()),
}
OF_TEAMS: Final = {"read:org": ("give teams the repository", ("write:org", "admin:org"))}

# path below the repository -> the permission of fine-grained tokens and Apps that reads it; write has to be there, too
PERMISSIONS: Final = {
    "keys": "Administration",
    "pulls": "Pull requests",
    "contents/": "Contents",
}
EMPTY: Final = "empty"  # GitHub's word of a repository without commits
PAYING: Final = "upgrade to"  # and of what a plan lacks


def opened(login: Login) -> AbstractContextManager[Api]:
    headers = {"Authorization": f"Bearer {login.token}", **VERSIONS}
    return http.opened(api_url(login.server.host), headers, token=login.token, ca_file=login.ca_file)


def examine(api: Api, job: Job) -> Examination:
    """Says what may be done with a token, by its scopes or else by what it may read."""
    try:
        who, headers = api.answer("user")
    except RefusedError as error:
        if error.status != REFUSED:
            raise
        who, headers = None, api.answer("meta")[1]  # an App, or a job of Actions, is nobody
    edition = headers.get("X-GitHub-Enterprise-Version")
    yield Sign(f"the forge answers: GitHub{f' Enterprise Server {edition}' if edition else ''}")
    yield clock(headers)
    yield Sign(f"the token belongs to {who['login']}" if who else "the token is an App's, or a job's")
    scopes = headers.get("X-OAuth-Scopes")
    if who and scopes is not None:
        yield from _scopes({each.strip() for each in scopes.split(",")}, job)
    repository = look(api, f"repos/{job.owner}/{job.name}")
    if repository.data is None:
        yield from _creating(api, job, who)
        return False
    yield from _rights(repository.data.get("permissions") or {}, job)
    yield from _permissions(api, job)
    return True


def _scopes(scopes: set[str], job: Job) -> Iterator[Sign]:
    for scope, (purpose, wider) in {**CLASSIC, **(OF_TEAMS if job.teams else {})}.items():
        if scopes & {scope, *wider}:
            yield Sign(f"the token has the scope {scope}: to {purpose}")
        else:
            yield Sign(f"the token lacks the scope {scope}: to {purpose}", "error", f"{SETTINGS} > Tokens (classic)")


def _rights(permissions: Mapping[str, bool], job: Job) -> Iterator[Sign]:
    """What the user may do; an App or a job has no role, and is told nothing here."""
    full = f"{job.owner}/{job.name}"
    if permissions and not permissions.get("push"):
        yield Sign(f"the token's user may not push to {full}", "error", "ask for the role Admin there")
    elif permissions and not permissions.get("admin"):
        message = f"the token's user may push to {full}, but not set deploy keys and protection"
        yield Sign(message, "error", "ask for the role Admin there")


def _permissions(api: Api, job: Job) -> Iterator[Sign]:
    for path, permission in PERMISSIONS.items():
        seen = look(api, f"repos/{job.owner}/{job.name}/{path}")
        if seen.data is None and EMPTY not in seen.said:
            message = f"the token lacks the permission {permission}"
            yield Sign(message, "error", f"{SETTINGS} > Fine-grained tokens, or the App's settings: read and write")
        else:
            yield Sign(f"the token has the permission {permission}, at least to read")
    if job.protect:
        seen = look(api, f"repos/{job.owner}/{job.name}/branches/{job.branch}/protection")
        if PAYING in seen.said.lower():
            yield Sign("branches of private repositories cannot be protected", "warning", seen.said)
    if job.teams and look(api, f"orgs/{job.owner}/teams").data is None:
        yield Sign("the token lacks the permission Members", "error", "it is one of the organisation: read")


def _creating(api: Api, job: Job, who: Mapping[str, Any] | None) -> Iterator[Sign]:
    full = f"{job.owner}/{job.name}"
    if job.personal:
        login = str(who["login"]) if who else "an App"
        if login.lower() == job.owner.lower():
            yield Sign(f"{full} is missing, and may be made: it is the token's user's own")
        else:
            yield Sign(f"the token belongs to {login}, not to {job.owner}", "error", "say --owner, or no --personal")
        return
    owner = look(api, f"orgs/{job.owner}").data
    if owner is None:
        hint = "make it there first, let the token see it, or say --personal"
        yield Sign(f"there is no organisation {job.owner} that this token may see", "error", hint)
    elif owner.get("members_can_create_repositories") is False:
        yield Sign(
            f"members of {job.owner} may make no repositories", "warning", "its owners may: make it first, or be one"
        )
    else:
        yield Sign(f"{full} is missing; {job.owner}, which is to have it, is there")
