"""Every way a command may fail, and the exit code each one has.

ScaffolderError            hint: what to do about it
├── UsageError        2    flags that cannot be meant, a folder that is not ours
├── DocumentError     3    problems, each with file:line:column
├── TemplateError     4
├── ConflictError     5    paths, and why
├── GitError          6
├── ForgeError        7
└── ClusterError      8    a cluster, or what runs on it

0: done, or nothing to do. 1: `check` found something, or some repositories failed.
70: a bug. 130: interrupted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

OK, FOUND, BUG, INTERRUPTED = 0, 1, 70, 130
SHOWN: Final = 60  # characters of a foreign text


def printable(text: str) -> str:
    """A text on one line, with nothing in it that a terminal would obey."""
    return text if text.isprintable() else repr(text)[1:-1]


def shown(text: str) -> str:
    """A text out of somebody's file as it may stand in a message: printable, in backticks, and short."""
    line = printable(text)
    return f"`{line if len(line) <= SHOWN else line[:SHOWN] + '…'}`"


class ScaffolderError(Exception):
    """A failure that the user can do something about: one line, and a hint."""

    code = FOUND

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ScaffolderError):
    code = 2


class DocumentError(ScaffolderError):
    """One or many problems of the documents; each line says `file:line:column: what`."""

    code = 3

    def __init__(self, problems: Sequence[str], *, hint: str = "") -> None:
        super().__init__("\n".join(problems), hint=hint)
        self.problems = tuple(problems)


class TemplateError(ScaffolderError):
    code = 4


class ConflictError(ScaffolderError):
    code = 5


class GitError(ScaffolderError):
    code = 6


class ForgeError(ScaffolderError):
    code = 7


class ClusterError(ScaffolderError):
    code = 8
