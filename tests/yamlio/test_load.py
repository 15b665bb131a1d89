from __future__ import annotations

import contextlib
import json
import time
import tracemalloc
from typing import Any

import pytest
import ruamel.yaml
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.yamlio import YamlError, load


def data(text: str) -> list[Any]:
    return [document.data for document in load(text.encode())]


def refusal(content: bytes) -> str:
    with pytest.raises(YamlError) as caught:
        load(content)
    return f"{caught.value.mark} {caught.value.message}"


@pytest.mark.parametrize(
    ("text", "documents"),
    [
        ("", []),
        ("# nothing\n", []),
        ("---\n---\n~\n---\n", []),
        ("a: 1\n---\n\n---\n# only this\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("a: x # c\n\n# c\nb: [1, true, ~]\n", [{"a": "x", "b": [1, True, None]}]),
        ("a: 1\r\nb: |\r\n  x\r\n  y\r\n", [{"a": 1, "b": "x\ny\n"}]),
        ('a: "y"\n"on": \'12e45\'\n', [{"a": "y", "on": "12e45"}]),
        ("a: &x {k: v}\nb: *x\n", [{"a": {"k": "v"}, "b": {"k": "v"}}]),
        ("a: &x 1\n---\na: &x 2\n", [{"a": 1}, {"a": 2}]),
        ("a:\tb\n", [{"a": "b"}]),
        ("a: é\nb: 😀\n", [{"a": "é", "b": "😀"}]),
    ],
)
def test_what_is_sound_is_read(text: str, documents: list[Any]) -> None:
    assert data(text) == documents


def test_a_merge_key_gives_way_to_the_mappings_own_keys_and_the_first_source_wins() -> None:
    text = "a: &a {k: 1, l: 1}\nb: &b {k: 2, m: 2}\nc: {<<: [*a, *b], l: 3}\n"

    assert data(text)[0]["c"] == {"k": 1, "l": 3, "m": 2}
    assert data(text) == [yaml.safe_load(text)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"a: 1\nb:\n  c: 1\n  c: 2\n", "4:3 the key `c` stands here twice, first in line 3"),
        (b"a: 1\n'a': 2\n", "2:1 the key `a` stands here twice, first in line 1"),
        (b"a:\n\tb: 1\n", "2:1 a tab cannot stand here"),
        (b"a: @x\n", "1:4 a value cannot start with `@`: quote it"),
        (b"a: 1\nb: {*x : 1}\n", "2:5 no anchor `x` stands before this"),
        (b"a: &x [1, *x]\n", "1:11 the alias `x` stands inside its own anchor"),
        (b"a: &x {b: *x}\n", "1:11 the alias `x` stands inside its own anchor"),
        (b"a: &x 1\nb: &x 2\n", "2:4 the anchor `x` stands here twice"),
        (b"a: !!str 1\n", "1:4 the tag `tag:yaml.org,2002:str` is not supported"),
        (b"a: !Ref x\n", "1:4 the tag `!Ref` is not supported"),
        (b"a: !!python/object:os.system x\n", "1:4 the tag `tag:yaml.org,2002:python/object:os.system` is not"),
        (b"b: 1\na: b\x00c\n", "2:5 the character U+0000 is not allowed"),
        (b"a: b\r\nc: d\x1b[31m\r\n", "2:5 the character U+001B is not allowed"),
        ("a: é\x85b\n".encode(), "1:5 the character U+0085 is not text to every YAML parser"),
        ("a: 1 # c\u2028evil: true\n".encode(), "1:9 the character U+2028 is not text to every YAML parser"),
        ("\ufeffa: 1\n".encode(), "1:1 the character U+FEFF is not text to every YAML parser"),
        ("é: 1\na: é".encode("latin-1"), "1:1 not UTF-8 text"),
        ("é: 1\na: é".encode() + b"\xff", "2:5 not UTF-8 text"),
        ("a: 1".encode("utf-16"), "1:1 not UTF-8 text"),
        (b"a: \xed\xa0\x80\n", "1:4 not UTF-8 text"),
        (b'a: "\\ud800"\n', "1:7 found invalid Unicode character escape code"),
        (b"\x7fELF\x02\x01", "1:1 the character U+007F is not allowed"),
        (b"a: yes\n", "1:4 `yes` is not the same to every YAML parser: quote it"),
        (b"on: push\n", "1:1 `on` is not the same to every YAML parser: quote it"),
        (b"a: {b: [6.10, 1e3]}\n", "1:15 `1e3` is not the same to every YAML parser: quote it"),
        (b"a: <<\n", "1:4 `<<` is not the same"),
        (b"1: a\n", "1:1 a key must be a string: quote it"),
        (b"a: {~: b}\n", "1:5 a key must be a string: quote it"),
        (b"? [a]\n: b\n", "1:3 a key must be a string: quote it"),
        (b"a: 1\n<<: 2\n", "2:5 `<<` takes a mapping, or a list of them"),
        (b"<<: {a: 1}\n<<: {b: 1}\n", "2:1 `<<` stands here twice"),
        (b"a: [1\nb: 2\n", "2:2 did not find expected ',' or ']'"),
        (b"a: b: c\n", "1:5 mapping values are not allowed in this context"),
        (b"%YAML 3.0\n---\na: 1\n", "1:1 found incompatible YAML document"),
        (b"a" * 10_000_000, "1:1 more than 5 MB"),
    ],
)
def test_what_is_not_sound_is_told_with_its_place(content: bytes, told: str) -> None:
    assert refusal(content).startswith(told)


@pytest.mark.parametrize(
    "content",
    [
        b"a: " + b"[" * 10_000 + b"]" * 10_000,
        b"{a: " * 10_000 + b"}" * 10_000,
        b"- " * 10_000 + b"x",
        b"\n".join(b" " * depth + b"a:" for depth in range(2_000)),
    ],
    ids=["flow lists", "flow mappings", "compact lists", "block mappings"],
)
def test_deep_nesting_is_refused_not_followed(content: bytes) -> None:
    assert "nested deeper than 100 levels" in refusal(content)


def test_aliases_cannot_nest_deeper_than_text_could() -> None:
    chain = "".join(f"a{n}: &a{n} [{'[' * 60}*a{n - 1}{']' * 60}, &b{n} x]\n" for n in range(1, 9))

    assert refusal(f"a0: &a0 x\n{chain}".encode()).startswith("3:70 nested deeper than 100 levels")


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 40)
)
MERGE_BOMB = "a0: &a0 {k: v}\n" + "".join(
    f"a{n}: &a{n} {{x{n}: *a{n - 1}, y{n}: *a{n - 1}, <<: *a{n - 1}}}\n" for n in range(1, 60)
)
TEXT_BOMB = f"a: &a {'x' * 1_000_000}\nb: [{', '.join(['*a'] * 100_000)}]\n"


@pytest.mark.parametrize("text", [BOMB, MERGE_BOMB, TEXT_BOMB], ids=["lists", "merge keys", "a long text"])
def test_an_alias_bomb_is_refused_quickly_and_in_little_memory(text: str) -> None:
    tracemalloc.start()
    before = time.process_time()

    told = refusal(text.encode())

    assert "more than 500000 values, aliases expanded" in told
    assert time.process_time() - before < 2
    assert tracemalloc.get_traced_memory()[1] < 50_000_000
    tracemalloc.stop()


def test_what_is_told_of_a_text_is_short_and_cannot_steer_a_terminal() -> None:
    told = refusal(b'"a\\e[31m\\nb": 1\n"a\\e[31m\\nb": 2\n') + refusal(b"a: 1" + b"0" * 5_000)

    assert told.isprintable()
    assert len(told) < 250


def test_a_place_can_be_looked_up_by_its_path() -> None:
    (document,) = load(b"# c\na:\n  b:\n  - x\n  - c: [1, 2]\n")

    assert str(document.at(("a", "b", 1, "c", 1))) == "5:12"
    assert str(document.at(("a", "b"), key=True)) == "3:3"
    assert str(document.at(("a", "b", 7))) == "4:3"
    assert str(document.at(("a", "x", "y"))) == "3:3"
    assert str(document.at(())) == "2:1"


def test_a_place_in_what_an_alias_or_merge_key_brings_in_is_where_it_is_written() -> None:
    (document,) = load(b"a: &a\n  k: 1\nb: *a\nc:\n  <<: *a\n")

    assert str(document.at(("b", "k"))) == "2:6"
    assert str(document.at(("c", "k"))) == "2:6"


PIECES = ["a", "b", "c: ", "d: ", "- ", "\n", "\n  ", "\n    ", ": ", "? ", "{", "}", "[", "]", ", ", '"x"', "'y z'"]
MORE = [" # c", "|\n", ">-\n", "&p ", "*p", "1", "true", "~", ":", "-", "!", '"\\n"', "'a\n\n b'", "\r\n", "<<: ", "é"]


def sound(read: Any) -> list[Any] | None:
    """What another reader makes of a text; None where it refuses it."""
    try:
        return [found for found in read() if found is not None]
    except (yaml.YAMLError, ruamel.yaml.error.YAMLError):
        return None


def told(found: list[Any]) -> str:
    """What was read, so that 1, 1.0 and true differ and the order of keys does not."""
    return json.dumps(found, sort_keys=True, default=repr)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from([*PIECES, *MORE]), min_size=1, max_size=10).map("".join))
def test_whatever_is_accepted_means_the_same_to_every_reader_that_accepts_it(pieces: str) -> None:
    text = f"k: {pieces}"
    try:
        found = data(text)
    except YamlError:
        return

    old = sound(lambda: yaml.safe_load_all(text))
    new = sound(lambda: ruamel.yaml.YAML(typ="safe", pure=True).load_all(text))

    assert all(other is None or told(other) == told(found) for other in (old, new) if isinstance(found[0], dict))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_nothing_but_a_yaml_error_ever_comes_out(content: bytes) -> None:
    with contextlib.suppress(YamlError):
        load(content)
