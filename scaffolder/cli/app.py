"""The program: its command line as a whole. The commands are in `catalogue`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Annotated, Any, Final

import typer
import typer.main
from typer.exceptions import TyperException

from scaffolder import __version__
from scaffolder.cli.boundary import failed, guarded
from scaffolder.cli.catalogue import ONE_WAY, SWITCHES, Group
from scaffolder.cli.console import Console, data
from scaffolder.errors import INTERRUPTED, UsageError

# pflag's ways to say yes and no, which people of Flux have in their fingers and scripts
YES: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})
NO: Final = frozenset({"0", "f", "F", "false", "FALSE", "False"})

app = typer.Typer(
    name="scaffolder",
    cls=Group,
    help="A few documents in, a complete GitOps cluster repository out, kept in step for years.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        data(f"scaffolder {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    del version


def program(arguments: Sequence[str]) -> int:
    """Runs one command line; returns its exit code."""
    console = Console(json=_asks_for_json(arguments))
    return guarded(lambda: _run(_go_style(arguments), console), console)


def _asks_for_json(arguments: Sequence[str]) -> bool:
    """Whether the answer is to be JSON, also where the command line as a whole cannot be understood."""
    return bool(re.search(r"(^|\n)(--output[=\n]|-o[=\n]?)json(\n|$)", "\n".join(arguments)))


def _go_style(arguments: Sequence[str]) -> list[str]:
    """`--private=false` as `--no-private`."""
    options = list(takewhile(lambda argument: argument != "--", arguments))
    return [*(word for argument in options for word in _switch(argument)), *arguments[len(options) :]]


def _switch(argument: str) -> list[str]:
    name, equals, value = argument.partition("=")
    if not equals or value not in YES | NO or name not in SWITCHES:
        return [argument]
    if value in YES:
        return [name]
    return [] if name in ONE_WAY else [name.replace("--", "--no-", 1)]


def _run(arguments: list[str], console: Console) -> int:
    try:
        if app(args=arguments, prog_name="scaffolder", standalone_mode=False) == INTERRUPTED:  # what Typer makes of ^C
            raise KeyboardInterrupt
    except SystemExit as end:
        unread = isinstance(end.__context__, BrokenPipeError)  # `--help | true` is no failure, as Typer has it
        return 0 if unread else int(end.code or 0)
    except TyperException as error:
        return _usage(error, _path(arguments), console)
    except typer.Abort:
        raise KeyboardInterrupt from None
    return 0


def _path(arguments: Sequence[str]) -> str:
    """The command that was meant, as far as it can be told: `bootstrap local`."""
    found: list[str] = []
    group: Any = typer.main.get_command(app)
    for argument in arguments:
        group = getattr(group, "commands", {}).get(argument)
        if group is None:
            break
        found.append(argument)
    return " ".join(found)


def _usage(error: TyperException, path: str, console: Console) -> int:
    message = error.format_message().replace("Value error, ", "")  # pydantic's words, through Typer
    if message.startswith("Usage: "):  # no arguments at all: this is the help
        data(message + "\n")
        return UsageError.code
    hint = " ".join(["scaffolder", *path.split(), "--help says what there is"])
    return failed(console, path, UsageError(f"{message[:1].lower()}{message[1:].rstrip('.')}", hint=hint))
