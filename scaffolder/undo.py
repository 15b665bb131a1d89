"""What the last command overwrote, kept in git's folder until the next one, so that it can be taken back."""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.errors import ScaffolderError
from scaffolder.lock import digest
from scaffolder.merge import has_markers
from scaffolder.tree import File

if TYPE_CHECKING:
    from scaffolder.apply import Effect, WorkTree

MANIFEST: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """One path: what stood there before the command, and the digest of what it wrote (None: nothing)."""

    path: str
    before: File | None
    after: str | None


@dataclass(frozen=True)
class Undo:
    """A command that can be taken back."""

    command: str
    kept: Sequence[Kept]
    index: Sequence[str] = ()  # lines of git's index as they were
    documents: frozenset[str] = frozenset()  # those of the paths that do not follow from others


def _place(git_dir: Path, *, begun: bool) -> Path:
    """Where a command is kept that has begun, and where one that has ended."""
    return git_dir / "scaffolder" / ("begun" if begun else "undo")


def begin(
    tree: WorkTree, command: str, effects: Iterable[Effect], index: Sequence[str], documents: Iterable[str]
) -> None:
    """Keeps what the effects will overwrite; of a command that was killed before, what stood there before that one.

    Args:
        tree: the work tree.
        command: its name.
        effects: all that it will write.
        index: the lines of git's index that it will change.
        documents: those of the paths that do not follow from others.

    Raises:
        ScaffolderError: it cannot be kept, so that nothing must be overwritten.
    """
    earlier = killed(tree.git_dir)
    kept = {path: Kept(path, tree.read(path), None if file is None else digest(file.content)) for path, file in effects}
    lines = {_path(line): [other for other in index if _path(other) == _path(line)] for line in index}
    if earlier:
        for old in earlier.kept:
            kept[old.path] = Kept(old.path, old.before, kept[old.path].after if old.path in kept else old.after)
        for line in earlier.index:
            lines[_path(line)] = [other for other in earlier.index if _path(other) == _path(line)]
    index = [line for path in sorted(lines) for line in lines[path]]
    known = earlier.documents if earlier else frozenset[str]()
    _save(tree.git_dir, Undo(command, tuple(kept.values()), index, known | set(documents)))


def end(git_dir: Path) -> None:
    """Notes that the command has done all."""
    with _told(place := _place(git_dir, begun=True)):
        place.replace(_place(git_dir, begun=False))


@contextlib.contextmanager
def _told(place: Path) -> Iterator[None]:
    """Raises `ScaffolderError` where something cannot be kept."""
    try:
        yield
    except OSError as error:
        raise ScaffolderError(f"{place}: {(error.strerror or str(error)).lower()}") from None


def killed(git_dir: Path) -> Undo | None:
    """The last command, if it was killed."""
    return _load(_place(git_dir, begun=True))


def as_before(tree: WorkTree, undo: Undo) -> dict[str, File | None]:
    """What followed from documents before a command that was killed, where it is still as that one left it."""
    return {kept.path: kept.before for kept in undo.kept if kept.path not in undo.documents and is_ours(tree, kept)}


def _path(line: str) -> str:
    """The path in a line of git's index."""
    return line.partition("\t")[2]


def load(git_dir: Path) -> Undo | None:
    """What can be taken back; None where there is nothing, or nothing that can be read."""
    return killed(git_dir) or _load(_place(git_dir, begun=False))


def _load(place: Path) -> Undo | None:
    try:
        with zipfile.ZipFile(place) as archive:
            head, *lines = archive.read(MANIFEST).splitlines()
            said = json.loads(head)
            kept = [_kept(archive, number, json.loads(line)) for number, line in enumerate(lines)]
            return Undo(said["command"], kept, said["index"], frozenset(said["documents"]))
    except (OSError, zipfile.BadZipFile, ValueError, KeyError):
        return None


def _kept(archive: zipfile.ZipFile, number: int, entry: tuple[str, bool, bool, str | None]) -> Kept:
    path, there, executable, after = entry
    return Kept(path, File(archive.read(str(number)), executable) if there else None, after)


def _save(git_dir: Path, undo: Undo) -> None:
    place = _place(git_dir, begun=True)
    beside = place.with_name(f"undo-{os.getpid()}")
    with _told(place):
        try:
            place.parent.mkdir(exist_ok=True)
            with zipfile.ZipFile(beside, "w") as archive:
                _write(archive, undo)
            beside.replace(place)
        except OSError:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise


def _write(archive: zipfile.ZipFile, undo: Undo) -> None:
    """A line for the command, and one for each path: of a first render there are many."""
    said = {"command": undo.command, "index": list(undo.index), "documents": sorted(undo.documents)}
    with archive.open(MANIFEST, "w") as manifest:
        manifest.write(json.dumps(said).encode())
        for kept in undo.kept:
            before = kept.before
            entry = (kept.path, before is not None, before is not None and before.executable, kept.after)
            manifest.write(b"\n" + json.dumps(entry).encode())
    for number, kept in enumerate(undo.kept):
        if kept.before is not None:
            archive.writestr(str(number), kept.before.content)


def is_ours(tree: WorkTree, kept: Kept) -> bool:
    """Whether a path is as the command wrote it."""
    now = tree.read(kept.path)
    return kept.after == (None if now is None else digest(now.content))


def take_back(tree: WorkTree, undo: Undo) -> tuple[list[str], list[str]]:
    """Writes back what stood there; what people changed since, conflicts apart, stays.

    Returns:
        The paths that were written back, and those that stay.
    """
    back: list[Kept] = []
    stay: list[Kept] = []
    for kept in undo.kept:
        now = tree.read(kept.path)
        if now == kept.before:
            continue
        (back if is_ours(tree, kept) or (now and has_markers(now.content)) else stay).append(kept)
    tree.write_all([(kept.path, kept.before) for kept in back])
    return [kept.path for kept in back], [kept.path for kept in stay]


def forget(git_dir: Path) -> None:
    """Forgets the last command, when it is taken back; first what was before it, or that would be the last one."""
    for begun in (False, True):
        with _told(place := _place(git_dir, begun=begun)):
            place.unlink(missing_ok=True)
