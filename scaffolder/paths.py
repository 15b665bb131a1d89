"""Paths inside a repository: relative, POSIX, and never a way out of it."""

from __future__ import annotations

import posixpath
from typing import Final

MAX_NAME: Final = 255  # bytes, of one segment, on every file system in use
MAX_PATH: Final = 4000


def reason_against(path: str) -> str:
    """Why a path cannot be one of the repository's own files; empty where it can.

    `path` is POSIX and relative to the repository's root.
    """
    parts = path.split("/")
    if not path or any(part in {"", ".", ".."} for part in parts) or "\\" in path:
        return "must be relative and normal, without `..`, `.`, `//` or backslashes"
    if not path.isprintable():
        return "holds characters that cannot be printed"
    if any(is_git(part) for part in parts):
        return "leads into .git"
    if len(path.encode()) > MAX_PATH or any(len(part.encode()) > MAX_NAME for part in parts):
        return "is longer than file systems allow"
    return ""


def is_git(part: str) -> bool:
    """Whether a segment is git's own folder, also where case, and what follows a colon, dots or spaces, is nothing."""
    return part.partition(":")[0].rstrip(". ").lower() in {".git", "git~1"}


def normal(path: str) -> str:
    """A path as `flux bootstrap --path` takes it: `/`, `.` and empty are the root (""), `../x` is `x`."""
    return posixpath.normpath("/" + path.replace("\\", "/")).strip("/")


def up(folder: str) -> str:
    """The way from a folder back to the root: `clusters/prod` -> `../../`, the root -> ``."""
    return "../" * len([part for part in folder.split("/") if part])
