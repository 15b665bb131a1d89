"""GitHub, its Enterprise editions included: what is done on it is in a file for each of its parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from scaffolder.forge.base import Action, DeployKey, Ensured, Hosted, Login, Permission, Repository
from scaffolder.forge.github.api import Api
from scaffolder.forge.github.api import opened as opened_api
from scaffolder.forge.github.changes import PullRequests
from scaffolder.forge.github.contents import GitHubContents
from scaffolder.forge.github.repositories import DeployKeys, Repositories, Teams
from scaffolder.forge.github.rules import BranchRules

__all__ = ["GitHubForge", "opened"]


@dataclass(frozen=True)
class GitHubForge:
    """The forge as a whole."""

    api: Api
    repositories: Repositories
    keys: DeployKeys
    teams: Teams
    changes: PullRequests
    rules: BranchRules
    contents: GitHubContents
    kind: str = "github"

    @property
    def title(self) -> str:
        return self.api.title

    def find_repository(self, owner: str, name: str) -> Hosted | None:
        return self.repositories.find(owner, name)

    def ensure_repository(self, wanted: Repository) -> Ensured[Hosted]:
        return self.repositories.ensure(wanted)

    def find_deploy_key(self, hosted: Hosted, title: str) -> DeployKey | None:
        return self.keys.find(hosted, title)

    def ensure_deploy_key(self, hosted: Hosted, wanted: DeployKey) -> Ensured[DeployKey]:
        return self.keys.ensure(hosted, wanted)

    def find_team(self, owner: str, name: str, team: str, permission: Permission | None) -> Action:
        return self.teams.find(owner, name, team, permission)

    def ensure_team(self, hosted: Hosted, team: str, permission: Permission | None) -> Action:
        return self.teams.ensure(hosted, team, permission)


@contextmanager
def opened(login: Login) -> Iterator[GitHubForge]:
    """The forge, as long as it is needed."""
    with opened_api(login) as api:
        parts = Repositories(api, login), DeployKeys(api), Teams(api), PullRequests(api), BranchRules(api)
        yield GitHubForge(api, *parts, GitHubContents(api))
