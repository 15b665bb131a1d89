"""Options that several commands share, each said once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

T = TypeVar("T")


class OutputFormat(StrEnum):
    text = "text"
    json = "json"


Name = Annotated[str, typer.Argument(help="Its name: a DNS label.", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
Output = Annotated[OutputFormat, typer.Option("--output", "-o", help="`json` prints one document to standard output.")]
Environments = Annotated[
    list[str] | None,
    typer.Option(
        "--environment",
        "-e",
        help="Only in this environment; repeat for more. All of them unless given.",
        show_default=False,
    ),
]
Manifests = Annotated[
    Path | None,
    typer.Option(
        "--manifests",
        help="Folder with the unpacked manifests.tar.gz of the Flux release, or an overlay to be built.",
        show_default=False,
    ),
]


def split(values: list[str] | None) -> list[str]:
    """Values that may be repeated, or joined by commas, or both, as Flux takes them."""
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]


AuthorName = Annotated[str | None, typer.Option(help="Author of our commit, instead of git's.", show_default=False)]
AuthorEmail = Annotated[str | None, typer.Option(help="The author's address.", show_default=False)]
