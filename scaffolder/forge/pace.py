"""How long to wait for a server that is busy, and for how long at all."""

from __future__ import annotations

import contextlib
import email.utils
import time
from collections.abc import Mapping
from typing import Final

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
