"""`--change-request` and what goes with it: the flags of every command that writes, each said once."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import OutputFormat, split
from scaffolder.errors import UsageError

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.delivery import Asked
    from scaffolder.report import Report


def of_change_request(
    *,
    change_request: Annotated[
        bool,
        typer.Option(
            "--change-request", help="Propose it on the forge, as a pull or merge request; nothing changes here."
        ),
    ] = False,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="Title of the request. [the commit's]")] = None,
    body: Annotated[str | None, typer.Option(metavar="TEXT", help="Text of the request. [what changes]")] = None,
    label: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Label; repeat for more.")] = None,
    reviewer: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Reviewer; repeat for more.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="It is not to be merged yet.")] = False,
    auto_merge: Annotated[bool, typer.Option("--auto-merge", help="Merge it as soon as its rules allow.")] = False,
) -> None:
    """What is asked for in a change request; `asked` reads it."""


def asked(given: Mapping[str, Any]) -> "Asked | None":
    """What a command's parameters say of a change request; None where there is to be none."""
    if not given["change_request"]:
        return None
    from scaffolder.cli.work.delivery import Asked

    return Asked(
        title=given["title"],
        body=given["body"],
        labels=tuple(split(given["label"])),
        reviewers=tuple(split(given["reviewer"])),
        draft=given["draft"],
        auto_merge=given["auto_merge"],
    )


def run(
    command: str,
    work: "Callable[..., Report]",
    given: Mapping[str, Any],
    *,
    output: OutputFormat,
    dry_run: bool,
) -> NoReturn:
    """Runs a command, unless its parameters say something of a change request that there is not to be."""

    def checked(console: "Console") -> "Report":
        said = [name for name in inspect.signature(of_change_request).parameters if given[name]]
        if said and not given["change_request"]:
            raise UsageError(f"--{said[0].replace('_', '-')} goes with --change-request")
        return work(console, dry_run=dry_run)

    attempt(command, checked, output=output, dry_run=dry_run)


def either(
    command: str,
    work: "Callable[..., Report]",
    given: Mapping[str, Any],
    *,
    what: str = "",
    output: OutputFormat,
    dry_run: bool,
) -> NoReturn:
    """Runs a command here, or as a change request; `what` tells it from others of its name."""
    if (said := asked(given)) is not None:
        from scaffolder.cli.work.propose import Change, propose

        work = partial(propose, change=Change(command, what, work, said))
    run(command, work, given, output=output, dry_run=dry_run)
