"""Locks that are not as they were written: told with their place, and with the way out."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from scaffolder import lock as locks
from scaffolder.merge import has_markers
from scaffolder.report import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.plan import Plan
    from scaffolder.tree import Source

HINT: Final = (
    "`scaffolder sync` writes it anew; if files are in conflict then, `scaffolder adopt` takes them as they are"
)


def damaged(before: Source, todo: Plan) -> Iterator[Finding]:
    """The locks that a plan writes anew and that nobody would have written like this; not those git was stuck in."""
    for path in sorted(todo.locks.keys() - set(todo.solved)):
        file = before.read(path)
        line = _wrong(file.content, path) if file else 0
        if file and line:
            what = "holds git's conflict markers" if has_markers(file.content) else "is damaged"
            yield Finding(level="note", code="lock", path=path, line=line, message=f"this lock {what}", hint=HINT)


def _wrong(content: bytes, path: str) -> int:
    """The first line that is not as it would be written; 0 where all are."""
    there = content.replace(b"\r\n", b"\n").split(b"\n")
    meant = locks.dump(locks.parse(content, path)).split(b"\n")
    pairs = enumerate(zip_longest(there, meant), start=1)
    return next((number for number, (one, other) in pairs if one != other), 0)
