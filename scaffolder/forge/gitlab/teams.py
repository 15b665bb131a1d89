"""Groups that share a project: GitLab's teams, each named by its full path."""

from __future__ import annotations

from typing import Any, Final

from scaffolder.errors import ForgeError, shown
from scaffolder.forge.base import Action, Hosted, Permission
from scaffolder.forge.gitlab.api import Api

LEVELS: Final = {
    Permission.PULL: 10,
    Permission.TRIAGE: 20,
    Permission.PUSH: 30,
    Permission.MAINTAIN: 40,
    Permission.ADMIN: 50,
}
USUAL: Final = Permission.MAINTAIN  # as for Flux


def find(api: Api, owner: str, name: str, team: str, permission: Permission | None) -> Action:
    """What `ensure` would do; the project may still be missing. What was just read of it is not read again."""
    with api.telling(f"the groups that share {owner}/{name} cannot be read"):
        found = api.projects.get(f"{owner}/{name}".lower()) or api.project(owner, name)
        share = _share(found, team) if found else None
        if share is None:
            _group(api, owner, team)
            return Action.CREATED
    return Action.UNCHANGED if share["group_access_level"] >= LEVELS[permission or USUAL] else Action.UPDATED


def ensure(api: Api, hosted: Hosted, team: str, permission: Permission | None) -> Action:
    """Shares a project with a group; one that may more already keeps that."""
    action = find(api, hosted.owner, hosted.name, team, permission)
    if action is not Action.UNCHANGED:
        project = api.of(hosted)
        with api.telling(f"the group {shown(team)} cannot be given {hosted.owner}/{hosted.name}"):
            number = _group(api, hosted.owner, team)
            if action is Action.UPDATED:  # GitLab changes no share
                project.unshare(number)
            project.share(number, LEVELS[permission or USUAL])
            api.project(hosted.owner, hosted.name)
    return action


def _share(project: dict[str, Any], team: str) -> dict[str, Any] | None:
    shares: list[dict[str, Any]] = project.get("shared_with_groups") or []
    return next((each for each in shares if each["group_full_path"].lower() == team.lower()), None)


def _group(api: Api, owner: str, team: str) -> int:
    """The number of a group that can share a project.

    Raises:
        ForgeError: there is none, or it has all of the owner's projects anyway.
    """
    if f"{owner}/".lower().startswith(f"{team}/".lower()):
        raise ForgeError(f"the group {shown(team)} has what lies in it already", hint="leave out its --team")
    number = api.group(team)
    if number is None:
        hint = "give its full path; make it there first, or leave out its --team"
        raise ForgeError(f"{api.host} has no group {shown(team)} that this token may see", hint=hint)
    return number
