"""What may be done in a repository on its forge: who may push to a branch, and how change requests are merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from scaffolder.forge.base import Action, Ensured, Hosted


@dataclass(frozen=True)
class Protection:
    """How a branch is guarded: nobody pushes to it, not even administrators; changes come by change request.

    `checks` are the names of those that have to pass, exactly; on a forge that knows no names, any checks mean that
    the pipeline has to succeed. `approvals` is how many people have to approve, `code_owners` whether CODEOWNERS' have.
    """

    branch: str
    checks: tuple[str, ...] = ()
    approvals: int = 1
    code_owners: bool = False


@dataclass(frozen=True)
class MergeSettings:
    """How change requests of a repository are merged."""

    delete_branch: bool = True
    auto_merge: bool = True


@dataclass(frozen=True)
class Label:
    """`color` is six hexadecimal digits."""

    name: str
    color: str
    description: str = ""


class Rules(Protocol):
    """The rules of a forge's repositories. Each `find_*` reads only, and says what its `ensure_*` would do."""

    def may_push(self, hosted: Hosted, branch: str) -> bool | None:
        """Whether this token may push to a branch; None where only trying tells. Reads only."""

    def runs_checks(self, hosted: Hosted) -> bool | None:
        """Whether there is CI in the repository at all; None where this token is not told. Reads only."""

    def find_protection(self, hosted: Hosted, wanted: Protection) -> Action: ...

    def ensure_protection(self, hosted: Hosted, wanted: Protection) -> Ensured[Protection]:
        """Protects a branch that is there. `value` is what holds now: a forge may lack a part, by edition or price.

        Raises:
            ForgeError: this token may not.
        """

    def find_settings(self, hosted: Hosted, wanted: MergeSettings) -> Action: ...

    def ensure_settings(self, hosted: Hosted, wanted: MergeSettings) -> Action: ...

    def find_label(self, hosted: Hosted, wanted: Label) -> Action: ...

    def ensure_label(self, hosted: Hosted, wanted: Label) -> Action:
        """Makes it where there is none of this name; one that is there stays as people made it."""
