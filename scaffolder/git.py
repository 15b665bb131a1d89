"""The only room that knows git's command line. Runs through GitPython, never through its index or work-tree classes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from scaffolder.errors import GitError, UsageError
from scaffolder.redact import redact
from scaffolder.tree import File

MINIMUM: Final = (2, 34)
INSTALL: Final = "install git 2.34 or newer"


@dataclass(frozen=True)
class Repo:
    """A repository; `root` is its work tree, None for a bare one."""

    git_dir: Path
    root: Path | None = None


@dataclass(frozen=True)
class Person:
    name: str
    email: str


@dataclass(frozen=True)
class Commit:
    """What one commit changes: files to write, None for those to delete."""

    message: str  # exactly these bytes: no newline is added
    author: Person
    files: Mapping[str, File | None] = field(repr=False)


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str


def run(repo: Repo | None, *words: str, ok: Sequence[int] = (0,), stdin: bytes = b"") -> Answer:
    """One git command, in a repository or (None) in none.

    Raises:
        GitError: git is missing, or ended with a status that is not in `ok`.
    """
    git, missing = _gitpython()
    with tempfile.TemporaryFile() as source:
        source.write(stdin)
        source.seek(0)
        try:
            status, out, err = git(str((repo.root or repo.git_dir) if repo else Path.cwd())).execute(
                ["git", *_folders(repo), *words],
                istream=source,
                env=_environment(repo),
                with_extended_output=True,
                with_exceptions=False,
                strip_newline_in_stdout=False,
            )
        except missing:
            raise GitError("git is not installed", hint=INSTALL) from None
    answer = Answer(int(status), _text(out), _text(err))
    if answer.status not in ok:
        raise GitError(f"git {words[0]} failed: {_reason(answer)}")
    return answer


def _folders(repo: Repo | None) -> list[str]:
    """The folders said outright: inside a hook, git's environment names those of another repository."""
    if repo is None:
        return []
    return [f"--git-dir={repo.git_dir}", *([f"--work-tree={repo.root}"] if repo.root else [])]


def _environment(repo: Repo | None) -> dict[str, str]:
    index = {"GIT_INDEX_FILE": str(repo.git_dir / "index")} if repo else {}
    return {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **index}


def _gitpython() -> tuple[Any, Any]:
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # else the import itself fails without git
    from git import Git, GitCommandNotFound  # noqa: PLC0415  it takes 70 ms, and most commands never need it

    return Git, GitCommandNotFound


def _text(output: Any) -> str:
    return output.decode("utf-8", "replace") if isinstance(output, bytes) else str(output)


def _reason(answer: Answer) -> str:
    lines = [line for line in (answer.err or answer.out).splitlines() if line.strip() and not line.startswith("hint:")]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    first = (fatal or lines or [f"status {answer.status}"])[0]
    return redact(first.removeprefix("fatal: ").removeprefix("error: "))


def find(start: Path) -> Repo:
    """The repository that a folder is in.

    Raises:
        UsageError: it is in none.
    """
    for folder in (start, *start.parents):
        place = folder / ".git"
        if place.is_dir():
            return Repo(place, folder)
        if place.is_file():  # a worktree or submodule: the file names the folder
            named = place.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
            return Repo((folder / named).resolve(), folder)
    raise UsageError(f"{start} is not in a git repository", hint="`scaffolder new DIR` makes one")


def check_version() -> None:
    """Raises `GitError` where git is missing or too old."""
    version = run(None, "version").out.split()[2]
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < MINIMUM:
        raise GitError(f"git {version} is too old", hint=INSTALL)


def identity(repo: Repo) -> Person:
    """Who git would commit as.

    Raises:
        GitError: it does not know.
    """
    answer = run(repo, "var", "GIT_AUTHOR_IDENT", ok=range(256))
    name, mark, rest = answer.out.partition(" <")
    if answer.status or not mark:
        hint = "set git's user.name and user.email, or give --author-name and --author-email"
        raise GitError("git does not know who you are", hint=hint)
    return Person(name, rest.partition(">")[0])


def init(repo: Repo, branch: str) -> None:
    repo.git_dir.mkdir(parents=True, exist_ok=True)
    run(Repo(repo.git_dir), "init", "--quiet", "--bare", f"--initial-branch={branch}")
    if repo.root is not None:
        run(Repo(repo.git_dir), "config", "core.bare", "false")  # a folder not named .git would stay bare


def merge_file(ours: str, base: str, theirs: str) -> tuple[str, bool]:
    """`git merge-file`: the merged text, and whether it is without conflict."""
    names = ("yours", "base", "template")
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder, name) for name in names]
        for place, text in zip(places, (ours, base, theirs), strict=True):
            place.write_text(text, encoding="utf-8")
        labels = [word for name in names for word in ("-L", name)]
        words = ["-c", "merge.conflictStyle=merge", "merge-file", "-p", *labels, *map(str, places)]
        answer = run(None, *words, ok=range(128))
    return answer.out, answer.status == 0


def commit(repo: Repo, branch: str, commits: Sequence[Commit]) -> list[str]:
    """Makes commits on a branch, on top of what it has, without touching the work tree; returns their hashes.

    Through `git fast-import`: one process, exact bytes, no hooks, no ignore rules.
    """
    parent = tip(repo, branch)
    stream = b"".join(_stream(branch, made, parent if number == 0 else None) for number, made in enumerate(commits))
    run(repo, "fast-import", "--quiet", "--date-format=now", stdin=stream + b"done\n")
    return run(repo, "rev-list", f"--max-count={len(commits)}", f"refs/heads/{branch}").out.split()[::-1]


def _stream(branch: str, made: Commit, parent: str | None) -> bytes:
    message = made.message.encode()
    who = f"{made.author.name} <{made.author.email}> now"
    head = f"commit refs/heads/{branch}\nauthor {who}\ncommitter {who}\ndata {len(message)}\n".encode()
    before = f"from {parent}\n".encode() if parent else b""
    return head + message + b"\n" + before + b"".join(_change(path, file) for path, file in sorted(made.files.items()))


def _change(path: str, file: File | None) -> bytes:
    quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if file is None:
        return f"D {quoted}\n".encode()
    mode = "100755" if file.executable else "100644"
    return f"M {mode} inline {quoted}\ndata {len(file.content)}\n".encode() + file.content + b"\n"


def tip(repo: Repo, branch: str) -> str | None:
    """The commit that a branch is at, or None where there is no such branch."""
    answer = run(repo, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}", ok=(0, 1, 128))
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


def remote_tip(repo: Repo, url: str, branch: str) -> str | None:
    """The commit that a branch of another repository is at."""
    return run(repo, "ls-remote", "--heads", url, f"refs/heads/{branch}").out.split("\t")[0].strip() or None


def clone(repo: Repo, url: str, branch: str) -> None:
    """A full clone of one branch; of an empty repository, an empty one on that branch."""
    init(repo, branch)
    if remote_tip(repo, url, branch):
        run(repo, "fetch", "--quiet", "--no-tags", "--update-head-ok", url, f"+refs/heads/{branch}:refs/heads/{branch}")
        fill(repo)


def push(repo: Repo, url: str, branch: str) -> None:
    """Pushes a branch; never forces.

    Raises:
        GitError: the other side has commits that we do not have, or refuses.
    """
    answer = run(repo, "push", "--quiet", url, f"refs/heads/{branch}:refs/heads/{branch}", ok=range(256))
    if answer.status and ("non-fast-forward" in answer.err or "fetch first" in answer.err):
        hint = f"git pull --rebase {redact(url)} {branch}, then run this again"
        raise GitError(f"`{branch}` has commits there that are not here", hint=hint)
    if answer.status:
        raise GitError(f"git push failed: {_reason(answer)}")


def set_origin(repo: Repo, url: str, branch: str) -> bool:
    """Makes a URL the remote `origin` where there is none, and its branch what ours follows; says if it was news."""
    known = run(repo, "remote", "get-url", "origin", ok=(0, 2, 128))
    if known.status == 0 and known.out.strip() != url:
        return False  # somebody's own choice
    if known.status:
        run(repo, "remote", "add", "origin", url)
    run(repo, "fetch", "--quiet", "--no-tags", "origin", f"+refs/heads/{branch}:refs/remotes/origin/{branch}")
    run(repo, "branch", "--quiet", f"--set-upstream-to=origin/{branch}", branch)
    return bool(known.status)
