from __future__ import annotations

import time
from collections.abc import Callable
from email.utils import formatdate

import pytest

from scaffolder.forge.pace import asked


@pytest.mark.parametrize("header", ["X-RateLimit-Reset", "RateLimit-Reset"])
@pytest.mark.parametrize("at", [time.time, float])
def test_a_count_begins_anew_at_a_moment_or_in_so_many_seconds(header: str, at: Callable[[], float]) -> None:
    said = at() + 40

    assert asked({header: f"{said:.0f}"}) == pytest.approx(40, abs=2)


def test_what_is_over_is_not_waited_for() -> None:
    assert asked({"Retry-After": formatdate(time.time() - 60, usegmt=True)}) == 0
    assert asked({"X-RateLimit-Reset": f"{time.time() - 60:.0f}"}) == 0


@pytest.mark.parametrize("said", ["", "soon", "-5", "1e3"])
def test_what_is_no_time_is_no_answer(said: str) -> None:
    assert asked({"Retry-After": said}) is None
    assert asked({"X-RateLimit-Reset": said}) is None
