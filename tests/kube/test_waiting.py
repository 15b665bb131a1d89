from __future__ import annotations

import time

import pytest

from scaffolder.kube import waiting
from scaffolder.kube.waiting import Deadline


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "STEP", 0.01)


def test_it_looks_until_there_is_no_problem() -> None:
    problems = ["one", "two", ""]

    assert Deadline(5).until(lambda: problems.pop(0)) == ""
    assert problems == []


def test_the_last_problem_is_told_when_the_time_is_over() -> None:
    assert Deadline(0.05).until(lambda: "still broken") == "still broken"


def test_waits_share_one_time() -> None:
    deadline = Deadline(0.1)
    start = time.monotonic()

    for _ in range(3):
        deadline.until(lambda: "broken")

    assert time.monotonic() - start < 0.2
    assert deadline.left == 0


def test_a_wait_in_which_nothing_happens_is_told_ever_more_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "QUIET", 0.05)
    told: list[str] = []

    Deadline(0.3, told.append).until(lambda: "no such host")

    assert 1 < len(told) < 5
    assert told[0] == "still waiting, 0 s at most: no such host"


def test_a_wait_in_which_something_happens_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "QUIET", 0.05)
    told: list[str] = []
    problems = [str(number) for number in range(20)]

    Deadline(9, told.append).until(lambda: problems.pop() if problems else "")

    assert told == []
