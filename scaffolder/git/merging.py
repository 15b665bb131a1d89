"""Merges that are not finished: what git left of one, and the marks of a conflict in its index."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from scaffolder.git.command import Repo, run
from scaffolder.git.objects import Commit
from scaffolder.tree import File

# what git has left undone -> the commit of the other side, and how one goes on
HEADS: Final = {
    "MERGE_HEAD": ("MERGE_HEAD", "git commit --no-edit"),
    "CHERRY_PICK_HEAD": ("CHERRY_PICK_HEAD", "git cherry-pick --continue"),
    "REVERT_HEAD": ("REVERT_HEAD^", "git revert --continue"),
    "REBASE_HEAD": ("REBASE_HEAD", "git rebase --continue"),
}
SQUASHED: Final = "SQUASH_MSG"  # of a squash merge there is no head: the first commit that this file names is the tip
ABSENT: Final = "0" * 40


@dataclass(frozen=True)
class Unfinished:
    """A merge (squashed or not), cherry-pick, revert or rebase that git could not finish."""

    sides: tuple[Commit, Commit]  # ours, theirs
    stuck: frozenset[str]  # paths that git could not merge
    touched: frozenset[str]  # paths that were merged and that somebody has changed since
    go_on: str  # the command that ends it


def unfinished(repo: Repo) -> Unfinished | None:
    """What git has left undone, or None."""
    for name, (theirs, go_on) in HEADS.items():
        if (repo.git_dir / name).is_file():
            return _left(repo, theirs, go_on)
    squashed = _squashed(repo)
    return _left(repo, squashed, "git commit --no-edit") if squashed else None


def _left(repo: Repo, theirs: str, go_on: str) -> Unfinished:
    stuck = frozenset(stages(repo))
    differ = run(repo, "diff", "--no-ext-diff", "--no-relative", "--name-only", "-z").out.split("\0")
    return Unfinished(
        (Commit(repo, "HEAD"), Commit(repo, theirs)), stuck, frozenset(filter(None, differ)) - stuck, go_on
    )


def _squashed(repo: Repo) -> str:
    """The tip of what a squash merge brings, or nothing."""
    try:
        text = (repo.git_dir / SQUASHED).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    found = re.search(r"^commit ([0-9a-f]{40,64})$", text, re.MULTILINE)
    return found[1] if found else ""


def stages(repo: Repo) -> dict[str, list[str]]:
    """The paths that the index holds several sides of, with its lines for them."""
    found: dict[str, list[str]] = {}
    for line in filter(None, run(repo, "ls-files", "--unmerged", "-z").out.split("\0")):
        found.setdefault(line.partition("\t")[2], []).append(line)
    return found


def add(repo: Repo, paths: Sequence[str]) -> None:
    """Tells the index that conflicts are solved, as the work tree has it."""
    if paths:
        words = ("add", "--all", "--force", "--pathspec-from-file=-", "--pathspec-file-nul")
        run(repo, *words, stdin="\0".join(paths).encode())


def mark(repo: Repo, conflicts: Mapping[str, tuple[File, File]]) -> None:
    """Puts both sides of conflicts, ours and theirs, into the index, so that `git mergetool` works on them."""
    if not conflicts:
        return
    text = ""
    for path, files in sorted(conflicts.items()):
        text += f"0 {ABSENT}\t{path}\0"
        for stage, file in zip((2, 3), files, strict=True):
            text += f"{'100755' if file.executable else '100644'} {_stored(repo, file)} {stage}\t{path}\0"
    run(repo, "update-index", "-z", "--index-info", stdin=text.encode())


def _stored(repo: Repo, file: File) -> str:
    return run(repo, "hash-object", "-w", "--stdin", stdin=file.content).out.strip()


def unmerged(lines: Sequence[str]) -> frozenset[str]:
    """The paths of which lines of an index hold several sides."""
    parts = [line.partition("\t") for line in lines]
    return frozenset(path for entry, _, path in parts if entry.endswith((" 1", " 2", " 3")))


def indexed(repo: Repo, paths: Sequence[str]) -> list[str]:
    """The index's lines for some paths that it holds no conflicts of, for `restore`."""
    if not paths:
        return []
    known = {
        line.partition("\t")[2]: line
        for line in run(repo, "ls-files", "--stage", "-z", "--", *paths).out.split("\0")
        if line
    }
    return [known.get(path, f"0 {ABSENT}\t{path}") for path in paths]


def restore(repo: Repo, lines: Sequence[str]) -> None:
    """The index as it was at some paths."""
    if lines:
        paths = "".join(f"0 {ABSENT}\t{line.partition(chr(9))[2]}\0" for line in lines)
        run(repo, "update-index", "-z", "--index-info", stdin=(paths + "".join(f"{line}\0" for line in lines)).encode())
