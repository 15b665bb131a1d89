"""The token for a forge: where it comes from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from scaffolder.cli.work.server import of_input
from scaffolder.errors import UsageError

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.forge.hosted import Host

QUESTION: Final = "Please enter your {title} personal access token (PAT): "


def found(console: Console, host: Host) -> str:
    """The token of the environment, else what standard input has."""
    hint = f"export it as {host.variable}, or write it to standard input"
    missing = UsageError(f"{host.title} needs a token", hint=hint)
    token = os.environ.get(host.variable) or of_input(console, QUESTION.format(title=host.title), missing)
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise UsageError("the token must be one word of ASCII text", hint=hint)
    return token
