"""Waiting for what a cluster does by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

STEP: Final = 0.5  # seconds between two looks
QUIET: Final = 15.0  # seconds without a change, after which what is waited for is told


@dataclass(frozen=True)
class Deadline:
    """A time that several waits share; `told` hears of a wait in which nothing happens, ever more rarely."""

    seconds: float
    told: Callable[[str], None] = field(default=lambda _: None)
    start: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        return max(0.0, self.seconds - (time.monotonic() - self.start))

    def until(self, problem: Callable[[], str]) -> str:
        """Looks until there is no problem, or no time: then it is what is returned."""
        known, since, quiet = "", time.monotonic(), QUIET
        while found := problem():
            if not self.left:
                return found
            if found != known:
                known, since, quiet = found, time.monotonic(), QUIET
            elif time.monotonic() - since >= quiet:
                self.told(f"still waiting, {self.left:.0f} s at most: {found}")
                quiet *= 2
            time.sleep(min(STEP, self.left))
        return ""
