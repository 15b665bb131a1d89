"""Repositories of users and organisations on GitHub, their deploy keys, and what teams may do in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from scaffolder.errors import ForgeError, UsageError, shown
from scaffolder.forge import names
from scaffolder.forge.base import Action, DeployKey, Ensured, Hosted, Login, Permission, Repository
from scaffolder.forge.github.api import TAKEN, Api, telling
from scaffolder.forge.http import RefusedError
from scaffolder.git.credentials import Access

INSTALLATION: Final = "ghs_"  # how tokens of apps begin
WITH_PERMISSIONS: Final = "application/vnd.github.v3.repository+json"
KEYS_OFF: Final = "deploy keys are disabled"
ORDER: Final = tuple(Permission)
USUAL: Final = Permission.MAINTAIN  # as flux bootstrap has it


@dataclass(frozen=True)
class Repositories:
    """`known` are owners of whom nothing is in the way."""

    api: Api
    login: Login
    known: set[str] = field(default_factory=set, repr=False)

    def find(self, owner: str, name: str) -> Hosted | None:
        names.refuse_unfit(owner, name)
        with telling(f"{owner}/{name} cannot be read"):
            found = self.api.find(f"/repos/{owner}/{name}")
        if found is not None:
            return self._hosted(found, owner, name)
        if owner not in self.known:
            self._refuse_owner(owner)
            self.known.add(owner)
        return None

    def ensure(self, wanted: Repository) -> Ensured[Hosted]:
        found = self.find(wanted.owner, wanted.name)
        if found is not None:
            return Ensured(found, Action.UNCHANGED)  # as for Flux: what exists keeps its settings
        made = self._made(wanted)
        return Ensured(self._hosted(made, wanted.owner, wanted.name), Action.CREATED)

    def _made(self, wanted: Repository) -> Any:
        body = {
            "name": wanted.name,
            "description": wanted.description,
            "private": wanted.visibility != "public",
        }
        if self.login.personal:
            if wanted.visibility == "internal":
                hint = "`visibility` must be private or public, or the owner an organisation"
                raise UsageError("GitHub has no internal repositories of users", hint=hint)
            path = "/user/repos"
        else:
            path = f"/orgs/{wanted.owner}/repos"
            body["visibility"] = wanted.visibility
        full = f"{wanted.owner}/{wanted.name}"
        with telling(f"{full} cannot be created"):
            try:
                return self.api.send("POST", path, body)
            except RefusedError as error:
                if TAKEN not in error.said:
                    raise
                message = f"{full} cannot be created: the name is taken, by a repository that this token may not see"
                raise ForgeError(message, hint=error.hint) from None

    def _hosted(self, found: dict[str, Any], owner: str, name: str) -> Hosted:
        full, title = found["full_name"], self.api.title
        names.refuse_renamed(full, owner, name)
        if found["archived"]:
            raise ForgeError(
                f"{full} on {title} is archived: nothing can be pushed", hint="change that in its settings"
            )
        if not found.get("permissions", {}).get("push", True):
            hint = "let the token's user write to it, by a team or as a collaborator"
            raise ForgeError(f"{full} on {title} may be read, but not written to", hint=hint)
        server, token = self.login.server, self.login.token
        user = "x-access-token" if token.startswith(INSTALLATION) else owner
        sync_url = server.sync_url(owner, name, token_auth=self.login.token_auth)
        access = Access(username=user, password=token, ca_file=self.login.ca_file)
        return Hosted(owner, name, found["visibility"], server.git_url(owner, name), sync_url, access)

    def _refuse_owner(self, owner: str) -> None:
        """Nothing is made for an owner that is not there, or is somebody else."""
        with telling(f"{owner} cannot be read"):
            if self.login.personal:
                user = self.api.get("/user")["login"]
                if user.lower() != owner.lower():
                    hint = f"give --owner={user}, or leave out --personal for an organisation"
                    raise ForgeError(f"the token belongs to {user}, not to {owner}", hint=hint)
            elif self.api.find(f"/orgs/{owner}") is None:
                hint = "make it there first; for your own user, say --personal"
                raise ForgeError(f"{self.api.title} has no organisation {owner} that this token may see", hint=hint)


@dataclass(frozen=True)
class DeployKeys:
    api: Api

    def find(self, hosted: Hosted, title: str) -> DeployKey | None:
        return next((key for _, key in self._each(hosted) if key.title == title), None)

    def ensure(self, hosted: Hosted, wanted: DeployKey) -> Ensured[DeployKey]:
        ours = {number: key for number, key in self._each(hosted) if key.title == wanted.title}
        same = [number for number, key in ours.items() if key.same(wanted)]
        path = f"/repos/{hosted.owner}/{hosted.name}/keys"
        with telling(f"the deploy key `{wanted.title}` cannot be set"):
            for number in ours.keys() - same[:1]:  # GitHub lets one title stand many times
                self.api.delete(f"{path}/{number}")
            if not same:
                self._add(path, wanted)
        if not ours:
            return Ensured(wanted, Action.CREATED)
        return Ensured(wanted, Action.UNCHANGED if len(ours) == len(same) == 1 else Action.UPDATED)

    def _add(self, path: str, wanted: DeployKey) -> None:
        body = {"title": wanted.title, "key": wanted.key, "read_only": wanted.read_only}
        try:
            self.api.send("POST", path, body)
        except RefusedError as error:
            if KEYS_OFF not in error.said.lower():
                raise
            hint = "an owner of the organisation may allow deploy keys in its settings; or use --token-auth"
            raise ForgeError(f"the organisation forbids deploy keys: {error.said}", hint=hint) from None

    def _each(self, hosted: Hosted) -> Iterator[tuple[int, DeployKey]]:
        with telling(f"the deploy keys of {hosted.owner}/{hosted.name} cannot be read"):
            for each in self.api.each(f"/repos/{hosted.owner}/{hosted.name}/keys"):
                yield each["id"], DeployKey(each["title"], each["key"], each["read_only"])


@dataclass(frozen=True)
class Teams:
    api: Api

    def find(self, owner: str, name: str, team: str, permission: Permission | None) -> Action:
        """What `ensure` would do; nothing is ever taken from a team."""
        with telling(f"the team {shown(team)} of {owner} cannot be read"):
            found = self.api.find(_of_team(owner, name, team), Accept=WITH_PERMISSIONS)
            if found is None and self.api.find(f"/orgs/{owner}/teams/{quote(team, safe='')}") is None:
                hint = "make it there first, or leave out its --team; it goes by the name in its URL"
                raise ForgeError(f"{owner} has no team {shown(team)}", hint=hint)
        if found is None:
            return Action.CREATED
        has = [each for each in ORDER if found.get("permissions", {}).get(each.value)]
        enough = permission is None or (has and ORDER.index(has[-1]) >= ORDER.index(permission))
        return Action.UNCHANGED if enough else Action.UPDATED

    def ensure(self, hosted: Hosted, team: str, permission: Permission | None) -> Action:
        action = self.find(hosted.owner, hosted.name, team, permission)
        if action is not Action.UNCHANGED:
            with telling(f"the team {shown(team)} cannot be given {hosted.owner}/{hosted.name}"):
                path = _of_team(hosted.owner, hosted.name, team)
                self.api.send("PUT", path, {"permission": (permission or USUAL).value})
        return action


def _of_team(owner: str, name: str, team: str) -> str:
    return f"/orgs/{owner}/teams/{quote(team, safe='')}/repos/{owner}/{name}"
