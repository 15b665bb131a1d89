"""Change requests, which are pull requests on some forges and merge requests on others, in one language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from scaffolder.forge.base import Ensured, Hosted


class State(StrEnum):
    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class Checks(StrEnum):
    """What CI says of a change request's commit, all of it together."""

    NONE = "none"
    PENDING = "pending"
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True)
class Proposal:
    """A change request as it should be: the branch `head` is to come into `base`; both are in the same repository.

    `labels` are names, `reviewers` logins; `auto_merge` asks the forge to merge it as soon as its rules allow.
    """

    head: str
    base: str
    title: str
    body: str
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    draft: bool = False
    auto_merge: bool = False


@dataclass(frozen=True)
class ChangeRequest:
    """A change request as its forge has it.

    `commit` is what its head branch is at (of a merged or closed one, was); `title` is without a forge's mark for
    drafts. `checks` and `mergeable` are None where the forge was not asked, or does not know yet.
    """

    number: int
    url: str
    state: State
    head: str
    base: str
    title: str
    body: str
    commit: str
    author: str
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    draft: bool = False
    checks: Checks | None = None
    mergeable: bool | None = None


class ChangeRequests(Protocol):
    """The change requests of a forge's repositories; everything may be called again at any time."""

    def find(self, hosted: Hosted, head: str) -> ChangeRequest | None:
        """The newest one from a branch of the repository itself, whatever its state; an open one before all others."""

    def each(self, hosted: Hosted, state: State = State.OPEN) -> Iterator[ChangeRequest]:
        """Those in a state, newest first, over all pages."""

    def get(self, hosted: Hosted, number: int) -> ChangeRequest:
        """One, with its checks, and whether it can be merged.

        Raises:
            ForgeError: there is none with this number.
        """

    def ensure(self, hosted: Hosted, wanted: Proposal) -> Ensured[ChangeRequest]:
        """Opens it, or brings the open one of this head branch to what is wanted; the branch has been pushed before.

        Labels and reviewers are added, never taken away.

        Raises:
            ForgeError: the forge refuses it, or has no such reviewer.
        """

    def merge(self, hosted: Hosted, number: int) -> Ensured[ChangeRequest]:
        """Merges it, and deletes its head branch; UNCHANGED where it is merged already.

        Raises:
            ForgeError: it is closed, in conflict, or the branch's rules do not allow it yet; the message says which.
        """

    def close(self, hosted: Hosted, number: int) -> Ensured[ChangeRequest]:
        """Closes it and leaves its branch; UNCHANGED where it is closed already.

        Raises:
            ForgeError: it is merged.
        """
