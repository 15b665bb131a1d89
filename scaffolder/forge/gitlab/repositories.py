"""GitLab: projects of users and groups, deploy keys and tokens, and groups that share a project."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from gitlab.exceptions import GitlabError

from scaffolder.errors import ForgeError
from scaffolder.forge import names
from scaffolder.forge.base import Action, DeployKey, Ensured, Hosted, Permission, Repository, Server
from scaffolder.forge.gitlab import keys, teams
from scaffolder.forge.gitlab.api import TAKEN, Api, said_of
from scaffolder.forge.gitlab.changes import GitlabChanges
from scaffolder.forge.gitlab.contents import GitlabContents
from scaffolder.forge.gitlab.rules import GitlabRules
from scaffolder.git.credentials import Access

DEVELOPER: Final = 30  # who may push, in GitLab's numbers
STATES: Final = {
    "archived": "is archived",
    "marked_for_deletion_on": "is going to be deleted",
    "mirror": "mirrors another repository",
}


@dataclass(frozen=True)
class GitlabForge:
    """`personal`: owners are users, else groups, by full path. `access` is what git pushes with: the token.

    `known` are owners of whom nothing is in the way.
    """

    api: Api
    server: Server
    access: Access
    personal: bool = False
    token_auth: bool = False
    kind: str = "gitlab"
    known: set[str] = field(default_factory=set, repr=False)

    @property
    def title(self) -> str:
        return self.server.host

    @property
    def changes(self) -> GitlabChanges:
        return GitlabChanges(self.api)

    @property
    def rules(self) -> GitlabRules:
        return GitlabRules(self.api)

    @property
    def contents(self) -> GitlabContents:
        return GitlabContents(self.api)

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
        body: dict[str, Any] = {
            "name": wanted.name,
            "path": wanted.name,  # else GitLab makes one of its own from the name, in small letters
            "description": wanted.description,
            "visibility": wanted.visibility,
            "default_branch": wanted.branch,
        }
        if not self.personal:
            body["namespace_id"] = self._ensured_group(wanted.owner, wanted.visibility)
        problem = f"{wanted.owner}/{wanted.name} cannot be created"
        with self.api.telling(problem):
            try:
                made = self.api.library.projects.create(body).attributes
                self.api.projects[f"{wanted.owner}/{wanted.name}".lower()] = made
            except GitlabError as error:
                if TAKEN in said_of(error):
                    raise self._taken(problem, wanted) from None
                raise
        return Ensured(self._hosted(made, wanted.owner, wanted.name), Action.CREATED)

    def find_deploy_key(self, hosted: Hosted, title: str) -> DeployKey | None:
        return keys.find(self.api, hosted, title)

    def ensure_deploy_key(self, hosted: Hosted, wanted: DeployKey) -> Ensured[DeployKey]:
        return keys.ensure(self.api, hosted, wanted)

    def has_deploy_token(self, hosted: Hosted, title: str, username: str) -> bool:
        return keys.works(self.api, hosted, title, username)

    def make_deploy_token(self, hosted: Hosted, title: str) -> Access:
        return keys.lend(self.api, hosted, title)

    def find_team(self, owner: str, name: str, team: str, permission: Permission | None) -> Action:
        return teams.find(self.api, owner, name, team, permission)

    def ensure_team(self, hosted: Hosted, team: str, permission: Permission | None) -> Action:
        return teams.ensure(self.api, hosted, team, permission)

    def _found(self, owner: str, name: str) -> Hosted | None:
        names.refuse_unfit(*owner.split("/"), name)
        with self.api.telling(f"{owner}/{name} cannot be read"):
            found = self.api.project(owner, name)
        return None if found is None else self._hosted(found, owner, name)

    def _hosted(self, found: dict[str, Any], owner: str, name: str) -> Hosted:
        full = found["path_with_namespace"]
        here, _, path = full.rpartition("/")
        names.refuse_renamed(full, owner, name)
        for state, what in STATES.items():
            if found.get(state):
                hint = "change that in its settings"
                raise ForgeError(f"{full} on {self.title} {what}: nothing can be pushed", hint=hint)
        self._refuse_reader(found, full)
        sync_url = self.server.sync_url(here, path, token_auth=self.token_auth)
        return Hosted(here, path, found["visibility"], self.server.git_url(here, path), sync_url, self.access)

    def _refuse_reader(self, found: dict[str, Any], full: str) -> None:
        """The answer has what a user may as a member; what came by an invited group is only known when asked for."""
        said = (found.get("permissions") or {}).values()
        levels = [each["access_level"] for each in said if each]
        if not levels or max(levels) >= DEVELOPER:
            return
        with self.api.telling(f"the members of {full} cannot be read"):
            user, project = self.api.user()["id"], self.api.library.projects.get(found["id"], lazy=True)
            member = self.api.found(lambda: project.members_all.get(user))
        if member is None or member.access_level < DEVELOPER:
            hint = "let the token's user be a Developer of it, or a Maintainer where the branch is protected"
            raise ForgeError(f"{full} on {self.title} may be read, but not written to", hint=hint)

    def _refuse_owner(self, owner: str) -> None:
        """Nothing is made for an owner that is not there, or is somebody else."""
        with self.api.telling(f"{owner} cannot be read"):
            if self.personal:
                login = self.api.user()["username"]
                if login.lower() != owner.lower():
                    hint = f"give --owner={login}, or leave out --personal for a group"
                    raise ForgeError(f"the token belongs to {login}, not to {owner}", hint=hint)
            elif not any(self.api.group(each) for each in _upwards(owner)):
                top = owner.partition("/")[0]
                hint = "make it there first; for your own user, say --personal"
                raise ForgeError(f"{self.title} has no group {top} that this token may see", hint=hint)

    def _ensured_group(self, path: str, visibility: str) -> int:
        """The number of a group; it is made in the one above it where it is missing, as open as what it will hold."""
        with self.api.telling(f"the group {path} cannot be read"):
            found = self.api.group(path)
        if found is not None:
            return found
        above, _, name = path.rpartition("/")
        parent = self._ensured_group(above, visibility)
        body = {"name": name, "path": name, "parent_id": parent, "visibility": visibility}
        with self.api.telling(f"the group {path} cannot be created"):
            made: int = self.api.library.groups.create(body).id
        self.api.groups[path.lower()] = made
        return made

    def _taken(self, problem: str, wanted: Repository) -> ForgeError:
        """What stands in the way of a new repository: another of its name, or one that is not to be seen."""
        for each in self._like(wanted):
            if each["path_with_namespace"].lower() == f"{wanted.owner}/{wanted.name}".lower():
                hint = "a proxy before GitLab may decode %2F in paths, which has to reach it as it is"
                return ForgeError(f"{problem}: it is there, but is not found by its path", hint=hint)
            if each["name"].lower() == wanted.name.lower():
                hint = f"give --repository={each['path']}, or another name"
                return ForgeError(f"{problem}: {each['path_with_namespace']} has this name", hint=hint)
        hint = "choose another --repository, or a token that may see it"
        return ForgeError(f"{problem}: the name is taken, by a repository that this token may not see", hint=hint)

    def _like(self, wanted: Repository) -> list[dict[str, Any]]:
        """The owner's repositories with such a name."""
        library, group = self.api.library, self.api.groups.get(wanted.owner.lower())
        path = f"/groups/{group}/projects" if group else f"/users/{wanted.owner}/projects"
        return list(library.http_list(path, {"search": wanted.name}, iterator=True))


def _upwards(path: str) -> list[str]:
    """`a/b/c`, `a/b`, `a`."""
    parts = path.split("/")
    return ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
