"""The token for a forge: where it comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from scaffolder.cli.work.bootstrap.server import of_input
from scaffolder.cli.work.clients import kept
from scaffolder.errors import UsageError
from scaffolder.forge.github_app import App, api_url, key_of, minted
from scaffolder.git.stored import stored

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.forge.hosted import Host

QUESTION: Final = "Please enter your {title} personal access token (PAT): "
ALSO: Final = {"github": ("GH_TOKEN",)}  # further variables, the names of a forge's own program
INPUT: Final = "standard input"
OF_A_JOB: Final = "CI_JOB_TOKEN may not do this; make an access token with the scope api, and export it as {}"


@dataclass(frozen=True)
class Given:
    """What the flags say about the token; a file `-` is standard input."""

    file: Path | None = None
    app: App | None = None


NOTHING: Final = Given()


def app_of(number: str | None, installation: str | None, key: Path | None) -> App | None:
    """The GitHub App of three flags, which go together."""
    if number and installation and key:
        return App(number, installation, key)
    if number or installation or key:
        named = {"--app-id": number, "--app-installation-id": installation, "--app-private-key-file": key}
        missing = next(flag for flag, value in named.items() if not value)
        raise UsageError(f"{missing} is missing: an App is told by all three", hint=", ".join(named))
    return None


def found(console: Console, host: Host, at: str, given: Given = NOTHING, ca_file: Path | None = None) -> str:
    """The token for the forge at a host; says where it comes from.

    Raises:
        UsageError: there is none, or what there is cannot be one.
        ForgeError: GitHub gives none to the App.
    """
    if given.app and host.kind != "github":
        raise UsageError(f"Apps are GitHub's: {host.title} has none", hint="leave out --app-id, and GITHUB_APP_ID")
    token, source = _first(console, host, at, given, ca_file)
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise UsageError("the token must be one word of ASCII text", hint=f"it comes from {source}")
    console.step(f"using the token of {source}")
    return token


def _first(console: Console, host: Host, at: str, given: Given, ca_file: Path | None) -> tuple[str, str]:
    """The first token that there is, and where."""
    if given.file and str(given.file) != "-":
        return _read(given.file), str(given.file)
    if given.app and not given.file:
        return minted(api_url(at), given.app, key_of(given.app), ca_file), f"the GitHub App {given.app.number}"
    known = () if given.file else _kept(host, at)
    return next((each for each in known if each[0]), None) or (_of_input(console, host, at), INPUT)


def _kept(host: Host, at: str) -> Iterator[tuple[str, str]]:
    """What there is where programs keep their tokens; nothing is looked at before it is needed."""
    for name in (host.variable, *ALSO.get(host.kind, ())):
        yield os.environ.get(name, ""), name
    yield stored(f"https://{at}"), "git's credential helper"
    yield kept(host.kind, at)


def _of_input(console: Console, host: Host, at: str) -> str:
    hint = f"export it as {host.variable}, or write it to {INPUT}"
    if of_a_job(host, at):
        hint = OF_A_JOB.format(host.variable)
    missing = UsageError(f"{host.title} needs a token", hint=hint)
    return of_input(console, QUESTION.format(title=host.title), missing)


def of_a_job(host: Host, at: str) -> bool:
    """Whether this is a job of the GitLab at a host: its own token can read and push, but nothing that is done here."""
    here = os.environ.get("CI_SERVER_HOST") if os.environ.get("CI_JOB_TOKEN") else None
    return host.kind == "gitlab" and here == urlsplit(f"//{at}").hostname


def _read(file: Path) -> str:
    try:
        token = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        said = (getattr(error, "strerror", None) or "it is no text").lower()
        raise UsageError(f"--token-file {file} cannot be read: {said}") from None
    if not token:
        raise UsageError(f"--token-file {file} is empty")
    return token
