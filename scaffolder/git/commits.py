"""Commits made straight in the object store: one process, exact bytes, no hooks, no ignore rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from scaffolder.errors import GitError
from scaffolder.git.command import Repo, run
from scaffolder.git.repository import tip
from scaffolder.git.signing import Signer
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


def commit(repo: Repo, branch: str, commits: Sequence[Commit], signer: Signer | None = None) -> list[str]:
    """Makes commits on a branch, on top of what it has, without touching the work tree; returns their hashes.

    Through `git fast-import`: one process, exact bytes, no hooks, no ignore rules. It cannot sign: that comes after it.
    """
    parent, marks = tip(repo, branch), _marks(commits)
    texts = [_commit(branch, commit, marks, parent if number == 0 else None) for number, commit in enumerate(commits)]
    blobs = [b"blob\nmark :%d\ndata %d\n%b\n" % (mark, len(content), content) for content, mark in marks.items()]
    run(repo, "fast-import", "--quiet", "--date-format=now", stdin=b"".join([*blobs, *texts, b"done\n"]))
    made = run(repo, "rev-list", f"--max-count={len(commits)}", f"refs/heads/{branch}").out.split()[::-1]
    return _signed(repo, branch, made, signer) if signer else made


def _signed(repo: Repo, branch: str, commits: Sequence[str], signer: Signer) -> list[str]:
    """Puts signed commits in the place of the last ones of a branch, which are the same otherwise."""
    made: dict[str, str] = {}  # unsigned -> signed
    for name in commits:
        text = run(repo, "cat-file", "commit", name).out
        head, _, message = text.partition("\n\n")
        for old, new in made.items():
            head = head.replace(f"\nparent {old}\n", f"\nparent {new}\n")
        signature = signer(f"{head}\n\n{message}".encode()).replace("\n", "\n ")
        signed = f"{head}\ngpgsig {signature}\n\n{message}".encode()
        made[name] = run(repo, "hash-object", "-t", "commit", "-w", "--stdin", stdin=signed).out.strip()
    run(repo, "update-ref", f"refs/heads/{branch}", made[commits[-1]], commits[-1])
    return list(made.values())


def _marks(commits: Sequence[Commit]) -> dict[bytes, int]:
    """A number for each content: what a thousand clusters have is sent once."""
    contents = {file.content for made in commits for file in made.files.values() if file is not None}
    return {content: number for number, content in enumerate(sorted(contents), 1)}


def _commit(branch: str, made: Commit, marks: Mapping[bytes, int], parent: str | None) -> bytes:
    message = made.message.encode()
    who = f"{made.author.name} <{made.author.email}> now"
    head = f"commit refs/heads/{branch}\nauthor {who}\ncommitter {who}\ndata {len(message)}\n".encode()
    before = f"\nfrom {parent}\n" if parent else "\n"
    changes = "".join(_change(path, file, marks) for path, file in sorted(made.files.items()))
    return head + message + f"{before}{changes}".encode()


def _change(path: str, file: File | None, marks: Mapping[bytes, int]) -> str:
    if reason := reason_against(path):
        raise GitError(f"`{path}` {reason}")
    quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if file is None:
        return f"D {quoted}\n"
    return f"M {'100755' if file.executable else '100644'} :{marks[file.content]} {quoted}\n"
