"""What a forge is to us: say what should be there, hear whether it was made, changed or there already."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from scaffolder.git.credentials import ANONYMOUS, Access

T = TypeVar("T")


class Action(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Ensured(Generic[T]):
    """A thing as it is now, and what was done for it."""

    value: T
    action: Action


@dataclass(frozen=True)
class Repository:
    """A repository as it should be."""

    owner: str
    name: str
    branch: str = "main"
    visibility: str = "private"
    description: str = ""


@dataclass(frozen=True)
class Hosted:
    """A repository as its forge has it.

    `git_url` is what we push to, and `access` what opens it; `sync_url` is where a cluster fetches it, None where
    clusters cannot reach it; `visibility` is None where the forge does not tell.
    """

    owner: str
    name: str
    visibility: str | None
    git_url: str
    sync_url: str | None
    access: Access = ANONYMOUS


@dataclass(frozen=True)
class Server:
    """Where a forge is. `host` may have a port and a path behind it; `ssh` is its name for SSH, with a port if any."""

    host: str
    ssh: str

    def git_url(self, owner: str, name: str) -> str:
        """Where a repository is pushed to, and fetched from with a token."""
        return f"https://{self.host}/{owner}/{name}.git"

    def sync_url(self, owner: str, name: str, *, token_auth: bool) -> str:
        """Where a cluster fetches a repository, as `flux bootstrap` writes it."""
        return self.git_url(owner, name) if token_auth else f"ssh://git@{self.ssh}/{owner}/{name}"


@dataclass(frozen=True)
class Login:
    """How a forge with an API is reached, and as whom.

    `personal`: owners are users, else organisations or groups. `token_auth`: clusters fetch with a token, not by SSH.
    """

    server: Server
    token: str = field(repr=False)
    ca_file: Path | None = None
    personal: bool = False
    token_auth: bool = False


@dataclass(frozen=True)
class DeployKey:
    """An SSH key that opens one repository; `key` is `type base64`, whatever stands behind."""

    title: str
    key: str
    read_only: bool = True

    def same(self, other: DeployKey) -> bool:
        """Whether both open the same: comments do not count."""
        return self.key.split()[:2] == other.key.split()[:2] and self.read_only == other.read_only


class Permission(StrEnum):
    """What a team may do in a repository, from least to most, in the words of `flux bootstrap`."""

    PULL = "pull"
    TRIAGE = "triage"
    PUSH = "push"
    MAINTAIN = "maintain"
    ADMIN = "admin"


class Forge(Protocol):
    """A place for repositories. Every `ensure_*` may be called again at any time."""

    @property
    def kind(self) -> str:
        """Its name in `bootstrap`, e.g. `github`."""

    @property
    def title(self) -> str:
        """How it is told to people, e.g. `github.com`."""

    def find_repository(self, owner: str, name: str) -> Hosted | None:
        """The repository, or None where there is none yet. Reads only.

        Raises:
            ForgeError: it cannot be read, or is missing on a forge that makes none.
        """

    def ensure_repository(self, wanted: Repository) -> Ensured[Hosted]:
        """Creates the repository where it is missing, and its owner's folder or group where it can.

        Raises:
            ForgeError: it cannot be created, or is something else.
        """


class SharingForge(Forge, Protocol):
    """A forge with an API, which gives keys and teams access to a repository."""

    def find_deploy_key(self, hosted: Hosted, title: str) -> DeployKey | None:
        """The key of this title. Reads only.

        Raises:
            ForgeError: the keys may not be read.
        """

    def ensure_deploy_key(self, hosted: Hosted, wanted: DeployKey) -> Ensured[DeployKey]:
        """Makes it the only key of its title; those of other titles are not ours.

        Raises:
            ForgeError: it is not taken.
        """

    def find_team(self, owner: str, name: str, team: str, permission: Permission | None) -> Action:
        """What `ensure_team` would do; the repository may still be missing. Reads only.

        Raises:
            ForgeError: there is no such team, or it can never have this permission.
        """

    def ensure_team(self, hosted: Hosted, team: str, permission: Permission | None) -> Action:
        """Lets a team have a repository; None is the forge's, or the team's, own permission.

        Raises:
            ForgeError: there is no such team, or it can never have this permission.
        """


class LendingForge(SharingForge, Protocol):
    """A forge that makes names and passwords which may read one repository, and nothing else."""

    def has_deploy_token(self, hosted: Hosted, title: str, username: str) -> bool:
        """Whether this name opens it still, with the token of this title. Reads only.

        Raises:
            ForgeError: the tokens may not be read.
        """

    def make_deploy_token(self, hosted: Hosted, title: str) -> Access:
        """A new one, of which the password is told only now; an older one of this title ends.

        Raises:
            ForgeError: it is not made.
        """
