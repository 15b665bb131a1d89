"""Generated files of a merge that git could not finish: both sides' edits, laid over what the documents ask for now."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

from scaffolder import lock as locks
from scaffolder.merge import KEEP, MERGE, Decision, MergeFile, decide, has_markers
from scaffolder.tree import File

if TYPE_CHECKING:
    from scaffolder.lock import Entry
    from scaffolder.plan.state import State
    from scaffolder.tree import Source

UNSOLVED: Final = "not yet marked as solved in git"
OF_PEOPLE: Final = "git could not merge it, and it is not generated"
ONE_DELETED: Final = "one side edited it, the other deleted it"


class Unfinished(Protocol):
    """What git left: the trees of both sides, the paths that it could not merge, those that people changed since."""

    @property
    def sides(self) -> tuple[Source, Source]: ...

    @property
    def stuck(self) -> Collection[str]: ...

    @property
    def touched(self) -> Collection[str]: ...


@dataclass
class Settling:
    """Settles the paths of the units that a merge could not finish."""

    left: Unfinished
    _paths: set[str] = field(default_factory=set)
    _known: list[dict[str, list[Entry]]] = field(default_factory=lambda: [{}, {}])  # of each side: what was written

    def concerns(self, state: State) -> bool:
        """Whether git was stuck in a unit's lock, or in one of its files."""
        paths = {state.unit.lock, *state.claimed, *state.known, *(old for _, old in state.before)}
        if not any(path in self.left.stuck for path in paths):
            return False
        for side, known in zip(self.left.sides, self._known, strict=True):
            text = side.read(state.unit.lock)
            for path, entry in locks.parse(text.content, state.unit.lock).items() if text else ():
                known.setdefault(path, []).append(entry)
                self._paths.add(path)
        self._paths |= set(state.claimed)
        return True

    def is_for(self, path: str) -> bool:
        """Whether a path is to be settled; not one that was merged, and that people have changed since."""
        return path in self._paths and path not in self.left.touched

    def unsolved(self, paths: Iterable[str], actual: File | None) -> bool:
        """Whether somebody is solving a file by hand: it is neither as git left it nor added."""
        if not any(path in self.left.stuck for path in paths) or actual is None or has_markers(actual.content):
            return False
        sides = [side.read(path) for side in self.left.sides for path in paths]
        return actual.content not in [file.content for file in sides if file]

    def settle(self, paths: Iterable[str], desired: File | None, merge_file: MergeFile) -> Decision:
        """Both sides' edits of a file, which stands or stood at one of some paths, laid over the desired one."""
        content, conflict, edited = desired, "", False
        for side, known in zip(self.left.sides, self._known, strict=True):
            for path in paths:
                bases, actual = known.get(path, []), side.read(path)
                if not bases and actual is None:
                    continue
                decision = decide(bases or [None], actual, content, merge_file)
                if edited and decision.file is None and content is not None:
                    decision = Decision(KEEP, content, ONE_DELETED)
                edited = edited or decision.what in {KEEP, MERGE}
                content, conflict = decision.file, conflict or decision.conflict
        return Decision(MERGE, content, conflict)
