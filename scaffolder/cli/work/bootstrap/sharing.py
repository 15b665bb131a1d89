"""Who else gets at a repository on its forge: teams, and a cluster by its key or by a token that is lent to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaffolder.errors import ForgeError
from scaffolder.forge.base import (
    Action,
    DeployKey,
    Ensured,
    Hosted,
    LendingForge,
    Permission,
    Repository,
    SharingForge,
)
from scaffolder.git.credentials import Access

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.bootstrap.account import Account

Seen = dict[tuple[str, str], Hosted]  # by owner and name


@dataclass(frozen=True)
class Shared:
    """A forge that lets teams have a repository as soon as it is there.

    `made` has what was done for each; `seen` the repository as it was last looked at: one look is enough for a run.
    """

    console: Console
    forge: SharingForge
    teams: Mapping[str, Permission | None]
    made: dict[str, Action] = field(default_factory=dict)
    seen: Seen = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.forge.kind

    @property
    def title(self) -> str:
        return self.forge.title

    def find_repository(self, owner: str, name: str) -> Hosted | None:
        """The repository; a team that there is not is found out before anything is made."""
        found = self.forge.find_repository(owner, name)
        self.seen.pop((owner, name), None)
        if found:
            self.seen[owner, name] = found
        for team, permission in self.teams.items():
            self.made.setdefault(team, self.forge.find_team(owner, name, team, permission))
        return found

    def ensure_repository(self, wanted: Repository) -> Ensured[Hosted]:
        known = self.seen.get((wanted.owner, wanted.name))
        ensured = Ensured(known, Action.UNCHANGED) if known else self.forge.ensure_repository(wanted)
        self.seen[wanted.owner, wanted.name] = ensured.value
        self.console.record(ensured.action, "repository", f"{wanted.owner}/{wanted.name}")
        for team, permission in self.teams.items():
            self.console.record(self.forge.ensure_team(ensured.value, team, permission), "team", team)
        return ensured


@dataclass(frozen=True)
class Grant:
    """Makes a cluster's public key the deploy key of a repository. `made` has what was done."""

    console: Console
    forge: SharingForge
    account: Account
    made: list[Action] = field(default_factory=list)
    seen: Seen = field(default_factory=dict)

    def __call__(self, title: str, public_key: str) -> None:
        found = _found(self.forge, self.account, self.seen)
        if found is None:
            return  # deleted meanwhile: the cluster will say that it cannot fetch it
        wanted = DeployKey(title, public_key, read_only=not self.account.read_write_key)
        self.made.append(self.forge.ensure_deploy_key(found, wanted).action)
        self.console.record(self.made[-1], "deploy key", self.account.full)
        self.console.done(f'configured deploy key "{title}" for "{found.git_url.removesuffix(".git")}"')


@dataclass(frozen=True)
class Borrowed:
    """A deploy token of a repository for a cluster, by its title. `made` has what was done."""

    console: Console
    forge: LendingForge
    account: Account
    made: list[Action]
    seen: Seen
    title: str

    def works(self, username: str) -> bool:
        found = _found(self.forge, self.account, self.seen)
        return found is not None and self.forge.has_deploy_token(found, self.title, username)

    def renewed(self) -> Access:
        found = _found(self.forge, self.account, self.seen)
        if found is None:
            raise ForgeError(f"{self.account.full} was deleted meanwhile", hint="run this again to make it anew")
        lent = self.forge.make_deploy_token(found, self.title)
        self.made.append(Action.CREATED)
        self.console.record(Action.CREATED, "deploy token", self.account.full)
        self.console.done(f'configured deploy token "{self.title}" for "{found.git_url.removesuffix(".git")}"')
        return lent


def _found(forge: SharingForge, account: Account, seen: Seen) -> Hosted | None:
    return seen.get((account.owner, account.repository)) or forge.find_repository(account.owner, account.repository)
