"""Carries a plan out in a work tree: files, then deletions, then locks, each whole or not at all.

A run that is killed anywhere is finished by the next one: a lock is written only when the files that it describes
are there, so what is unfinished is still planned.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.errors import ScaffolderError
from scaffolder.paths import reason_against
from scaffolder.tree import File

if TYPE_CHECKING:
    from scaffolder.plan import Plan


@dataclass(frozen=True)
class WorkTree:
    """The files of a repository on disk. Never follows a symbolic link out of it."""

    root: Path
    git_dir: Path

    def read(self, path: str) -> File | None:
        place = self.root / path
        try:
            status = place.lstat()
            if not stat.S_ISREG(status.st_mode) or self._leads_out(path):
                return None
            return File(place.read_bytes(), bool(status.st_mode & stat.S_IXUSR))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _refused(path, error) from None

    def names(self, folder: str) -> list[str]:
        place = self.root / folder
        if folder and (place.is_symlink() or self._leads_out(folder)):
            return []
        try:
            return sorted(entry.name for entry in os.scandir(place))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise _refused(folder, error) from None

    def _leads_out(self, path: str) -> bool:
        """Whether a folder on the way is a symbolic link."""
        place = self.root
        for part in path.split("/")[:-1]:
            place /= part
            if place.is_symlink():
                return True
        return False

    def write(self, path: str, file: File | None) -> None:
        """One file, whole or not at all; None deletes it, and the folders that it leaves empty."""
        if reason := reason_against(path):
            raise ScaffolderError(f"`{path}` {reason}")
        if self._leads_out(path):
            raise ScaffolderError(f"`{path}` leads through a symbolic link", hint="replace the link by a folder")
        try:
            if file is None:
                self._delete(self.root / path)
            else:
                self._replace(self.root / path, file)
        except OSError as error:
            raise _refused(path, error) from None

    def _replace(self, place: Path, file: File) -> None:
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = self.git_dir / "scaffolder" / f"new-{os.getpid()}"
        beside.parent.mkdir(exist_ok=True)
        beside.write_bytes(file.content)
        mode = place.stat().st_mode if place.exists() else 0o666 & ~_umask()
        beside.chmod(stat.S_IMODE(mode) | (0o111 if file.executable else 0))
        try:
            beside.replace(place)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            place.write_bytes(file.content)  # the git folder is on another disk: no rename across
            beside.unlink()

    def _delete(self, place: Path) -> None:
        place.unlink(missing_ok=True)
        for parent in place.parents:
            if parent == self.root or any(parent.iterdir()):
                return
            parent.rmdir()


def _umask() -> int:
    current = os.umask(0o022)
    os.umask(current)
    return current


def _refused(path: str, error: OSError) -> ScaffolderError:
    return ScaffolderError(f"{path}: {(error.strerror or str(error)).lower()}")


def carry_out(tree: WorkTree, plan: Plan, documents: dict[str, File | None] | None = None) -> None:
    """Writes documents and files, deletes, and writes the locks last."""
    files = {**(documents or {}), **{path: change.after for path, change in plan.files.items()}}
    for path, file in in_order(files.items()):
        tree.write(path, file)
    for path, content in sorted(plan.locks.items()):
        tree.write(path, None if content is None else File(content))


def in_order(files: Iterable[tuple[str, File | None]]) -> list[tuple[str, File | None]]:
    """Writes before deletions, each by path."""
    return sorted(files, key=lambda item: (item[1] is None, item[0]))
