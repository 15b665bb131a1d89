"""`--change-request` and what goes with it: the flags of every command that writes, each said once."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

import inspect
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import OutputFormat, split
from scaffolder.errors import UsageError

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.change.delivery import Asked
    from scaffolder.report import Report

LONGEST: Final = 240  # characters of a title: forges take 255, and may put a mark for drafts before it
DRAFT: Final = re.compile(r"(?:wip|draft):|\[(?:wip|draft)\]|\(draft\)", re.IGNORECASE)  # such marks


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
    draft: Annotated[
        bool | None,
        typer.Option("--draft/--no-draft", help="It is not to be merged yet. [no; as it is]", show_default=False),
    ] = None,
    auto_merge: Annotated[bool, typer.Option("--auto-merge", help="Merge it as soon as its rules allow.")] = False,
) -> None:
    """What is asked for in a change request; `asked` reads it."""


def asked(given: Mapping[str, Any]) -> "Asked | None":
    """What a command's parameters say of a change request; None where there is to be none."""
    if not given["change_request"]:
        return None
    from scaffolder.cli.work.change.delivery import Asked

    return Asked(
        title=_line(given["title"]) or None,
        body=given["body"],
        labels=tuple(split(given["label"])),
        reviewers=tuple(split(given["reviewer"])),
        draft=given["draft"],
        auto_merge=given["auto_merge"],
    )


def _line(title: str | None) -> str:
    """A title as forges keep it."""
    return " ".join((title or "").split())


def _refuse(given: Mapping[str, Any]) -> None:
    """What would not go into a request, or not stay there as it is said."""
    names = inspect.signature(of_change_request).parameters
    said = [name for name in names if given[name] or (name == "draft" and given[name] is not None)]
    if said and not given["change_request"]:
        raise UsageError(f"--{said[0].replace('_', '-')} goes with --change-request")
    title = _line(given["title"])
    if len(title) > LONGEST:
        raise UsageError(f"--title has {len(title)} characters", hint=f"{LONGEST} at most; --body takes more")
    if mark := DRAFT.match(title):
        raise UsageError(f"--title: `{mark[0]}` is a forge's mark for drafts", hint="--draft makes it one")


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
        _refuse(given)
        return work(console, dry_run=dry_run)

    attempt(command, checked, output=output, dry_run=dry_run)


def here(
    command: str,
    flag: str,
    work: "Callable[..., Report]",
    given: Mapping[str, Any],
    *,
    output: OutputFormat,
    dry_run: bool,
) -> NoReturn:
    """Runs what a flag asks for, and what can be done here alone."""

    def checked(console: "Console", *, dry_run: bool) -> "Report":
        if given["change_request"]:
            raise UsageError(f"{flag} is about the files here", hint="leave out --change-request")
        return work(console, dry_run=dry_run)

    run(command, checked, given, output=output, dry_run=dry_run)


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
        from scaffolder.cli.work.change.propose import Change, propose

        work = partial(propose, change=Change(command, what, work, said))
    run(command, work, given, output=output, dry_run=dry_run)
