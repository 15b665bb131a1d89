from __future__ import annotations

import itertools
from typing import Any

import pytest
import ruamel.yaml
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scaffolder.yamlio.plain import AmbiguousError, is_text, read
from tests.judges.yaml_readers import Core, Yaml11

REFUSED = "<refused>"


def ours(text: str) -> Any:
    try:
        return read(text)
    except AmbiguousError:
        return REFUSED


def theirs(text: str) -> list[str]:
    """What PyYAML, PyYAML with the shortest booleans, and two readers of YAML 1.2 take a plain scalar for."""
    document, found = f"a: {text}\n", []
    reader = ruamel.yaml.YAML(typ="safe", pure=True)
    core = ruamel.yaml.YAML(typ="safe", pure=True)
    core.Resolver = Core
    reads: list[Any] = [
        lambda: yaml.safe_load(document),
        lambda: yaml.load(document, Loader=Yaml11),
        lambda: reader.load(document),
        lambda: core.load(document),
    ]
    for one in reads:
        try:
            found.append(repr(one()["a"]))
        except ValueError:  # it took it for a number, and could not make one
            found.append(REFUSED)
    return found


def agreed(text: str) -> str:
    first, *others = theirs(text)
    return first if others == [first] * len(others) else REFUSED


def is_plain(text: str) -> bool:
    """Whether the text stands behind a key as it is, not as markup."""
    try:
        (token,) = [
            t for t in yaml.scan(f"a: {text}\n") if isinstance(t, yaml.ScalarToken) and t.start_mark.column == 3
        ]
    except (yaml.YAMLError, ValueError):
        return False
    return bool(token.plain) and token.value == text


NUMBERS = st.text("019+-._:eExobT ZnNfy", min_size=1, max_size=8)
WORDS = st.sampled_from(["y", "Yes", "No", "ON", "off", "true", "TRUE", "null", "~", "nan", ".nan", "-.INF", "on", "N"])
DATES = st.from_regex(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9]{1,2}:[0-9]{2}:[0-9]{2}(\.[0-9])?Z?)?", fullmatch=True)


@settings(max_examples=400, deadline=None)
@given(st.one_of(NUMBERS, WORDS, DATES, st.text(max_size=6)).filter(is_plain))
@example("-.5")
@example("1_")
@example("0:30.")
@example("1:60")
@example("2001-01-01 and more")
def test_a_plain_scalar_is_read_as_every_reader_reads_it_or_refused(text: str) -> None:
    found = ours(text)

    assert found == REFUSED or repr(found) == agreed(text)


def test_what_readers_agree_on_is_never_refused_but_for_leading_zeros() -> None:
    texts = map("".join, (letters for size in (1, 2, 3) for letters in itertools.product("018+-._:ex", repeat=size)))

    refused = [text for text in texts if is_plain(text) and ours(text) == REFUSED and agreed(text) != REFUSED]

    assert sorted(refused) == ["+00", "+01", "-00", "-01", "00", "000", "001", "01"]


# Taken as text by all four readers above, and as a number by go-yaml, which leaves underscores out first.
@pytest.mark.parametrize("text", ["0_x1F", "1e_3", "+_.5", "2001-1-1", "0b+1", "18446744073709551616", "1.0e+999"])
def test_what_go_reads_otherwise_is_refused(text: str) -> None:
    with pytest.raises(AmbiguousError):
        read(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", -(2**63)),
        ("0x1F", 31),
        ("1.", 1.0),
        ("+1", 1),
        ("", None),
        ("1.5e-3", 0.0015),
    ],
)
def test_numbers_that_fit_64_bits_are_numbers(text: str, value: object) -> None:
    assert repr(read(text)) == repr(value)


@pytest.mark.parametrize(
    "text", ["1.2.3", "v1.0", "1m0s", "08:30", "10.0.0.1", "a_b", "_1", "0x", "1:60", "yess", ".a"]
)
def test_text_is_text(text: str) -> None:
    assert read(text) == text


def test_a_time_is_text_and_yet_written_in_quotes_as_go_does() -> None:
    assert read("08:30") == "08:30"
    assert not is_text("08:30")


@pytest.mark.parametrize("text", ["1" * 1_000_000 + "x", "1:0" * 300_000 + "x", "2001-01-01" + " " * 1_000_000 + "x"])
def test_a_long_text_is_judged_in_linear_time(text: str) -> None:
    assert read(text) == text
