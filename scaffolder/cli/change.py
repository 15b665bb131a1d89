"""`change`: the change requests of this repository."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import DryRun, Output, OutputFormat

app = typer.Typer(
    name="change",
    help="List, show, merge and close change requests.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Number = Annotated[int, typer.Argument(metavar="NUMBER", help="Its number.", show_default=False)]


class State(StrEnum):
    open = "open"
    merged = "merged"
    closed = "closed"


@app.command("list")
def list_(
    state: Annotated[
        State, typer.Option(metavar="STATE", show_default=False, help="open, merged or closed. [open]")
    ] = State.open,
    output: Output = OutputFormat.text,
) -> None:
    """List change requests, the newest first."""
    from scaffolder.cli.work.change import requests as work

    attempt("change list", partial(work.list_, state=state.value), output=output)


@app.command()
def show(number: Number, output: Output = OutputFormat.text) -> None:
    """Show a change request: what it says, its checks, and whether it can be merged."""
    from scaffolder.cli.work.change import requests as work

    attempt("change show", partial(work.show, number=number), output=output)


@app.command()
def merge(number: Number, dry_run: DryRun = False, output: Output = OutputFormat.text) -> None:
    """Merge a change request, and delete its branch."""
    from scaffolder.cli.work.change import requests as work

    attempt("change merge", partial(work.merge, number=number, dry_run=dry_run), output=output, dry_run=dry_run)


@app.command()
def close(number: Number, dry_run: DryRun = False, output: Output = OutputFormat.text) -> None:
    """Close a change request without merging it; its branch stays."""
    from scaffolder.cli.work.change import requests as work

    attempt("change close", partial(work.close, number=number, dry_run=dry_run), output=output, dry_run=dry_run)
