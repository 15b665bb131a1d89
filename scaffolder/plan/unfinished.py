"""Generated files of a merge that git could not finish: both sides' edits, laid over what the documents ask for now."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from scaffolder import lock as locks
from scaffolder.merge import EDITED, KEEP, MERGE, Decision, MergeFile, decide, has_markers
from scaffolder.render.units import LOCKS, Unit
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


@dataclass(frozen=True)
class _Written:
    """What the locks of one side say, by the paths that they describe and by unit."""

    by_path: dict[str, list[Entry]] = field(default_factory=dict)
    by_unit: dict[Unit, list[str]] = field(default_factory=dict)


def _written(side: Source) -> _Written:
    made = _Written()
    for kind in side.names(LOCKS):
        for name in side.names(f"{LOCKS}/{kind}"):
            for part in side.names(f"{LOCKS}/{kind}/{name}"):
                unit = Unit(kind, name, part)
                text = side.read(unit.lock)
                for path, entry in locks.parse(text.content, unit.lock).items() if text else ():
                    made.by_path.setdefault(path, []).append(entry)
                    made.by_unit.setdefault(unit, []).append(path)
    return made


@dataclass
class Settling:
    """Settles the paths of the units that a merge could not finish."""

    left: Unfinished
    paths: dict[str, Unit] = field(default_factory=dict)  # those to settle, and whose they are

    @cached_property
    def _known(self) -> list[_Written]:
        """Of each side: what its locks say."""
        return [_written(side) for side in self.left.sides]

    def concerns(self, state: State) -> bool:
        """Whether git was stuck in a unit's lock, or in one of its files."""
        if not self.left.stuck:
            return False
        own = [path for known in self._known for path in known.by_unit.get(state.unit, ())]
        before = [old for _, old in state.before if self.was_generated(old)]
        if not any(path in self.left.stuck for path in (state.unit.lock, *state.claimed, *state.known, *own, *before)):
            return False
        for path in (*state.claimed, *own, *before):
            self.paths.setdefault(path, state.unit)
        return True

    def is_for(self, path: str) -> bool:
        """Whether a path is to be settled; not one that was merged, and that people have changed since."""
        return path in self.paths and path not in self.left.touched

    def was_generated(self, path: str) -> bool:
        return any(path in known.by_path for known in self._known)

    def unsolved(self, path: str, actual: File | None) -> bool:
        """Whether somebody is solving a file by hand: it is neither as git left it nor added."""
        if path not in self.left.stuck or (actual and has_markers(actual.content)):
            return False
        sides = [file.content for side in self.left.sides if (file := side.read(path))]
        return actual.content not in sides if actual else bool(sides)

    def settle(self, paths: Iterable[str], desired: File | None, merge_file: MergeFile) -> Decision:
        """Both sides' edits of a file, which stands or stood at one of some paths, laid over the desired one."""
        content, conflict, edited = desired, "", False
        for side, known in zip(self.left.sides, self._known, strict=True):
            for path in paths:
                bases, actual = known.by_path.get(path, []), side.read(path)
                if not bases and actual is None:
                    continue
                decision = decide(bases or [None], actual, content, merge_file, path)
                if edited and decision.file is None and content is not None:
                    decision = Decision(KEEP, content, ONE_DELETED)
                elif edited and decision.conflict == EDITED and desired is not None:
                    decision = replace(decision, conflict=ONE_DELETED)  # the other side deleted what is still generated
                edited = edited or decision.what in {KEEP, MERGE}
                content, conflict = decision.file, conflict or decision.conflict
        return Decision(MERGE, content, conflict)
