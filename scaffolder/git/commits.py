"""Commits made straight in the object store: one process, exact bytes, no hooks, no ignore rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scaffolder.errors import GitError
from scaffolder.git.command import Repo, run
from scaffolder.git.repository import tip
from scaffolder.paths import reason_against
from scaffolder.tree import File


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
    if reason := reason_against(path):
        raise GitError(f"`{path}` {reason}")
    quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if file is None:
        return f"D {quoted}\n".encode()
    mode = "100755" if file.executable else "100644"
    return f"M {mode} inline {quoted}\ndata {len(file.content)}\n".encode() + file.content + b"\n"
