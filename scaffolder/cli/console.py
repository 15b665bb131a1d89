"""What people see. Status goes to standard error, as Flux does; data alone to standard output."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from scaffolder.errors import ScaffolderError, printable
from scaffolder.redact import redact

if TYPE_CHECKING:
    from scaffolder.report import Made, Report

COLOURS: Final = {"✔": "\x1b[32m", "✗": "\x1b[31m", "◎": "\x1b[33m", "►": "\x1b[34m"}
PLAIN: Final = {"✔": "+", "✗": "x", "◎": "o", "►": ">", "…": "..."}  # for terminals that know no more than ASCII


@dataclass(frozen=True)
class Console:
    """`json`: standard output gets one JSON document at the end, standard error stays silent.

    `folder` is where a command looks for its repository; the working directory, unless it is to be another. `made` is
    what has been done on a forge up to now, which people have to know also of a command that fails.
    """

    json: bool = False
    folder: Path | None = None
    made: list[Made] = field(default_factory=list)

    @property
    def place(self) -> Path:
        return self.folder or Path.cwd()

    def step(self, line: str) -> None:
        """Says what is about to happen."""
        if not self.json:
            status(f"► {line}")

    def done(self, line: str) -> None:
        if not self.json:
            status(f"✔ {line}")

    def record(self, action: str, kind: str, name: str) -> None:
        """Keeps what was just done on a forge; what was there already is nothing done."""
        from scaffolder.report import Made

        made = Made.model_validate({"action": action, "kind": kind, "name": name})
        if made.action != "unchanged" and made not in self.made:
            self.made.append(made)

    def out(self, text: str) -> None:
        """Data that was asked for."""
        if not self.json:
            data(text)

    def finish(self, report: Report) -> None:
        from scaffolder.report import json, text

        if self.json:
            data(json(report))
            return
        for line in text(report):
            status(line)


def status(line: str) -> None:
    """One line on standard error, coloured where there are colours, in letters that it can show.

    Whoever stops reading (`2>&1 | head`) stops nothing: the work goes on.
    """
    stream = sys.stderr
    if stream is None:  # closed by the caller
        return
    line = printable(redact(line))
    if line[:1] in COLOURS and _has_colours(stream):
        line = f"{COLOURS[line[0]]}{line[0]}\x1b[0m{line[1:]}"
    try:
        stream.write(_spelt(line, stream.encoding) + "\n")
        stream.flush()
    except OSError:
        _give_up(stream)


def data(text: str) -> None:
    """Data on standard output.

    Raises:
        ScaffolderError: it cannot be written, for another reason than that nobody reads on.
    """
    stream = sys.stdout
    if stream is None:
        return
    try:
        stream.write(_spelt(text, stream.encoding))
        stream.flush()
    except BrokenPipeError:
        _give_up(stream)
    except OSError as error:
        _give_up(stream)
        raise ScaffolderError(f"standard output cannot be written: {(error.strerror or '').lower()}") from None


def _has_colours(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _spelt(text: str, encoding: str | None) -> str:
    """The text in letters that an encoding has."""
    try:
        text.encode(encoding or "utf-8")
    except UnicodeEncodeError:
        for mark, plain in PLAIN.items():
            text = text.replace(mark, plain)
        return text.encode("ascii", "replace").decode()
    return text


def _give_up(stream: TextIO) -> None:
    """Sends what is still to be written nowhere, also what Python writes when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
