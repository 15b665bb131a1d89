"""The program: every command, in the order in which people meet them."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Annotated, Final

import typer
from typer.exceptions import TyperException

from scaffolder import __version__
from scaffolder.cli import add, bootstrap, new, repository
from scaffolder.cli.boundary import guarded
from scaffolder.cli.console import write
from scaffolder.errors import UsageError

# pflag's way to say no, which people of Flux have in their fingers and scripts
BOOLEANS: Final = frozenset({"network-policy", "watch-all-namespaces", "private", "recurse-submodules", "dry-run"})

app = typer.Typer(
    name="scaffolder",
    help="A few documents in, a complete GitOps cluster repository out, kept in step for years.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(new.new)
app.command()(add.add_app)
app.command()(add.add_cluster)
app.command()(add.add_environment)
app.command()(add.add_tenant)
app.command()(repository.sync)
app.command()(repository.diff)
app.command()(repository.check)
app.add_typer(bootstrap.app)
app.command()(repository.schema)


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"scaffolder {__version__}\n")
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
    return guarded(lambda: _run([_pflag(argument) for argument in arguments]))


def _pflag(argument: str) -> str:
    """`--private=false` as `--no-private`."""
    found = re.fullmatch(r"--([a-z-]+)=(true|false)", argument)
    if not found or found[1] not in BOOLEANS:
        return argument
    return f"--{found[1]}" if found[2] == "true" else f"--no-{found[1]}"


def _run(arguments: list[str]) -> int:
    try:
        app(args=arguments, prog_name="scaffolder", standalone_mode=False)
    except SystemExit as end:
        return int(end.code or 0)
    except TyperException as error:
        return _usage(error)
    except typer.Abort:
        raise KeyboardInterrupt from None
    return 0


def _usage(error: TyperException) -> int:
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if not arguments_missing(message):
        write(f"✗ {message[:1].lower()}{message[1:].rstrip('.')}", sys.stderr)
        write(f"  {context.command_path if context else 'scaffolder'} --help says what there is", sys.stderr)
    else:
        sys.stdout.write(message + "\n")
    return UsageError.code


def arguments_missing(message: str) -> bool:
    """Whether the message is the help that is shown for no arguments at all."""
    return message.startswith("Usage: ")
