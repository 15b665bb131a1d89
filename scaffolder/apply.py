"""Carries a plan out in a work tree: documents, files, deletions, then locks, each whole or not at all.

What cannot be written is found before anything is. A run that is killed anywhere is finished by the next one: a lock
is written only when the files that it describes are there, so what is unfinished is still planned.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.errors import ScaffolderError
from scaffolder.paths import reason_against
from scaffolder.tree import File

if TYPE_CHECKING:
    from scaffolder.plan import Plan

Effect = tuple[str, File | None]  # a path, and what is to stand there; None: nothing

_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # neither through a link nor waiting at a pipe
_ABSENT: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO})
_EFFECTIVE: Final = os.access in os.supports_effective_ids


@dataclass(frozen=True)
class WorkTree:
    """The files of a repository on disk. Never follows a symbolic link out of it."""

    root: Path
    git_dir: Path
    _inside: set[str] = field(default_factory=lambda: {""}, repr=False, compare=False)  # folders that are no links
    _made: set[str] = field(default_factory=set, repr=False, compare=False)  # folders that are there

    def read(self, path: str) -> File | None:
        if not self._is_inside(path.rpartition("/")[0]):
            return None
        try:
            return _read(f"{self.root}/{path}")
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise _refused(path, error) from None

    def names(self, folder: str) -> list[str]:
        if not self._is_inside(folder):
            return []
        try:
            return sorted(entry.name for entry in os.scandir(f"{self.root}/{folder}"))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise _refused(folder or ".", error) from None

    def _is_inside(self, folder: str) -> bool:
        """Whether neither a folder nor any above it is a symbolic link."""
        if folder in self._inside:
            return True
        if not self._is_inside(folder.rpartition("/")[0]) or (self.root / folder).is_symlink():
            return False
        self._inside.add(folder)
        return True

    def write(self, path: str, file: File | None) -> None:
        """One file, whole or not at all; None deletes it, and the folders that it leaves empty."""
        self.write_all([(path, file)])

    def write_all(self, effects: Sequence[Effect]) -> None:
        """Several files, in this order.

        Raises:
            ScaffolderError: one cannot be written; where that can be known, before any is.
        """
        self.refuse(path for path, _ in effects)
        for path, file in effects:
            try:
                if file is None:
                    self._delete(path)
                else:
                    self._replace(path, file)
            except OSError as error:
                raise _refused(path, error) from None

    def refuse(self, paths: Iterable[str]) -> None:
        """Raises `ScaffolderError` where one of the paths cannot be written."""
        seen: set[str] = set()
        for path in paths:
            folder = path.rpartition("/")[0]
            if reason := reason_against(path):
                raise ScaffolderError(f"`{path}` {reason}")
            if not self._is_inside(folder):
                raise ScaffolderError(f"{path} leads through a symbolic link", hint="replace the link by a folder")
            mode = _mode(f"{self.root}/{path}")
            if mode is not None and not stat.S_ISREG(mode):
                raise ScaffolderError(f"{path} is in the way: it is {_kind(mode)}", hint="move it away")
            self._refuse_folder(folder, seen)

    def _refuse_folder(self, folder: str, seen: set[str]) -> None:
        """Refuses a folder that we cannot make or put files into; those seen before are not looked at again."""
        while folder not in seen:
            seen.add(folder)
            mode = _mode(f"{self.root}/{folder}")
            if mode is None:
                folder = folder.rpartition("/")[0]
            elif not stat.S_ISDIR(mode):
                raise ScaffolderError(f"{folder} is in the way: it is no folder", hint="move it away")
            elif not os.access(f"{self.root}/{folder}", os.W_OK | os.X_OK, effective_ids=_EFFECTIVE):
                raise ScaffolderError(f"{folder or self.root}: permission denied")

    def _replace(self, path: str, file: File) -> None:
        folder, place = path.rpartition("/")[0], f"{self.root}/{path}"
        if folder not in self._made:
            self._beside.parent.mkdir(exist_ok=True)
            (self.root / folder).mkdir(parents=True, exist_ok=True)
            self._made.add(folder)
        try:
            _put(self._beside, place, file)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            _put(
                Path(f"{self.root}/{folder}/.scaffolder-{os.getpid()}"), place, file
            )  # git's folder is on another disk

    @cached_property
    def _beside(self) -> Path:
        """Where a file is written before it is renamed: in the git folder, so that nobody ever adds it."""
        return self.git_dir / "scaffolder" / f"new-{os.getpid()}"

    def _delete(self, path: str) -> None:
        (self.root / path).unlink(missing_ok=True)
        while path := path.rpartition("/")[0]:
            try:
                (self.root / path).rmdir()
            except FileNotFoundError:
                continue
            except OSError:  # not empty
                return
            self._made.discard(path)


def _read(place: str) -> File | None:
    descriptor = os.open(place, _READ)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None
        content = os.read(descriptor, status.st_size)
        while len(content) < status.st_size and (more := os.read(descriptor, status.st_size)):
            content += more
        return File(content, bool(status.st_mode & stat.S_IXUSR))
    finally:
        os.close(descriptor)


def _put(beside: Path, place: str, file: File) -> None:
    """A file written beside and renamed, with the mode of what stands there, or as the umask has it."""
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o777 if file.executable else 0o666)
        with os.fdopen(descriptor, "wb") as target:
            if (mode := _mode(place)) is not None:
                os.fchmod(descriptor, _with_x(stat.S_IMODE(mode), executable=file.executable))
            target.write(file.content)
        os.replace(beside, place)  # noqa: PTH105  a Path would make another one of each place
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _mode(place: str) -> int | None:
    """The mode of what stands at a place itself, not of what it links to."""
    try:
        return os.lstat(place).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None


def _with_x(mode: int, *, executable: bool) -> int:
    """The mode of a file that those who may read it may also run, or that nobody may."""
    return mode | (mode & 0o444) >> 2 if executable else mode & ~0o111


def _kind(mode: int) -> str:
    return "a folder" if stat.S_ISDIR(mode) else "a symbolic link" if stat.S_ISLNK(mode) else "no regular file"


def _refused(path: str, error: OSError) -> ScaffolderError:
    failed = str(error.filename2 or error.filename or path)
    return ScaffolderError(f"{path if failed.endswith(path) else failed}: {(error.strerror or str(error)).lower()}")


def carry_out(tree: WorkTree, plan: Plan, documents: Mapping[str, File | None] | None = None) -> None:
    """Writes documents first, so that `sync` can finish what follows from them, and locks last.

    Raises:
        ScaffolderError: something cannot be written; where that can be known, before anything is.
    """
    tree.write_all(effects(plan, documents))


def effects(plan: Plan, documents: Mapping[str, File | None] | None = None) -> list[Effect]:
    """All that carrying a plan out writes, in the order in which it is written.

    Documents keep theirs: a command gives those first that others need, so that all that is there is always right.
    """
    files = ((path, change.after) for path, change in plan.files.items())
    marks = ((path, None if lock is None else File(lock)) for path, lock in plan.locks.items())
    return [*_in_order((documents or {}).items()), *_in_order(sorted(files)), *_in_order(sorted(marks))]


def _in_order(effects: Iterable[Effect]) -> list[Effect]:
    """Writes before deletions, else as they come."""
    return sorted(effects, key=lambda effect: effect[1] is None)
