"""What is wrong with documents that flags have written is wrong with the flags, and told in their words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from scaffolder.errors import DocumentError, UsageError, shown
from scaffolder.spec.types import label
from scaffolder.yamlio import YamlError, load

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.cli.work.session import Documents

PLACED: Final = re.compile(r"(?P<file>.+?):(?P<line>\d+):\d+: (?P<message>.*)")


def named(kind: str, name: str, hint: str = "") -> str:
    """A name from the command line, if it can be one.

    Raises:
        UsageError: it is no DNS label.
    """
    try:
        return label(name)
    except ValueError as error:
        raise UsageError(f"{shown(name)} cannot be the name of {kind}: it {error}", hint=hint) from None


@contextmanager
def of_flags(written: Documents) -> Iterator[None]:
    """Turns problems of documents that are in no file yet into problems of the flags that they come from.

    Raises:
        UsageError: only such documents have problems.
        DocumentError: others have, too.
    """
    try:
        yield
    except DocumentError as error:
        places = [PLACED.fullmatch(line) for line in error.problems]
        lines = [_told(written, line, place) for line, place in zip(error.problems, places, strict=True)]
        if all(place and place["file"] in written for place in places):
            raise UsageError("\n".join(lines)) from None
        raise DocumentError(lines, hint=error.hint) from None


@contextmanager
def of_copy(path: str, original: Path | None) -> Iterator[None]:
    """Problems of a document that is taken from a file are told with the file's name.

    Raises:
        DocumentError: the same problems.
    """
    try:
        yield
    except DocumentError as error:
        lines = [line.replace(f"{path}:", f"{original}:", 1) if original else line for line in error.problems]
        raise DocumentError(lines, hint=error.hint) from None


def _told(written: Documents, line: str, place: re.Match[str] | None) -> str:
    """A problem without its place, which nobody could look up, but with its document's kind and name."""
    file = written.get(place["file"]) if place else None
    if place is None or file is None:
        return line
    try:
        before = [found.data for found in load(file.content) if found.start.line <= int(place["line"])]
    except YamlError:
        before = []
    return f"{before[-1]['kind']} `{before[-1]['name']}`: {place['message']}" if before else place["message"]
