from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.yamlio import load
from scaffolder.yamlio.edit import put

KEYS = ["a", "b", "name", "é", "q k", "y"]
COMMENTS = ["", "", " # c", "   # d: e", "  "]
VALUES: list[Any] = [
    *("x", "12345", "y", "", "it's: #", "a, b", "[x", "two\nlines", True, 1, None, [], {}),
    *(["a", "b"], {"k": "v"}, {"k": {"l": ["m", {"n": "o"}]}}, {"t": "two\nlines\n"}, ["two\nlines", "x"]),
]
SCALARS = ["x", "true", "~", '"q: #"', "'s'", "http://h/p", "a b c", '""', "1.5", "é", '"é\\u00e9"', "plain\n{}  more"]
BLOCKS = ['"two\n{}  lines"', "|\n{}  text\n{}    more", ">-\n{}  fold\n\n{}  ed", "|-\n{}  a\n"]
FLOWS = [
    "{}",
    "[]",
    "{{a: 1}}",
    '{{"a": 1, b: [x, {{k: v}}],}}',
    "[x, z]",
    "{{a: 1, # c\n{}     b: 2}}",
    "{{ }}",
    "{{a, b: }}",
]


Entry = tuple[tuple[str, ...], str, str, str]  # path, text up to the value, the value, what stands behind it


@dataclass(frozen=True)
class Text:
    """A file of documents; `whole` is its text, `around` the same without the value that is going to be changed."""

    whole: str
    around: str
    index: int
    path: tuple[str, ...]


@st.composite
def values(draw: st.DrawFn, column: int) -> str:
    """The text of a value that starts behind its key."""
    if draw(st.integers(0, 5)) == 0:
        return ""
    text = draw(st.sampled_from([*SCALARS, *BLOCKS, *FLOWS]))
    return " " + text.format(*[" " * column] * text.count("{}"))


@st.composite
def entries(draw: st.DrawFn, column: int = 0, depth: int = 0) -> list[Entry]:
    """The entries of a block mapping, with those of the mappings in it."""
    found: list[Entry] = []
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=3, unique=True))
    for key in keys:
        above = draw(st.sampled_from(["", "", "\n", "# about\n", " " * column + "# at: x\n"]))
        quoted = draw(st.sampled_from([f'"{key}"', f"'{key}'"] if key in {"q k", "y"} else [key, f'"{key}"']))
        head = f"{above}{' ' * column}{quoted}{draw(st.sampled_from([':', ':', ' :']))}"
        comment = draw(st.sampled_from(COMMENTS))
        if depth < 2 and draw(st.integers(0, 3)) == 0:
            inner = draw(entries(column + draw(st.sampled_from([1, 2, 4])), depth + 1))
            found.append(((key,), f"{head}{comment}\n", "", ""))
            found += [((key, *path), before, value, after) for path, before, value, after in inner]
        else:
            value = draw(values(column))
            found.append(((key,), head, value, "\n" if set("|>") & set(value) else f"{comment}\n"))
    return found


@st.composite
def texts(draw: st.DrawFn) -> Text:
    """A file in which one value, or a key that is not there, is picked."""
    documents = [draw(entries()) for _ in range(draw(st.integers(1, 3)))]
    index = draw(st.integers(0, len(documents) - 1))
    leaves = [path for path, _, _, after in documents[index] if after]
    path = draw(st.sampled_from(leaves)) if draw(st.booleans()) else (*draw(st.sampled_from(leaves))[:-1], "new")
    whole, around = [], []
    for number, document in enumerate(documents):
        start = draw(st.sampled_from(["---\n", "--- # d\n", "---\n# only this\n---\n"])) if number else ""
        whole.append(start + "".join(head + value + after for _, head, value, after in document))
        kept = [(head, "" if (number, at) == (index, path) else value, after) for at, head, value, after in document]
        around.append(start + "".join(map("".join, kept)))
    end = draw(st.sampled_from(["", "", "\n", "# end", "...\n"]))
    ends = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    before, left = (("".join(parts) + end).replace("\n", ends) for parts in (whole, around))
    return Text(before, left, index, path)


def with_value(data: Any, path: tuple[str, ...], value: Any) -> Any:
    if not path:
        return value
    return {**data, path[0]: with_value(data.get(path[0]), path[1:], value)}


def documents_of(text: str) -> list[Any]:
    return [document.data for document in load(text.encode())]


def is_left(around: str, after: str) -> bool:
    """Whether all characters are still there, in order; spaces at the ends of lines come and go with values."""
    rest = iter(after)
    return all(character in rest for character in around if character != " ")


@settings(max_examples=300, deadline=None)
@given(texts(), st.sampled_from(VALUES))
def test_one_value_changes_and_everything_around_it_stays(text: Text, value: Any) -> None:
    wanted = documents_of(text.whole)
    wanted[text.index] = with_value(wanted[text.index], text.path, value)

    after = put(text.whole, text.index, text.path, value)

    assert repr(documents_of(after)) == repr(wanted)
    assert is_left(text.around, after)
    assert ("\r\n" in text.whole) == ("\r\n" in after) or "\n" not in text.whole


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("a: 1  # c\nb: 2\n", ["a"], "x: y", "a: 'x: y'  # c\nb: 2\n"),
        ("a:   # c\nb: 2\n", ["a"], True, "a: true   # c\nb: 2\n"),
        ("a: {}  # c\nb: 2\n", ["a"], {"k": "v"}, "a:  # c\n  k: v\nb: 2\n"),
        ("a:  # c\n- x  # d\n\n# e\nb: 2\n", ["a"], "y", 'a:  # c\n  "y"  # d\n\n# e\nb: 2\n'),
        ("a:\n    k: 1\n    l: 2\n", ["a"], {"m": [1]}, "a:\n    m:\n    - 1\n"),
        ("a:\n- x\n", ["a"], {"k": 1}, "a:\n  k: 1\n"),
        ("a:\n  k: 1\n  # e\n\n# f\nb: 2\n", ["a", "l"], 2, "a:\n  k: 1\n  l: 2\n  # e\n\n# f\nb: 2\n"),
        ("{a: 1, b: [x],}\n", ["c"], {"k": "v"}, "{a: 1, b: [x], c: {k: v},}\n"),
        ("a: {k: 1 # c\n  }\n", ["a", "l"], "u", "a: {k: 1, l: u # c\n  }\n"),
        ("a: {k: {l: 1}}\n", ["a", "k", "l"], {"m": [1]}, "a: {k: {l: {m: [1]}}}\n"),
        ("a: {k, l: 1}\n", ["a", "k"], "x, y", "a: {k: 'x, y', l: 1}\n"),
        ("a: 1", ["b", "c"], "x", "a: 1\nb:\n  c: x\n"),
        ("a: 1", ["a"], "x", "a: x"),
        ("a: 1\r\nb: é # ü\r\n", ["b"], {"k": 1}, "a: 1\r\nb: # ü\r\n  k: 1\r\n"),
        ("a: |\n  x\n\n\nb: 1\n", ["a"], "y\nz", 'a: "y\\nz"\n\n\nb: 1\n'),
    ],
)
def test_a_change_looks_as_a_person_would_have_made_it(before: str, path: list[str], value: Any, after: str) -> None:
    assert put(before, 0, path, value) == after


def test_documents_that_hold_nothing_do_not_count() -> None:
    assert put("---\n---\na: 1\n---\n# c\n---\na: 2\n", 1, ["a"], 3) == "---\n---\na: 1\n---\n# c\n---\na: 3\n"
