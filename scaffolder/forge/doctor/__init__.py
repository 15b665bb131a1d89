"""What a token may do, looked at before anything is changed; a file for each forge says what it asks, and needs.

All of it is reading: a request that is refused says what is missing.
"""

from __future__ import annotations

import email.utils
import importlib
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from scaffolder.forge.base import Login
from scaffolder.forge.http import MISSING, Api, RefusedError

REFUSED: Final = 403
UNKNOWN: Final = 401
SKEW: Final = 30  # seconds; what is signed with a time is refused from a minute on


@dataclass(frozen=True)
class Sign:
    """Something that was looked at, and what to do where it is not as it should be."""

    message: str
    level: Literal["ok", "note", "warning", "error"] = "ok"
    hint: str = ""


@dataclass(frozen=True)
class Job:
    """What is to be done: a repository, made where it is missing; `protect` and `teams` say whether there are any."""

    owner: str
    name: str
    branch: str = "main"
    personal: bool = False
    teams: bool = False
    protect: bool = False


# yields signs; at the end, whether the repository is there
Examination: TypeAlias = Generator[Sign, None, bool]


@dataclass(frozen=True)
class Doctor:
    """How a forge is asked, and about what.

    `examine` raises ForgeError where the forge cannot be reached, or does not take the token.
    """

    opened: Callable[[Login], AbstractContextManager[Api]]
    examine: Callable[[Api, Job], Examination]


def doctor(kind: str) -> Doctor:
    """That of a kind of forge with an API."""
    module = importlib.import_module(f"scaffolder.forge.doctor.{kind}")
    return Doctor(module.opened, module.examine)


@dataclass(frozen=True)
class Seen:
    """What came back: the data, or None with the status and the forge's words."""

    data: Any
    status: int = 200
    said: str = ""


def look(api: Api, path: str) -> Seen:
    """What is there, as far as this token may see it.

    Raises:
        ForgeError: the forge cannot be reached, or does not take the token at all.
    """
    try:
        return Seen(api.get(path))
    except RefusedError as error:
        if error.status not in (REFUSED, MISSING):
            raise
        return Seen(None, error.status, error.said)


def clock(headers: Mapping[str, str]) -> Sign:
    """Whether this machine's clock agrees with the forge's."""
    try:
        ahead = time.time() - email.utils.parsedate_to_datetime(headers.get("Date", "")).timestamp()
    except ValueError:
        return Sign("the forge does not say what time it is", "note")
    if abs(ahead) <= SKEW:
        return Sign("this machine's clock agrees with the forge's")
    said = f"this machine's clock is {abs(ahead):.0f} seconds {'ahead of' if ahead > 0 else 'behind'} the forge's"
    return Sign(said, "warning", "set it: what a GitHub App signs is refused, and tokens seem to end early or late")
