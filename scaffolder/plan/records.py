"""What a plan is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from scaffolder.merge import MergeFile
from scaffolder.plan.vendor import Components, Vendored
from scaffolder.render.units import Unit
from scaffolder.tree import File


@dataclass(frozen=True)
class Tools:
    """What the planner asks of the world."""

    merge_file: MergeFile
    components: Components
    named: bool = False  # whether people named where components come from: then they are taken again


@dataclass(frozen=True)
class Change:
    """One file to write or (None) to delete; `before` is what stands there now."""

    after: File | None
    before: File | None
    unit: Unit

    @property
    def verb(self) -> str:
        return "delete" if self.after is None else "update" if self.before else "create"


@dataclass
class Plan:
    """Files to write and delete, the locks that follow, and what people should know."""

    files: dict[str, Change] = field(default_factory=dict)
    locks: dict[str, bytes | None] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)  # path -> why
    edits: list[str] = field(default_factory=list)  # paths that people changed, and that stay as they are
    theirs: dict[str, File] = field(default_factory=dict)  # of files with conflict markers, the template's side
    solved: list[str] = field(default_factory=list)  # paths that git may take as solved, if it holds them for unsolved
    unvendored: dict[str, Vendored] = field(default_factory=dict)  # cluster -> the file that is not in step

    @property
    def empty(self) -> bool:
        return not self.files and not self.locks
