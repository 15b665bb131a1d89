"""What owners and repositories may be called on a forge with an API, and what became of those that were renamed."""

from __future__ import annotations

import re
from typing import Final

from scaffolder.errors import ForgeError, UsageError, shown

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
