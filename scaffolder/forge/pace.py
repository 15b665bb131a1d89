"""How long to wait for a server that is busy, and for how long at all."""

from __future__ import annotations

import contextlib
import email.utils
import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol, TypeVar

from scaffolder.errors import ForgeError

PAUSES: Final = (0.5, 1.0, 2.0, 4.0)  # seconds between the attempts, where the server asks for no other
SOON: Final = 1.0  # the last of them where there is nobody: most often the name is wrong
PATIENCE: Final = 120.0  # seconds of pauses for one request, all together

TOO_MANY: Final = 429
BUSY: Final = frozenset({TOO_MANY, 502, 503, 504})


def number(said: str) -> int:
    """A header's number, 0 where it is none."""
    return int(said) if said.isdecimal() else 0


def asked(headers: Mapping[str, str]) -> float | None:
    """The seconds that a server asks to wait: until then, or when its count begins anew."""
    retry, reset = headers.get("Retry-After", ""), headers.get("X-RateLimit-Reset", headers.get("RateLimit-Reset", ""))
    if retry.isdecimal():
        return float(retry)
    with contextlib.suppress(ValueError):
        return max(0.0, email.utils.parsedate_to_datetime(retry).timestamp() - time.time())
    if reset.isdecimal():
        # a moment, or as many seconds from now: no forge asks to wait for years
        return max(0.0, float(reset) - time.time()) if float(reset) > time.time() / 2 else float(reset)
    return None


class Answer(Protocol):
    """What all libraries have an answer like."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...


Some = TypeVar("Some", bound=Answer)


class BrokenError(Exception):
    """There was no answer; `told` says why. `unmade`: no connection came to be; `hopeless`: none ever will."""

    def __init__(self, told: ForgeError, *, unmade: bool, hopeless: bool) -> None:
        super().__init__(told.message)
        self.told, self.unmade, self.hopeless = told, unmade, hopeless


def patient(
    method: str,
    send: Callable[[], Some],
    busy: Callable[[Some, float | None], ForgeError],
    pause: Callable[[float], None],
) -> Some:
    """Sends a request again where the server is busy, or the connection breaks.

    A POST is repeated only where nothing can have happened: no connection came to be, or the server counts requests and
    says that it did not take this one.

    Args:
        method: HTTP's.
        send: sends it once, or raises a BrokenError.
        busy: what to tell where it stays busy, with the seconds that it asks to wait.
        pause: waits.

    Raises:
        ForgeError: there was no answer, or the server is busy for longer than we wait.
    """
    left = PATIENCE
    for usual in (*PAUSES, None):
        seconds = None
        try:
            answer = send()
        except BrokenError as error:
            hopeless = usual is None or error.hopeless or (error.unmade and usual > SOON)
            if hopeless or not (error.unmade or method != "POST"):
                raise error.told from None
        else:
            if answer.status_code not in BUSY or (method == "POST" and answer.status_code != TOO_MANY):
                return answer
            seconds = asked(answer.headers)
            if usual is None or (seconds or 0) > left:
                raise busy(answer, seconds)
        wait = min(left, (usual or 0) if seconds is None else seconds)
        pause(wait)
        left -= wait
    raise AssertionError  # the last attempt has returned, or raised
