"""A folder that moves with all that people have in it: their edits are merged at the new place, not lost at the old."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scaffolder import lock as locks
from scaffolder.plan import Change
from scaffolder.render.units import Unit
from scaffolder.tree import File, Memory

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffolder.cli.work.session import Planned
    from scaffolder.tree import Source


@dataclass(frozen=True)
class Carried:
    """Files and locks of a repository as if one of its folders had another name."""

    source: Source
    unit: Unit  # whose folder it is
    files: dict[str, File | None]
    locks: dict[str, bytes]

    @property
    def after(self) -> Memory:
        return Memory({**self.files, **{path: File(lock) for path, lock in self.locks.items()}}, self.source)

    def written(self, wanted: Planned) -> Planned:
        """A plan for the repository as it would be, as one for the repository as it is."""
        todo = wanted.todo
        for path, file in self.files.items():
            known = todo.files.get(path) or Change(file, None, self.unit)
            todo.files[path] = replace(known, before=self.source.read(path))
            if todo.files[path].after == todo.files[path].before:
                del todo.files[path]
        for path, lock in self.locks.items():
            todo.locks.setdefault(path, lock)
        return wanted


def carry(source: Source, units: Sequence[Unit], old: str, new: str, besides: Sequence[str]) -> Carried:
    """Everything in a folder, at its new place; nothing where something is there already.

    Args:
        source: the repository.
        units: those with files in the folder; the first is whose it is.
        old: the folder.
        new: where it moves to.
        besides: folders inside that are others', and stay.
    """
    if source.names(new):
        return Carried(source, units[0], {}, {})
    files: dict[str, File | None] = {}
    for path in _paths(source, old, besides):
        if (file := source.read(path)) is not None:
            files |= {path: None, new + path.removeprefix(old): file}
    moved = {}
    for unit in units:
        if (lock := source.read(unit.lock)) is not None:
            entries = locks.parse(lock.content, unit.lock).items()
            inside = {new + path.removeprefix(old) if path.startswith(f"{old}/") else path: e for path, e in entries}
            moved[unit.lock] = locks.dump(inside)
    return Carried(source, units[0], files, moved)


def _paths(source: Source, folder: str, besides: Sequence[str]) -> Iterator[str]:
    for name in source.names(folder):
        path = f"{folder}/{name}"
        if path in besides:
            continue
        if inside := list(_paths(source, path, besides)):
            yield from inside
        else:
            yield path
