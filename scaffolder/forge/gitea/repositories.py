"""Gitea, and Forgejo, which has the same API: repositories of users and organisations, deploy keys, teams."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from scaffolder.errors import ForgeError, UsageError, shown
from scaffolder.forge import names
from scaffolder.forge.base import Action, DeployKey, Ensured, Hosted, Permission, Repository, Server
from scaffolder.forge.gitea.changes import GiteaChanges
from scaffolder.forge.gitea.contents import GiteaContents
from scaffolder.forge.gitea.rules import GiteaRules
from scaffolder.forge.http import Api, RefusedError
from scaffolder.git.credentials import Access

SETTINGS: Final = "Settings > Applications"  # where tokens are made
_SCOPES: Final = re.compile(r"required scope\(s\), required=\[(?P<wanted>[^\]]*)\]")

# A permission in Gitea's words, and these from least to most.
LEVELS: Final = {
    Permission.PULL: "read",
    Permission.TRIAGE: "read",
    Permission.PUSH: "write",
    Permission.MAINTAIN: "write",
    Permission.ADMIN: "admin",
}
ORDER: Final = ("none", "read", "write", "admin", "owner")


@dataclass(frozen=True)
class GiteaForge:
    """`personal`: owners are users, else organisations. `access` is what git pushes with: the token.

    `known` are owners of whom nothing is in the way.
    """

    api: Api
    server: Server
    access: Access
    personal: bool = False
    token_auth: bool = False
    kind: str = "gitea"
    known: set[str] = field(default_factory=set, repr=False)

    @property
    def title(self) -> str:
        return self.server.host

    @property
    def changes(self) -> GiteaChanges:
        return GiteaChanges(self.api, self._telling)

    @property
    def rules(self) -> GiteaRules:
        return GiteaRules(self.api, self._telling)

    @property
    def contents(self) -> GiteaContents:
        return GiteaContents(self.api, self._telling)

    def find_repository(self, owner: str, name: str) -> Hosted | None:
        found = self._found(owner, name)
        if found is None and owner not in self.known:
            self._refuse_owner(owner)
            self.known.add(owner)
        return found

    def ensure_repository(self, wanted: Repository) -> Ensured[Hosted]:
        found = self.find_repository(wanted.owner, wanted.name)
        if found is not None:
            return Ensured(found, Action.UNCHANGED)  # as for Flux: what exists keeps its settings
        if wanted.visibility == "internal":
            raise UsageError("Gitea has no internal repositories", hint="`visibility` must be private or public")
        body = {
            "name": wanted.name,
            "description": wanted.description,
            "private": wanted.visibility == "private",
            "default_branch": wanted.branch,
            "auto_init": False,
        }
        with self._telling(f"{wanted.owner}/{wanted.name} cannot be created"):
            made = self.api.post("user/repos" if self.personal else f"orgs/{wanted.owner}/repos", body)
        return Ensured(self._hosted(made, wanted.owner, wanted.name), Action.CREATED)

    def find_deploy_key(self, hosted: Hosted, title: str) -> DeployKey | None:
        return next((key for _, key in self._keys(hosted) if key.title == title), None)

    def ensure_deploy_key(self, hosted: Hosted, wanted: DeployKey) -> Ensured[DeployKey]:
        ours = {number: key for number, key in self._keys(hosted) if key.title == wanted.title}
        if any(key.same(wanted) for key in ours.values()):
            return Ensured(wanted, Action.UNCHANGED)
        path = f"repos/{hosted.owner}/{hosted.name}/keys"
        with self._telling(f"the deploy key `{wanted.title}` cannot be set"):
            for number in ours:  # a title is taken until its key is gone
                self.api.delete(f"{path}/{number}")
            body = {"title": wanted.title, "key": wanted.key, "read_only": wanted.read_only}
            self.api.post(path, body)
        return Ensured(wanted, Action.UPDATED if ours else Action.CREATED)

    def find_team(self, owner: str, name: str, team: str, permission: Permission | None) -> Action:
        with self._telling(f"the teams of {owner} cannot be read"):
            found = self.api.find(_of_team(owner, name, team))
            known = found or next(
                (each for each in self.api.each(f"orgs/{owner}/teams") if each["name"].lower() == team.lower()), None
            )
        if known is None:
            raise ForgeError(f"{owner} has no team {shown(team)}", hint="make it there first, or leave out its --team")
        _refuse_less(known, permission)
        return Action.UNCHANGED if found else Action.CREATED

    def ensure_team(self, hosted: Hosted, team: str, permission: Permission | None) -> Action:
        action = self.find_team(hosted.owner, hosted.name, team, permission)
        if action is Action.CREATED:
            with self._telling(f"the team {shown(team)} cannot be given {hosted.owner}/{hosted.name}"):
                self._put(_of_team(hosted.owner, hosted.name, team))
        return action

    def _put(self, path: str) -> None:
        try:
            self.api.put(path)
        except RefusedError as error:
            if "already added" not in error.said:  # by an attempt of which the answer was lost
                raise

    def _found(self, owner: str, name: str) -> Hosted | None:
        names.refuse_unfit(owner, name)
        with self._telling(f"{owner}/{name} cannot be read"):
            found = self.api.find(f"repos/{owner}/{name}")
        return None if found is None else self._hosted(found, owner, name)

    def _hosted(self, found: dict[str, Any], owner: str, name: str) -> Hosted:
        full = found["full_name"]
        names.refuse_renamed(full, owner, name)
        for state in ("archived", "mirror"):
            if found.get(state):
                what = "is archived" if state == "archived" else "mirrors another repository"
                raise ForgeError(
                    f"{full} on {self.title} {what}: nothing can be pushed", hint="change that in its settings"
                )
        if not (found.get("permissions") or {}).get("push", True):
            hint = "let the token's user write to it, by a team or as a collaborator"
            raise ForgeError(f"{full} on {self.title} may be read, but not written to", hint=hint)
        visibility = "private" if found["private"] else "public"
        sync_url = self.server.sync_url(owner, name, token_auth=self.token_auth)
        return Hosted(owner, name, visibility, self.server.git_url(owner, name), sync_url, self.access)

    def _refuse_owner(self, owner: str) -> None:
        """Nothing is made for an owner that is not there, or is somebody else."""
        with self._telling(f"{owner} cannot be read"):
            if self.personal:
                login = self.api.get("user")["login"]
                if login.lower() != owner.lower():
                    hint = f"give --owner={login}, or leave out --personal for an organisation"
                    raise ForgeError(f"the token belongs to {login}, not to {owner}", hint=hint)
            elif self.api.find(f"orgs/{owner}") is None:
                hint = "make it there first; for your own user, say --personal"
                raise ForgeError(f"{self.title} has no organisation {owner} that this token may see", hint=hint)

    def _keys(self, hosted: Hosted) -> Iterator[tuple[int, DeployKey]]:
        with self._telling(f"the deploy keys of {hosted.owner}/{hosted.name} cannot be read"):
            for each in self.api.each(f"repos/{hosted.owner}/{hosted.name}/keys"):
                yield each["id"], DeployKey(each["title"], each["key"], each["read_only"])

    @contextmanager
    def _telling(self, problem: str) -> Iterator[None]:
        """What Gitea refuses, with what was wanted of it, and what to do."""
        try:
            yield
        except RefusedError as error:
            if error.status == HTTPStatus.UNAUTHORIZED:
                hint = f"export another one as GITEA_TOKEN: {SETTINGS} makes them"
                raise ForgeError(f"{self.title} does not take this token", hint=hint) from None
            raise ForgeError(f"{problem}: {_reason(error)}", hint=_hint(error)) from None


def _of_team(owner: str, name: str, team: str) -> str:
    return f"repos/{owner}/{name}/teams/{quote(team, safe='')}"


def _refuse_less(team: dict[str, Any], permission: Permission | None) -> None:
    """A team's permission is its own, the same in all its repositories."""
    if permission is None:
        return
    level = team["permission"]
    if level not in ORDER[3:]:
        level = (team.get("units_map") or {}).get("repo.code", level)
    if ORDER.index(level) < ORDER.index(LEVELS[permission]):
        hint = "Gitea keeps this with the team, for all its repositories: change it there, or leave it out"
        raise ForgeError(f"the team {shown(team['name'])} may {level}, which is less than {permission}", hint=hint)


def _reason(error: RefusedError) -> str:
    if _SCOPES.search(error.said):
        return "the token has too few scopes"
    if error.status == HTTPStatus.CONFLICT:
        return "the name is taken, by a repository that this token may not see"
    return error.said or f"status {error.status}"


def _hint(error: RefusedError) -> str:
    scopes = _SCOPES.search(error.said)
    if scopes:
        return f"{SETTINGS} makes a token with {scopes['wanted'].replace(' ', ', ')}"
    if error.status == HTTPStatus.CONFLICT:
        return "choose another --repository, or a token that may see it"
    if error.status in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
        return "the token's user lacks the permission"
    return ""
