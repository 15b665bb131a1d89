from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.yamlio import dump, flow, load, scalar
from tests.judges.yaml_readers import read_1_1, read_1_2

ODD = ["y", "on", "1e3", "12e45", "0o17", "08", "1_000", "12:30", "2001-01-01", "~", "", "null", "<<", "=", ".5", "-.5"]
MARKUP = ["- a", "a: b", "a #b", "!x", "&a", "*a", "|", ">", "%", "@", "`", "? x", "---", "...", "{a}", "[a]", ">=1.0"]
LINES = ["\n", "a\n", "\na", "a\n\n", " a\nb", "a \nb", "a\tb\n", "a\r\nb", "a\n...\n", "a\n---\nb", "#a\nb", "|-\n"]
FOREIGN = ["\u2028", "a\u2029b\n", "x\x85y", "\ufeff", "\x00", "\x7f", "\xa0", "😀", "é\n", "\u2028a\n  b"]
LONG = ["word " * 60, "x" * 300, "word " * 60 + "\n"]

TEXT = st.one_of(
    st.sampled_from(ODD + MARKUP + LINES + FOREIGN + LONG),
    st.text(max_size=12),
    st.text(" \n\t:#-?a1\"'[]{},&*!|>%@`~=.<é\u2028\x85\ufeff\r\\", max_size=10),
)
SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
)
DATA: st.SearchStrategy[Any] = st.recursive(
    SCALAR,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=10,
)


def readings(text: str) -> set[str]:
    """What readers of YAML 1.1, of YAML 1.2, and we ourselves make of a text; repr tells 1 from True."""
    return {repr(read_1_1(text)), repr(read_1_2(text)), repr([document.data for document in load(text.encode())])}


@settings(max_examples=250, deadline=None)
@given(st.one_of(st.lists(DATA, max_size=4), st.dictionaries(TEXT, DATA, max_size=4)))
def test_what_is_written_is_read_back_equal_by_all(value: Any) -> None:
    assert readings(dump(value)) == {repr([value])}


@settings(max_examples=250, deadline=None)
@given(TEXT)
def test_a_scalar_stands_on_one_line_wherever_it_is_put(text: str) -> None:
    written = scalar(text)

    assert "\n" not in written
    assert readings(f"key: {written}\n") == {repr([{"key": text}])}
    assert readings(f"a:\n  b:\n  - c: {written}\n    d: 1\n  - {written}\n") == {
        repr([{"a": {"b": [{"c": text, "d": 1}, text]}}])
    }


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(TEXT, DATA, max_size=3), st.integers(1, 6))
def test_a_block_can_be_indented_into_another_document(value: dict[str, Any], margin: int) -> None:
    block = dump({"values": value}).replace("\n", "\n" + " " * margin).rstrip(" ")

    text = f"spec:\n{' ' * margin}{block}\nafter: 1\n"

    assert readings(text) == {repr([{"spec": {"values": value}, "after": 1}])}


@settings(max_examples=200, deadline=None)
@given(DATA)
def test_flow_style_stands_on_one_line_and_is_read_back_equal(value: Any) -> None:
    written = flow(value)

    assert "\n" not in written
    assert readings(f"a: [{written}, {{b: {written}}}]\n") == {repr([{"a": [value, {"b": value}]}])}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (">=1.0", "'>=1.0'"),
        ("12345", '"12345"'),
        ("6.10", '"6.10"'),
        ("6.3.5", "6.3.5"),
        ("1h0m0s", "1h0m0s"),
        ("08:30", '"08:30"'),
        ("true", '"true"'),
        ("", '""'),
        ("https://example.com/a?b=c", "https://example.com/a?b=c"),
        ("a: b", "'a: b'"),
        ("a\nb", '"a\\nb"'),
    ],
)
def test_text_is_quoted_as_flux_quotes_it_and_no_more(text: str, written: str) -> None:
    assert scalar(text) == written


def test_data_is_printed_as_flux_prints_it() -> None:
    value: dict[str, Any] = {
        "b": [{"c": 1, "d": "x"}, []],
        "a": {},
        "script": "one\ntwo",
        "none": None,
        "big": 1e20,
        "t": ("x",),
    }

    assert dump(value) == (
        "b:\n- c: 1\n  d: x\n- []\na: {}\nscript: |-\n  one\n  two\nnone: null\nbig: 1.0e+20\nt:\n- x\n"
    )


def test_no_line_is_folded_and_no_anchor_is_written() -> None:
    shared = {"text": "word " * 100 + "end"}

    assert dump([shared, shared]).count("\n") == 2


def test_a_text_that_would_swallow_the_blank_lines_below_it_is_no_block() -> None:
    assert dump({"a": "x\n\n"}) == 'a: "x\\n\\n"\n'
