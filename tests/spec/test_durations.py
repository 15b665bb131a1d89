from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.spec.durations import duration, seconds


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("60m", "1h0m0s"),
        ("90s", "1m30s"),
        ("1.5h", "1h30m0s"),
        ("500ms", "500ms"),
        ("1s1ms", "1.001s"),
        ("1h", "1h0m0s"),
    ],
)
def test_a_duration_is_printed_as_go_prints_it(written: str, printed: str) -> None:
    assert duration(written) == printed


@given(st.lists(st.tuples(st.integers(1, 99), st.sampled_from(["h", "m", "s", "ms"])), min_size=1, max_size=4))
def test_a_printed_duration_is_one_that_stays_as_it_is(parts: list[tuple[int, str]]) -> None:
    printed = duration("".join(f"{number}{unit}" for number, unit in parts))

    assert duration(printed) == printed
    assert re.fullmatch(r"([0-9]+(\.[0-9]+)?(ms|s|m|h))+", printed)  # the pattern of Flux's own CRDs


@pytest.mark.parametrize(("written", "length"), [("5m0s", 300), ("1h", 3600), ("500ms", 0.5), ("1.5s", 1.5)])
def test_a_duration_has_a_length_in_seconds(written: str, length: float) -> None:
    assert seconds(written) == length
