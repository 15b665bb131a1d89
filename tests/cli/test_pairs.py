from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from scaffolder.cli.work.pairs import EVERYWHERE, by_environment, named, settings
from scaffolder.errors import UsageError

KNOWN = ("dev", "prod", "prod-eu")


def values(*given: str) -> dict[str, Any]:
    """By environment, what some `--set` make of nothing."""
    found: dict[str, Any] = {}
    for setting in settings(given, KNOWN):
        setting.put(found.setdefault(setting.environment, {}))
    return found


@pytest.mark.parametrize(
    "text", [">=1.0", "1.x || 2.x", "=1.2.3", ">=1.0 <2", "!=1.0", "~1.2", "1.0.0+a=b", "./a=b.yaml"]
)
def test_an_equals_sign_in_a_range_or_path_names_no_environment(text: str) -> None:
    assert by_environment("--version", [text], KNOWN) == {EVERYWHERE: text}


def test_a_value_may_be_for_one_environment() -> None:
    found = by_environment("--version", ["prod-eu=>=1.0", "2.0", "dev=1"], KNOWN)

    assert found == {"prod-eu": ">=1.0", EVERYWHERE: "2.0", "dev": "1"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["prd=1"], "--version prd=1: unknown environment `prd`"),
        (["prod=1", "prod=2"], "--version is given twice for prod"),
        (["1", "2"], "--version is given twice for all environments"),
        (["prod="], "--version prod=: a value is missing"),
        ([""], "--version : a value is missing"),
    ],
)
def test_what_cannot_be_meant_is_refused(given: list[str], said: str) -> None:
    with pytest.raises(UsageError) as error:
        by_environment("--version", given, KNOWN)

    assert error.value.message == said


def test_an_unknown_environment_is_answered_with_those_that_there_are() -> None:
    with pytest.raises(UsageError) as error:
        by_environment("--version", ["prd=1"], KNOWN)

    assert error.value.hint == "known: dev, prod, prod-eu"


@settings_of_hypothesis(max_examples=50, deadline=None)
@given(st.dictionaries(st.text(min_size=1).filter(lambda text: "=" not in text), st.text()))
def test_names_and_values_come_back(pairs: dict[str, str]) -> None:
    assert named("--variable", [f"{name}={value}" for name, value in pairs.items()]) == pairs


@pytest.mark.parametrize(
    ("given", "said"),
    [(["A"], "--variable A: must be NAME=VALUE"), (["A=1", "A=2"], "--variable is given twice for A")],
)
def test_a_pair_that_is_none_or_comes_twice_is_refused(given: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        named("--variable", given)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("a=1", {"a": 1}),
        ("a=-12", {"a": -12}),
        ("a=007", {"a": "007"}),
        ("a=1.10", {"a": "1.10"}),
        ("a=12e45", {"a": "12e45"}),
        ("a=0x10", {"a": "0x10"}),
        ("a=99999999999999999999", {"a": "99999999999999999999"}),
        ("a=TRUE", {"a": True}),
        ("a=yes", {"a": "yes"}),
        ("a=null", {"a": None}),
        ("a=", {"a": ""}),
        ("a.b.c=x", {"a": {"b": {"c": "x"}}}),
        (r"nodeSelector.kubernetes\.io/os=linux", {"nodeSelector": {"kubernetes.io/os": "linux"}}),
        ("a=1,b.c=2", {"a": 1, "b": {"c": 2}}),
        (r"a=1\,2", {"a": "1,2"}),
        ("a=b=c", {"a": "b=c"}),
        ("image=host:5000/x", {"image": "host:5000/x"}),
    ],
)
def test_settings_are_read_as_helm_reads_them(given: str, wanted: dict[str, Any]) -> None:
    assert values(given) == {EVERYWHERE: wanted}


def test_settings_add_up_and_may_be_for_one_environment() -> None:
    found = values("a.x=1", "a.y=2", "prod:a.x=3,b=4", "a.x=5")

    assert found == {EVERYWHERE: {"a": {"x": 5, "y": 2}}, "prod": {"a": {"x": 3}, "b": 4}}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("a", "must be KEY=VALUE"),
        ("=1", "must be KEY=VALUE"),
        ("a..b=1", "must be KEY=VALUE"),
        ("a=1,b", "must be KEY=VALUE"),
        ("prod:=1", "must be KEY=VALUE"),
        ("prd:a=1", "unknown environment `prd`"),
        ("a[0]=1", "lists cannot be set here"),
        ("a={1,2}", "lists cannot be set here"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(given: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        values(given)


def test_a_setting_inside_a_plain_value_is_refused() -> None:
    with pytest.raises(UsageError, match=r"--set a\.b: `a` is no mapping"):
        values("a=1", "a.b=2")
