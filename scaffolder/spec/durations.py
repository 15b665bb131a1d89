"""Durations, as Go reads and prints them."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 2_562_047 * 3_600_000  # milliseconds, what Go's durations hold
_UNITS: Final = {"h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
DURATION: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(h|ms|m|s)")


def duration(value: str) -> str:
    """A duration as Go reads it, written as Flux prints it: `60m` is `1h0m0s`."""
    return _go(round(_millis(value)))


def seconds(value: str) -> float:
    """How long a duration is."""
    return _millis(value) / _UNITS["s"]


def _millis(value: str) -> float:
    parts = DURATION.findall(value)
    if not parts or "".join(number + unit for number, unit in parts) != value:
        raise ValueError("must be a duration such as 30s, 5m or 1h30m")
    millis = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if not 1 <= millis <= LONGEST:
        raise ValueError("must be a millisecond at least, and less than 2562047h")
    return millis


def _go(millis: int) -> str:
    if millis < _UNITS["s"]:
        return f"{millis}ms"
    minutes, rest = divmod(millis, _UNITS["m"])
    seconds = f"{rest / 1000:.3f}".rstrip("0").rstrip(".") + "s"
    hours, minutes = divmod(minutes, 60)
    return (f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else "") + seconds
