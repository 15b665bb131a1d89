"""What a commit holds, as files to read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from scaffolder.git.command import Repo, run
from scaffolder.tree import File, Memory

SMALL: Final = 200_000  # bytes: read with all others at once; a larger file only when somebody asks for it
_ENTRY: Final = re.compile(
    r"(?P<mode>100644|100755) blob (?P<sha>[0-9a-f]+) +(?P<size>[0-9]+)\t(?P<path>.+)", re.DOTALL
)
_HEAD: Final = re.compile(rb"[0-9a-f]+ blob ([0-9]+)\n")


@dataclass(frozen=True)
class Commit:
    """The files of a commit; links and submodules are none."""

    repo: Repo
    name: str  # anything that git takes for a commit
    _large: dict[str, tuple[str, bool]] = field(default_factory=dict, repr=False, compare=False)  # path -> hash, mode

    def read(self, path: str) -> File | None:
        if path in self._small.files or path not in self._large:
            return self._small.read(path)
        sha, executable = self._large[path]
        return File(blobs(self.repo, [sha])[0], executable)

    def names(self, folder: str) -> list[str]:
        prefix = f"{folder}/" if folder else ""
        found = {path[len(prefix) :].partition("/")[0] for path in self._large if path.startswith(prefix)}
        return sorted({*self._small.names(folder), *found})

    @cached_property
    def _small(self) -> Memory:
        listed = run(self.repo, "ls-tree", "-r", "-l", "-z", self.name).out
        entries = [found for line in listed.split("\0") if (found := _ENTRY.fullmatch(line))]
        small = [found for found in entries if int(found["size"]) <= SMALL]
        self._large.update({e["path"]: (e["sha"], e["mode"] == "100755") for e in entries if int(e["size"]) > SMALL})
        contents = blobs(self.repo, [entry["sha"] for entry in small])
        pairs = zip(small, contents, strict=True)
        return Memory({entry["path"]: File(content, entry["mode"] == "100755") for entry, content in pairs})


def blobs(repo: Repo, hashes: list[str]) -> list[bytes]:
    """The contents of blobs, in one process."""
    answer = run(repo, "cat-file", "--batch", stdin="".join(f"{sha}\n" for sha in hashes).encode())
    rest, at, found = answer.out.encode("utf-8", "surrogateescape"), 0, []
    for _ in hashes:
        head = _HEAD.match(rest, at)
        if head is None:
            break
        end = head.end() + int(head[1])
        found.append(rest[head.end() : end])
        at = end + 1
    return found


def commit_at(repo: Repo, ref: str) -> Commit | None:
    """What a full ref, or what was fetched of it, points to; None where this repository does not have it."""
    for known in (ref, ref.replace("refs/heads/", "refs/remotes/origin/", 1)):
        answer = run(repo, "rev-parse", "--verify", "--quiet", f"{known}^{{commit}}", ok=(0, 1, 128))
        if not answer.status:
            return Commit(repo, answer.out.strip())
    return None
