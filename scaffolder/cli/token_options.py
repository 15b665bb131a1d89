"""The flags that say where the token for a forge comes from."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from scaffolder.cli.work.tokens import Given


def of_token(
    *,
    token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File with the token; - is standard input. [environment, git, settings]"),
    ] = None,
) -> None:
    """The token of every forge with an API; `given_token` reads it."""


def of_app(
    *,
    app_id: Annotated[
        str | None, typer.Option(metavar="ID", envvar="GITHUB_APP_ID", help="Be a GitHub App: its ID.")
    ] = None,
    app_installation_id: Annotated[
        str | None,
        typer.Option(metavar="ID", envvar="GITHUB_APP_INSTALLATION_ID", help="The App's installation at the owner."),
    ] = None,
    app_private_key_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", envvar="GITHUB_APP_PRIVATE_KEY_FILE", help="The App's private key, PEM."),
    ] = None,
) -> None:
    """A GitHub App instead of a token; `given_token` reads it, too."""


def given_token(given: Mapping[str, Any]) -> "Given":
    """What a command's parameters say about the token."""
    from scaffolder.cli.work.tokens import Given, app_of

    names = ("app_id", "app_installation_id", "app_private_key_file")
    return Given(given["token_file"], app_of(*(given.get(name) for name in names)))
