"""What the last command overwrote, kept in git's folder until the next one, so that it can be taken back."""

from __future__ import annotations

import contextlib
import io
import json
import os
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import ScaffolderError
from scaffolder.lock import digest
from scaffolder.merge import has_markers
from scaffolder.tree import File

if TYPE_CHECKING:
    from scaffolder.apply import Effect, WorkTree

MANIFEST: Final = "manifest.json"


@dataclass(frozen=True)
class Kept:
    """One path: what stood there before the command, and the digest of what it wrote (None: nothing)."""

    path: str
    before: File | None
    after: str | None


@dataclass(frozen=True)
class Undo:
    """A command that can be taken back. `ended` is false where it was killed."""

    command: str
    kept: Sequence[Kept]
    index: Sequence[str] = ()  # lines of git's index as they were
    ended: bool = False


def _place(git_dir: Path) -> Path:
    return git_dir / "scaffolder" / "undo"


def begin(tree: WorkTree, command: str, effects: Iterable[Effect]) -> Undo:
    """Keeps what the effects will overwrite; of a command that was killed before, what stood there before that one.

    Raises:
        ScaffolderError: it cannot be kept, so that nothing must be overwritten.
    """
    earlier = load(tree.git_dir)
    kept = {path: Kept(path, tree.read(path), None if file is None else digest(file.content)) for path, file in effects}
    if earlier and not earlier.ended:
        for old in earlier.kept:
            kept[old.path] = Kept(old.path, old.before, kept[old.path].after if old.path in kept else old.after)
    made = Undo(command, tuple(kept.values()), earlier.index if earlier and not earlier.ended else ())
    _save(tree.git_dir, made)
    return made


def end(git_dir: Path, undo: Undo, index: Sequence[str]) -> None:
    """Notes that the command has done all, and how git's index was."""
    _save(git_dir, Undo(undo.command, undo.kept, (*undo.index, *index), ended=True))


def load(git_dir: Path) -> Undo | None:
    """What can be taken back; None where there is nothing, or nothing that can be read."""
    try:
        with zipfile.ZipFile(_place(git_dir)) as archive:
            said = json.loads(archive.read(MANIFEST))
            kept = [_kept(archive, number, entry) for number, entry in enumerate(said["files"])]
            return Undo(said["command"], kept, said["index"], said["ended"])
    except (OSError, zipfile.BadZipFile, ValueError, KeyError):
        return None


def _kept(archive: zipfile.ZipFile, number: int, entry: dict[str, Any]) -> Kept:
    before = File(archive.read(str(number)), entry["executable"]) if entry["there"] else None
    return Kept(entry["path"], before, entry["after"])


def _save(git_dir: Path, undo: Undo) -> None:
    files = [
        {
            "path": k.path,
            "there": k.before is not None,
            "executable": bool(k.before and k.before.executable),
            "after": k.after,
        }
        for k in undo.kept
    ]
    said = {"command": undo.command, "ended": undo.ended, "index": list(undo.index), "files": files}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(MANIFEST, json.dumps(said))
        for number, kept in enumerate(undo.kept):
            if kept.before is not None:
                archive.writestr(str(number), kept.before.content)
    place = _place(git_dir)
    beside = place.with_name(f"undo-{os.getpid()}")
    try:
        place.parent.mkdir(exist_ok=True)
        beside.write_bytes(buffer.getvalue())
        beside.replace(place)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise ScaffolderError(f"{place}: {(error.strerror or str(error)).lower()}") from None


def take_back(tree: WorkTree, undo: Undo) -> tuple[list[str], list[str]]:
    """Writes back what stood there; what people changed since, conflicts apart, stays.

    Returns:
        The paths that were written back, and those that stay.
    """
    back: list[Kept] = []
    stay: list[Kept] = []
    for kept in undo.kept:
        now = tree.read(kept.path)
        ours = kept.after == (None if now is None else digest(now.content))
        if now == kept.before:
            continue
        (back if ours or (now and has_markers(now.content)) else stay).append(kept)
    tree.write_all([(kept.path, kept.before) for kept in back])
    return [kept.path for kept in back], [kept.path for kept in stay]


def forget(git_dir: Path) -> None:
    _place(git_dir).unlink(missing_ok=True)
