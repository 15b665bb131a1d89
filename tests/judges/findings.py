"""What a judge says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Finding:
    """`folder` is the one that was built; `object` is empty where the whole folder is meant."""

    folder: str
    object: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.folder, self.object, self.message) if part)


def once(findings: Iterable[Finding]) -> list[Finding]:
    """The same fault of the same object is seen in each folder, namespace and cluster: the first will do."""
    first: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        kind, _, name = finding.object.partition(" ")
        what = f"{kind} {name.rpartition('/')[2]}" if kind else finding.folder
        first.setdefault((what, finding.message), finding)
    return list(first.values())
