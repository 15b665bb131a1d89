"""What GitHub has really answered is read: recordings of its API, as far as they are of today's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from scaffolder.forge.github import repositories
from scaffolder.forge.github.pulls import read
from scaffolder.forge.github.rules import _body, _protection, _settings
from scaffolder.forge.rules import Protection
from tests.judges.tools import require

TODAY = "x-github-api-version-selected"  # a header that answers have since 2022
WRITTEN = '"requested_teams":[{"id":123}]'  # by hand: teams have names
LINES = 11  # of an exchange: scheme, method, host, port, path, headers, body, status, headers, answer, nothing
REPOSITORY = r"/repos/[^/]+/[^/]+"


class Recorded(NamedTuple):
    method: str
    path: str
    answer: Any


def recorded(pattern: str) -> list[Recorded]:
    """The answers that went well, of what `METHOD /path` matches."""
    return [each for each in exchanges() if re.fullmatch(pattern, f"{each.method} {each.path}")]


def exchanges() -> Iterator[Recorded]:
    for file in sorted(require("recordings").glob("*.txt")):
        lines = file.read_text(encoding="utf-8").splitlines()
        for at in range(0, len(lines) - LINES + 2, LINES):
            method, path, status, headers, answer = (lines[at + offset] for offset in (1, 4, 7, 8, 9))
            if TODAY in headers and status in {"200", "201"} and answer[:1] in {"{", "["} and WRITTEN not in answer:
                yield Recorded(method, path.partition("?")[0], json.loads(answer))


def entries(found: list[Recorded]) -> list[dict[str, Any]]:
    """The objects: an answer is one, or a list of them."""
    return [each for one in found for each in (one.answer if isinstance(one.answer, list) else [one.answer])]


READERS: dict[str, Callable[[dict[str, Any]], object]] = {
    rf"(GET|PATCH) {REPOSITORY}": lambda each: (each["full_name"], each["archived"], each["visibility"]),
    rf"(GET|POST|PATCH) {REPOSITORY}/pulls(/\d+)?": read,
    rf"(GET|PUT) {REPOSITORY}/branches/[^/]+/protection": lambda each: _protection(each, "main"),
    rf"GET {REPOSITORY}/branches/[^/]+": lambda each: each["protected"],
    rf"(GET|POST) {REPOSITORY}/labels": lambda each: each["name"],
    r"GET /user": lambda each: each["login"],
    r"GET /orgs/[^/]+": lambda each: each["login"],
}


@pytest.mark.parametrize("pattern", READERS)
def test_what_was_answered_can_be_read(pattern: str) -> None:
    found = entries(recorded(pattern))

    assert found
    for each in found:
        READERS[pattern](each)


def test_a_protection_that_was_answered_is_kept_where_it_is_written_anew() -> None:
    for rules in entries(recorded(rf"GET {REPOSITORY}/branches/[^/]+/protection")):
        body = _body(rules, Protection("main", ("check",)))

        assert body["required_status_checks"]["contexts"] == ["check"]
        assert body["allow_force_pushes"] == rules["allow_force_pushes"]["enabled"]


def test_settings_are_read_where_they_are_told() -> None:
    told = [each for each in entries(recorded(rf"(GET|PATCH) {REPOSITORY}")) if "allow_auto_merge" in each]

    assert told
    assert {_settings(each).auto_merge for each in told} <= {True, False}


def test_permissions_are_named_as_they_are_answered() -> None:
    told = [each["permissions"] for each in entries(recorded(rf"GET {REPOSITORY}")) if each.get("permissions")]

    assert told
    assert {*repositories.ORDER} == {name for each in told for name in each}
