from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from scaffolder.forge.doctor import clock


@pytest.mark.parametrize(
    ("seconds", "level", "said"),
    [(2, "ok", "agrees"), (-90, "warning", " 90 seconds ahead of"), (90, "warning", "seconds behind")],
)
def test_a_clock_that_differs_from_the_forge_s_is_told(seconds: int, level: str, said: str) -> None:
    sign = clock({"Date": formatdate(time.time() + seconds, usegmt=True)})

    assert sign.level == level
    assert said in sign.message.replace("91", "90")


def test_a_forge_without_a_date_is_no_problem() -> None:
    assert clock({}).level == "note"
