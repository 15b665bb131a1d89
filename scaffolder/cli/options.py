"""Options that several commands share, each said once."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

import inspect
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Annotated, Any

import typer


class OutputFormat(StrEnum):
    text = "text"
    json = "json"


Name = Annotated[str, typer.Argument(metavar="NAME", help="Its name: a DNS label.", show_default=False)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
Output = Annotated[
    OutputFormat,
    typer.Option(
        "--output", "-o", metavar="FORMAT", show_default=False, help="text, or json: one document on stdout. [text]"
    ),
]
Environments = Annotated[
    list[str] | None,
    typer.Option("--environment", "-e", metavar="ENV", help="Only in this environment; repeat for more. [all]"),
]
Clusters = Annotated[
    list[str] | None,
    typer.Option("--cluster", "-c", metavar="CLUSTER", help="Only on this single cluster; repeat for more."),
]
Manifests = Annotated[
    str | None,
    typer.Option(
        metavar="WHERE",
        help="Flux's manifests: a release's manifests.tar.gz, its URL or its unpacked folder, or an overlay to build.",
    ),
]
AuthorName = Annotated[str | None, typer.Option(metavar="NAME", help="Author of our commit. [git's user.name]")]
AuthorEmail = Annotated[str | None, typer.Option(metavar="EMAIL", help="The author's address. [git's user.email]")]


def split(values: list[str] | None) -> list[str]:
    """Values that may be repeated, or joined by commas, or both, as Flux takes them."""
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]


def taking(*shared: Callable[..., None]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Gives a command the parameters of these functions beside its own; it gets their values as `given`, by name."""
    more = [parameter for each in shared for parameter in inspect.signature(each).parameters.values()]

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        own = [each for name, each in inspect.signature(command).parameters.items() if name != "given"]

        @wraps(command)
        def run(**said: Any) -> None:
            command(given={each.name: said.pop(each.name) for each in more}, **said)

        run.__dict__["__signature__"] = inspect.Signature([*own, *more])
        run.__annotations__ = {each.name: each.annotation for each in (*own, *more)}
        return run

    return decorated
