"""What there is to know and to do about the repository itself."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from scaffolder.errors import GitError, UsageError
from scaffolder.git.command import INSTALL, Repo, run

MINIMUM: Final = (2, 34)


def find(start: Path) -> Repo:
    """The repository that a folder is in.

    Raises:
        UsageError: it is in none.
    """
    for folder in (start, *start.parents):
        place = folder / ".git"
        if place.is_file():  # a worktree or submodule: the file names the folder
            named = place.read_text(encoding="utf-8", errors="replace").removeprefix("gitdir:").strip()
            if not _is_repository(folder / named):
                raise UsageError(f"{place} names no git repository")
            place = folder / named
        if _is_repository(place):
            return Repo(place, folder)
    raise UsageError(f"{start} is not in a git repository", hint="`scaffolder new DIR` makes one")


def _is_repository(place: Path) -> bool:
    return (place / "HEAD").is_file() or (place / "HEAD").is_symlink()


def is_sparse(repo: Repo) -> bool:
    """Whether a part of the files is left out of the work tree."""
    if not (repo.git_dir / "info" / "sparse-checkout").is_file():
        return False
    return run(repo, "config", "--bool", "core.sparseCheckout", ok=(0, 1)).out.strip() == "true"


def check_version() -> None:
    """Raises `GitError` where git is missing or too old."""
    version = run(None, "version").out.strip()
    found = re.match(r"git version (\d+)\.(\d+)", version)
    if not found or (int(found[1]), int(found[2])) < MINIMUM:
        raise GitError(f"{version} is too old", hint=INSTALL)


def init(repo: Repo, branch: str) -> None:
    """An empty repository. A bare one is a forge's: it gets none of the user's own hooks, and heeds none."""
    repo.git_dir.mkdir(parents=True, exist_ok=True)
    bare = [] if repo.root else ["--template="]
    run(Repo(repo.git_dir), "init", "--quiet", "--bare", "--object-format=sha1", f"--initial-branch={branch}", *bare)
    if repo.root is None:
        run(repo, "config", "core.hooksPath", "hooks")
    else:
        run(Repo(repo.git_dir), "config", "core.bare", "false")  # a folder not named .git would stay bare


def as_committed(repo: Repo) -> None:
    """Files will be as they were committed, whatever line endings and filters people want to see in theirs."""
    attributes = repo.git_dir / "info" / "attributes"
    attributes.parent.mkdir(parents=True)
    attributes.write_text("* -text -filter -ident -working-tree-encoding\n", encoding="utf-8")


def merge_file(ours: str, base: str, theirs: str) -> tuple[str, bool]:
    """`git merge-file`: the merged text, and whether it is without conflict."""
    names = ("yours", "base", "template")
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, name) for name in names]
        for place, text in zip(places, (ours, base, theirs), strict=True):
            place.write_text(text, encoding="utf-8")
        labels = [word for name in names for word in ("-L", name)]
        answer = run(None, "merge-file", "-p", *labels, *map(str, places), ok=range(128))
    return answer.out, answer.status == 0


def tip(repo: Repo, branch: str) -> str | None:
    """The commit that a branch is at, or None where there is no such branch."""
    answer = run(repo, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}", ok=(0, 1))
    return answer.out.strip() or None


def current_branch(repo: Repo) -> str | None:
    """The branch that is checked out; None on a detached HEAD."""
    return run(repo, "symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1)).out.strip() or None


def fill(repo: Repo) -> None:
    """Makes index and work tree what HEAD has."""
    run(repo, "reset", "--quiet", "--hard")


def refresh(repo: Repo, paths: Sequence[str]) -> None:
    """Makes the index what HEAD has, at some paths."""
    words = ["reset", "--quiet", "--pathspec-from-file=-", "--pathspec-file-nul"]
    run(repo, *words, stdin="\0".join(paths).encode(), ok=(0, 1))


def changed(repo: Repo, paths: Sequence[str]) -> list[str]:
    """Those of the paths (files or folders) that differ from HEAD in index or work tree, untracked ones included."""
    answer = run(repo, "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", *paths)
    return sorted(entry[3:] for entry in answer.out.split("\0") if entry)
