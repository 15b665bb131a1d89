"""What people see. Status goes to standard error, as Flux does; data alone to standard output."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

from scaffolder.redact import redact

if TYPE_CHECKING:
    from scaffolder.report import Report

COLOURS: Final = {"✔": "\x1b[32m", "✗": "\x1b[31m", "◎": "\x1b[33m", "►": "\x1b[34m"}
PLAIN: Final = {"✔": "+", "✗": "x", "◎": "o", "►": ">", "…": "..."}  # for terminals that know no more than ASCII


@dataclass(frozen=True)
class Console:
    """`json`: standard output gets one JSON document at the end, standard error stays silent about success."""

    json: bool = False

    def step(self, line: str) -> None:
        """Says what is about to happen."""
        if not self.json:
            write(f"► {line}", sys.stderr)

    def done(self, line: str) -> None:
        if not self.json:
            write(f"✔ {line}", sys.stderr)

    def out(self, text: str) -> None:
        """Data that was asked for."""
        if not self.json:
            sys.stdout.write(text)

    def finish(self, report: Report) -> None:
        if self.json:
            sys.stdout.write(report.model_dump_json(indent=2) + "\n")
            return
        from scaffolder.report import text

        for line in text(report):
            write(line, sys.stderr)


def write(line: str, stream: TextIO) -> None:
    """One line, coloured where the terminal has colours, in letters that it can show."""
    line = redact(line)
    if line[:1] in COLOURS and stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
        line = f"{COLOURS[line[0]]}{line[0]}\x1b[0m{line[1:]}"
    try:
        line.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        for mark, plain in PLAIN.items():
            line = line.replace(mark, plain)
        line = line.encode("ascii", "replace").decode()
    stream.write(line + "\n")
