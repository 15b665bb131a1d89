"""Files as values: what a repository should hold, before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class File:
    """The content of a regular file, and whether git marks it executable."""

    content: bytes
    executable: bool = False


Tree = Mapping[str, File]  # path relative to the repository's root, POSIX


class Source(Protocol):
    """Something that files can be read from: a work tree, a commit, or a tree in memory."""

    def read(self, path: str) -> File | None:
        """The file, or None where there is none."""

    def names(self, folder: str) -> list[str]:
        """The names of the files and folders in a folder, sorted; none where it does not exist."""


@dataclass(frozen=True)
class Memory:
    """A tree in memory as a source, over another one: None stands for a deleted file."""

    files: Mapping[str, File | None]
    below: Source | None = None

    def read(self, path: str) -> File | None:
        if path in self.files or self.below is None:
            return self.files.get(path)
        return self.below.read(path)

    def names(self, folder: str) -> list[str]:
        prefix = f"{folder}/" if folder else ""
        found = set(self.below.names(folder)) if self.below else set()
        for path, file in self.files.items():
            if path.startswith(prefix):
                name, _, rest = path[len(prefix) :].partition("/")
                if file is not None:
                    found.add(name)
                elif not rest:
                    found.discard(name)
        return sorted(found)
