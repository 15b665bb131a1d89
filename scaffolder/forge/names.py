"""What a forge with an API, its owners and repositories may be called, and what became of those that were renamed."""

from __future__ import annotations

import re
from typing import Final

from scaffolder.errors import ForgeError, UsageError, shown
from scaffolder.forge.base import Server
from scaffolder.spec.types import HOSTNAME

NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def refuse_unfit(*names: str) -> None:
    """Nobody is asked about a name that no forge would take."""
    for name in names:
        if not NAME.fullmatch(name):
            raise UsageError(f"{shown(name)} cannot name an owner or repository: letters, digits, `.`, `_` and `-`")


def refuse_renamed(full: str, owner: str, name: str) -> None:
    """`full` is the name that a forge gives to what we asked for as `owner/name`."""
    if full.lower() != f"{owner}/{name}".lower():
        now, _, here = full.rpartition("/")
        hint = f"give --owner={now} --repository={here}"
        raise ForgeError(f"{owner}/{name} was renamed: it is {full} now", hint=hint)


def server_at(hostname: str) -> Server:
    """Where `--hostname` says that the forge is; its SSH is taken to be there, too.

    Raises:
        UsageError: it is no host, or one without HTTPS.
    """
    if hostname.startswith("http://"):
        raise UsageError(f"--hostname {hostname}: http is insecure", hint="the forge has to be reached by https")
    found = HOSTNAME.fullmatch(hostname.removeprefix("https://").rstrip("/"))
    if not found:
        raise UsageError(f"--hostname {hostname!r} is not a host", hint="write it as git.example.com")
    return Server(found[0], found[1])
