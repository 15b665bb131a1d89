from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.yamlio import load
from scaffolder.yamlio.cut import cut, drop
from scaffolder.yamlio.edit import put
from tests.support.laws import law

SCALARS = ["x", '"q: #"', "'s'", "http://h/p", "é", "", "|\n{0}  two\n{0}  lines", ">-\n{0}  fold\n\n{0}  ed"]
FLOWS = [
    "{}",
    "[]",
    "{a: 1, b: [x, {k: v}]}",
    "[u, v , w]",
    '["a", b,]',
    "{a: 1, # c\n    b: 2}",
    "[\n    u, # c\n    v\n    ]",
]
ENDS = ["", "", "  # beside"]
Path = tuple[str | int, ...]


@dataclass
class Text:
    """A file of documents; of each comment on a line of its own, what it stands above."""

    lines: list[str] = field(default_factory=list)
    comments: dict[str, tuple[int, Path]] = field(default_factory=dict)  # the line -> document, path
    index: int = 0

    def comment(self, path: Path, column: int) -> None:
        line = f"{' ' * column}# above {self.index} {'.'.join(map(str, path))}"
        self.comments[line] = (self.index, path)
        self.lines.append(line)


def mapping(draw: st.DrawFn, text: Text, path: Path, column: int, head: str = "") -> None:
    """A block mapping; `head` is the dash of the item that it is."""
    keys = draw(st.lists(st.sampled_from("abcde"), min_size=1, max_size=4, unique=True))
    for number, key in enumerate(keys):
        if not head or number:
            if draw(st.booleans()):
                text.lines.append("")
            if draw(st.booleans()):
                text.comment((*path, key), column)
        start = head if head and not number else " " * column
        value(draw, text, (*path, key), column, f"{start}{key}:")


def value(draw: st.DrawFn, text: Text, path: Path, column: int, head: str) -> None:
    what = draw(st.integers(0, 5 if len(path) < 4 else 2))
    end = draw(st.sampled_from(ENDS))
    if what <= 1:
        scalar = draw(st.sampled_from(SCALARS)).format(" " * column)
        text.lines.extend(f"{head} {scalar}{'' if chr(10) in scalar else end}".split("\n"))
    elif what == 2:
        text.lines.extend(f"{head} {draw(st.sampled_from(FLOWS))}{end}".replace("\n", f"\n{' ' * column}").split("\n"))
    elif what == 3:
        text.lines.append(f"{head}{end}")
        mapping(draw, text, path, column + 2)
    else:
        text.lines.append(f"{head}{end}")
        sequence(draw, text, path, column + draw(st.sampled_from([0, 2])))


def sequence(draw: st.DrawFn, text: Text, path: Path, column: int) -> None:
    for number in range(draw(st.integers(1, 3))):
        if draw(st.integers(0, 3)) == 0:
            text.comment((*path, number), column)
        if draw(st.booleans()):
            mapping(draw, text, (*path, number), column + 2, f"{' ' * column}- ")
        else:
            text.lines.append(f"{' ' * column}- {draw(st.sampled_from(SCALARS[:5] + FLOWS[:5]))}")


@st.composite
def texts(draw: st.DrawFn) -> Text:
    text = Text()
    for index in range(draw(st.integers(1, 3))):
        text.index = index
        if index or draw(st.booleans()):
            text.lines.append(draw(st.sampled_from(["---", "--- # one more"])))
        mapping(draw, text, (), 0)
    return text


def paths(data: Any) -> list[Path]:
    """All that can be cut."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path for step, item in inside for path in [(step,), *((step, *rest) for rest in paths(item))]]


def without(data: Any, path: Path) -> Any:
    data = copy.deepcopy(data)
    holder = data
    for step in path[:-1]:
        holder = holder[step]
    del holder[path[-1]]
    return data


def documents(text: str) -> list[Any]:
    return [document.data for document in load(text.encode())]


def changed_lines(before: str, after: str) -> int:
    """How many lines of the second are not of the first, where only one stretch differs."""
    old, new = before.splitlines(), after.splitlines()
    head = next(
        (n for n, pair in enumerate(zip(old, new, strict=False)) if pair[0] != pair[1]), min(len(old), len(new))
    )
    back = zip(old[head:][::-1], new[head:][::-1], strict=False)
    tail = next((n for n, pair in enumerate(back) if pair[0] != pair[1]), min(len(old), len(new)) - head)
    return len(new) - head - tail


@law(300)
@given(texts(), st.sampled_from(["\n", "\r\n"]), st.data())
def test_what_is_cut_is_gone_and_every_other_line_and_comment_stays(
    text: Text, newline: str, data: st.DataObject
) -> None:
    whole = newline.join([*text.lines, ""])
    parsed = documents(whole)
    index = data.draw(st.integers(0, len(parsed) - 1))
    path = data.draw(st.sampled_from(paths(parsed[index])))

    after = cut(whole, index, path)

    assert documents(after) == [*parsed[:index], without(parsed[index], path), *parsed[index + 1 :]]
    assert changed_lines(whole, after) <= 1
    kept = {line for line, (where, above) in text.comments.items() if where != index or above[: len(path)] != path}
    assert kept <= set(after.splitlines())


@law(200)
@given(texts(), st.sampled_from(["\n", "\r\n"]), st.data())
def test_a_dropped_document_is_gone_and_the_others_keep_every_byte(
    text: Text, newline: str, data: st.DataObject
) -> None:
    whole = newline.join([*text.lines, ""])
    parsed = documents(whole)
    index = data.draw(st.integers(0, len(parsed) - 1))

    after = drop(whole, index)

    assert documents(after) == [*parsed[:index], *parsed[index + 1 :]]
    assert changed_lines(whole, after) == 0
    assert {line for line, (where, _) in text.comments.items() if where != index} <= set(after.splitlines())


@law(200)
@given(texts(), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["v", "a: #", {"k": ["v"]}]), st.data())
def test_an_item_is_added_to_a_list_and_every_line_stays(
    text: Text, newline: str, item: Any, data: st.DataObject
) -> None:
    whole = newline.join([*text.lines, ""])
    parsed = documents(whole)
    lists = [(n, path) for n, found in enumerate(parsed) for path in paths(found) if isinstance(at(found, path), list)]
    if not lists:
        return
    index, path = data.draw(st.sampled_from(lists))
    wanted = copy.deepcopy(parsed)
    at(wanted[index], path).append(item)

    after = put(whole, index, (*path, len(at(parsed[index], path))), item)

    assert documents(after) == wanted
    assert set(text.comments) <= set(after.splitlines())


def at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


@pytest.mark.parametrize(
    ("before", "path", "after"),
    [
        ("a: 1\n# b\nb: 2  # c\n\nc: 3\n", ["b"], "a: 1\n# b\n\nc: 3\n"),
        ("a: 1\nb: 2", ["b"], "a: 1\n"),
        ("a:\n- x\n- y # c\n# d\n- z\n", ["a", 1], "a:\n- x\n# d\n- z\n"),
        ("a: [x, y, z]  # c\n", ["a", 0], "a: [y, z]  # c\n"),
        ("a: [x, y, z]\n", ["a", 2], "a: [x, y]\n"),
        ("{a: 1, b: 2}\n", ["b"], "{a: 1}\n"),
        ("a:\n- x\n", ["a", 0], "a:\n  []\n"),
        ("a: &x {k: 1, l: 2}\n", ["a", "k"], "a: &x {l: 2}\n"),
    ],
)
def test_a_cut_looks_as_a_person_would_have_made_it(before: str, path: list[str | int], after: str) -> None:
    assert cut(before, 0, path) == after


@pytest.mark.parametrize(
    ("before", "index", "after"),
    [
        ("a: 1\n---\nb: 2\n", 0, "b: 2\n"),
        ("a: 1\n---\nb: 2\n", 1, "a: 1\n"),
        ("# ours\n\n# about a\na: 1\n--- # b\nb: 2\n", 0, "# ours\n\n--- # b\nb: 2\n"),
        ("a: 1\n# still a\n---\n# b\nb: 2\n...\n---\nc: 3\n", 1, "a: 1\n# still a\n---\nc: 3\n"),
        ("---\n---\na: 1\n--- {b: 2}\n", 0, "---\n--- {b: 2}\n"),
    ],
)
def test_a_document_goes_from_its_separator_to_the_next(before: str, index: int, after: str) -> None:
    assert drop(before, index) == after
