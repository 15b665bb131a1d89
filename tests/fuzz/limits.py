"""How much is tried, and how much of the machine one try may take."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

SECONDS = 20  # on a busy machine; a try takes a tenth of one
STATUS = Path("/proc/self/statm")
MEMORY = 300_000_000  # bytes more than there are before


def fuzz(examples: int) -> settings:
    """So many random cases, or as many as the environment variable SCAFFOLDER_FUZZ says, new ones each time."""
    asked = int(os.environ.get("SCAFFOLDER_FUZZ", "0"))
    return settings(
        max_examples=asked or examples,
        deadline=None,
        derandomize=not asked and os.environ.get("SCAFFOLDER_CI") == "1",
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
    )


@contextlib.contextmanager
def bounded(seconds: int = SECONDS) -> Iterator[None]:
    """Within this, a hang is an error and so is, on Linux, a hunger for memory."""
    before, limits = signal.signal(signal.SIGALRM, _late), resource.getrlimit(resource.RLIMIT_AS)
    signal.alarm(seconds)
    if STATUS.is_file():
        size = int(STATUS.read_text(encoding="ascii").split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _late(*_: Any) -> None:
    raise TimeoutError("no end in sight")
