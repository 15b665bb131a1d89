from __future__ import annotations

import pytest

from tests.judges.yaml_readers import differences, go_differences

# Strings that some reader takes for something else when they stand without quotes.
TRICKY = (
    *("12e45", "1e3", "0o17", "08", "0777", "0b11", "1_000", "12:30:45", "2001-01-01"),
    *("y", "n", "on", "yes", "=", "<<"),
)

SAME = ("a", "1", "1.5", "-1", "true", "null", "~", "0x1F", "1.2.3", ".a", "'y'", '"on"', "1m0s", "v1.0")


@pytest.mark.parametrize("text", TRICKY)
def test_readers_disagree_on_it_without_quotes(text: str) -> None:
    assert len(differences(f"a: {text}\n")) == 1


@pytest.mark.parametrize("text", TRICKY)
def test_readers_agree_on_it_in_quotes(text: str) -> None:
    assert differences(f"a: '{text}'\n") == []


@pytest.mark.parametrize("text", SAME)
def test_readers_agree_on_it_as_it_is(text: str) -> None:
    assert differences(f"a: [{text}, {{b: {text}}}]\n") == []


def test_a_difference_has_its_path() -> None:
    assert differences("a: {b: [x, on]}\n") == ["/0/a/b/1: YAML 1.1 reads True, YAML 1.2 'on'"]


def test_a_key_can_differ_too() -> None:
    assert len(differences("on: push\n")) == 1


def test_a_key_that_stands_twice_is_refused() -> None:
    (refused,) = differences("a: 1\na: 2\n")
    assert "refuses it" in refused


def test_every_tricky_string_arrives_in_go_when_it_is_quoted() -> None:
    assert go_differences([f'a: "{text}"\nb:\n- |\n  {text}\n' for text in TRICKY]) == []


def test_go_reads_some_of_them_as_yaml_1_1_when_they_are_not() -> None:
    texts = ["a: on\n", "a: y\n---\na: 1_000\n", "a: 0777\n", "on: push\n", "a: [b, {c: x}]\n"]
    assert go_differences(texts) == [
        "document 0: /value/a: value must be 'on'",
        "document 1: /value/a: value must be 'y'",
        "document 2: /value/a: value must be '1_000'",
        "document 3: /value/a: value must be 777",
        "document 4: /value: missing property 'on'; /value: additional properties 'true' not allowed",
    ]
