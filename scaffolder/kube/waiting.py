"""Waiting for what a cluster does by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

STEP: Final = 1.0  # seconds between two looks


@dataclass(frozen=True)
class Deadline:
    """A time that several waits share."""

    seconds: float
    start: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        return max(0.0, self.seconds - (time.monotonic() - self.start))

    def until(self, problem: Callable[[], str]) -> str:
        """Looks until there is no problem, or no time: then it is what is returned."""
        while found := problem():
            if not self.left:
                return found
            time.sleep(min(STEP, self.left))
        return ""
