"""How much is tried, and how much of the machine one try may take."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, settings

SECONDS = 20  # on a busy machine; a try takes a tenth of one
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
def bounded() -> Iterator[None]:
    """Within this, a hang is an error and so is a hunger for memory."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm", encoding="ascii") as pages:  # noqa: PTH123  no file, but Linux's own word
        size = int(pages.read().split()[0]) * resource.getpagesize()
    before = signal.signal(signal.SIGALRM, _late)
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _late(*_: Any) -> None:
    raise TimeoutError(f"no end after {SECONDS} seconds")
