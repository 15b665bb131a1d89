"""What a forge is to us: say what should be there, hear whether it was made, changed or there already."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
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
