"""Fields, list items and whole documents taken out of YAML text; every other line stays as it is.

As with `put`, what comes out is to be read again and compared.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from scaffolder.yamlio.nodes import documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.yamlio.nodes import Node, Step

_DASH: Final = re.compile(r"(?:[ \t\r]*(?:#[^\n]*)?\n)*[ \t]*(?=-)")  # the way from an item's end to the next one
_COMMA: Final = re.compile(r"[ \t]*,")
_HEADER: Final = re.compile(r"(?:#[^\n]*\n)+[ \t\r]*\n")  # of the file: a blank line is between it and the document
_SEPARATOR: Final = re.compile(r"---[ \t\r]*\n")


def cut(text: str, index: int, path: Sequence[Step]) -> str:
    """The text without one field or list item of one document; what is left empty is `{}` or `[]`.

    Comments go with what is cut only where they stand beside it or within.

    Args:
        text: one or more YAML documents that `load` accepts, mappings all of them.
        index: which of them, empty ones not counted.
        path: of a field or item that is there.
    """
    parent = documents(text)[index].node
    for step in path[:-1]:
        found = parent.child(step)
        if found is None:
            raise KeyError(step)
        parent = found[1]
    spans = _spans(text, parent)
    number = path[-1] if isinstance(path[-1], int) else [key.text for key, _ in parent.entries or ()].index(path[-1])
    if parent.flow:
        return _cut_inside(text, spans, number)
    if len(spans) == 1:
        return text[: parent.start] + _emptied(text, parent) + text[parent.end :]
    return _cut_lines(text, spans, number)


def drop(text: str, index: int) -> str:
    """The text without one of its documents: from its `---` to the next one's.

    A comment at the head of the file stays where a blank line follows it.
    """
    root = documents(text)[index]
    if root.marked:
        return text[: root.start] + text[root.end :]
    header = _HEADER.match(text)
    start = header.end() if header else 0
    next_one = _SEPARATOR.match(text, root.end)
    return text[:start] + text[next_one.end() if next_one else root.end :]


def _spans(text: str, parent: Node) -> list[tuple[int, int]]:
    """Each entry's or item's first and last character; in a block, an item starts with its dash."""
    if parent.entries is not None:
        return [(key.start, max(key.end, value.end)) for key, value in parent.entries]
    found, end = list[tuple[int, int]](), parent.start
    for item in parent.items or ():
        dash = None if parent.flow else _DASH.match(text, end)
        found.append((dash.end() if dash else item.start, item.end))
        end = item.end
    return found


def _emptied(text: str, parent: Node) -> str:
    """What stands for a block that has lost its last entry; it may have started at its key's own column."""
    line = text.rfind("\n", 0, parent.start) + 1
    margin = "" if text[line : parent.start].strip(" ") else "  "
    return margin + ("{}" if parent.entries is not None else "[]")


def _cut_lines(text: str, spans: list[tuple[int, int]], number: int) -> str:
    start, end = spans[number]
    line = text.rfind("\n", 0, start) + 1
    after = text.find("\n", end) + 1
    if text[line:start].strip(" "):  # the first one, behind the dash of an item: the next one takes its place
        follows = spans[number + 1][0]
        if text[after:follows].strip(" "):  # below the comments that stand above it
            return text[:start].rstrip(" ") + text[after - 1 - (text[after - 2] == "\r") :]
        return text[:start] + text[follows:]
    return text[:line] + (text[after:] if after else "")


def _cut_inside(text: str, spans: list[tuple[int, int]], number: int) -> str:
    """Of braces or brackets."""
    start, end = spans[number]
    if number + 1 < len(spans):
        return text[:start] + text[spans[number + 1][0] :]
    before = spans[number - 1][1] if number else start
    if "\n" not in text[before:start]:
        return text[:before] + text[end:]
    comma = _COMMA.match(text, end)
    return text[:start] + text[comma.end() if comma else end :]
