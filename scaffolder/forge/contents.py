"""Commits without git: what a branch holds is read, and what it gets is made, through a forge's API."""

from __future__ import annotations

import hashlib
import io
import tarfile
from typing import TYPE_CHECKING, Protocol

from scaffolder.errors import ForgeError
from scaffolder.git.remote import BehindError
from scaffolder.tree import File

if TYPE_CHECKING:
    from scaffolder.forge.base import Hosted
    from scaffolder.git import Commit
    from scaffolder.tree import Source, Tree


class Contents(Protocol):
    """The branches of a forge's repositories, and the files of their commits."""

    def default_branch(self, hosted: Hosted) -> str | None:
        """The branch that a clone would check out; None where there is no commit yet. Reads only."""

    def tip(self, hosted: Hosted, branch: str) -> str | None:
        """The commit that a branch is at, None where there is no such branch. Reads only."""

    def files(self, hosted: Hosted, commit: str) -> Tree:
        """The regular files of a commit. Reads only.

        Raises:
            ForgeError: they cannot all be had.
        """

    def start(self, hosted: Hosted, branch: str, commit: str) -> None:
        """Makes a new branch, at a commit that is there."""

    def commit(self, hosted: Hosted, branch: str, parent: str | None, wanted: Commit, before: Source) -> str:
        """Makes a commit on a branch, and says its hash.

        An author without an address gets the one of the token's user.

        Args:
            hosted: the repository.
            branch: it is there, unless the repository has no commit at all.
            parent: the commit that the branch is at, None in an empty repository.
            wanted: what the commit changes.
            before: the files of the parent.

        Raises:
            BehindError: the branch is elsewhere by now; what was made is on top of that, or nothing was made.
            ForgeError: it is refused.
        """


def moved(branch: str) -> BehindError:
    """Others were faster."""
    return BehindError(f"`{branch}` has got other commits meanwhile", hint="run this again")


def blob(file: File) -> str:
    """Git's hash of a content."""
    return hashlib.sha1(b"blob %d\0" % len(file.content) + file.content, usedforsecurity=False).hexdigest()


def unpacked(archive: bytes) -> Tree:
    """The files of a forge's tar.gz, which has all in one folder.

    Raises:
        ForgeError: it is none, or files may be missing from it, or be others.
    """
    found = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
            for entry in filter(tarfile.TarInfo.isreg, tar):
                content = tar.extractfile(entry)
                path = entry.name.partition("/")[2]
                found[path] = File(content.read() if content else b"", bool(entry.mode & 0o100))
    except (tarfile.TarError, OSError, EOFError):
        raise ForgeError("the forge's archive of the repository cannot be read", hint="--transport=https") from None
    for path, file in found.items():
        if path.rpartition("/")[2] == ".gitattributes" and b"export-" in file.content:
            message = f"{path} keeps files out of archives, which is what --transport=api reads"
            raise ForgeError(message, hint="--transport=https reads all")
    return found
