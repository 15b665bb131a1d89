"""Where things stand in a YAML text: documents, keys, values and items, each with its first and last character."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from scaffolder.yamlio.plain import NULL

if TYPE_CHECKING:
    from collections.abc import Iterator

Step = str | int  # a key of a mapping, or a place in a list


@dataclass(frozen=True, slots=True)
class Node:
    """A value or a key in the text."""

    start: int
    end: int  # of its own text: comments and blank lines that follow do not count
    column: int
    inside: bool  # of braces or brackets
    flow: bool  # in braces or brackets itself
    text: str | None  # of a scalar
    entries: tuple[tuple[Node, Node], ...] | None = None  # of a mapping
    items: tuple[Node, ...] | None = None  # of a list

    def child(self, step: Step) -> tuple[Node | None, Node] | None:
        """The key and the value at a step, or an item, which has no key."""
        if isinstance(step, str):
            return next((entry for entry in self.entries or () if entry[0].text == step), None)
        return (None, self.items[step]) if self.items and step < len(self.items) else None


@dataclass(frozen=True, slots=True)
class Root:
    """A document: its value, and the text from its `---` to the next one's."""

    node: Node
    start: int
    end: int
    marked: bool  # whether it starts with a `---`


def documents(text: str) -> list[Root]:
    """The documents of a text that the strict reader accepts; empty ones are left out."""
    events = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
    found: list[tuple[Node | None, int, bool]] = []
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            root = next(events)
            node = _node(text, events, root, inside=False)
            empty = isinstance(root, yaml.ScalarEvent) and root.implicit[0] and NULL.fullmatch(root.value)
            start = text.rfind("\n", 0, _at(event.start_mark)) + 1 if found or event.explicit else 0
            found.append((None if empty else node, start, bool(event.explicit)))
    ends = [*(start for _, start, _ in found[1:]), len(text)]
    return [Root(node, start, end, marked) for (node, start, marked), end in zip(found, ends, strict=True) if node]


def _node(text: str, events: Iterator[Any], event: Any, *, inside: bool) -> Node:
    start, end, column = _at(event.start_mark), _at(event.end_mark), event.start_mark.column
    if not isinstance(event, yaml.CollectionStartEvent):
        if getattr(event, "style", None) in {"|", ">"}:
            end = _without_line_ends(text, end)
        return Node(start, end, column, inside, False, getattr(event, "value", None))
    flow, found = bool(event.flow_style), list[Node]()
    for inner in events:
        if isinstance(inner, yaml.CollectionEndEvent):
            end = found[-1].end if found and not flow else _at(inner.end_mark)
            break
        found.append(_node(text, events, inner, inside=inside or flow))
    if isinstance(event, yaml.MappingStartEvent):
        entries = tuple(zip(found[::2], found[1::2], strict=True))
        return Node(start, end, column, inside, flow, None, entries=entries)
    return Node(start, end, column, inside, flow, None, items=tuple(found))


def _without_line_ends(text: str, place: int) -> int:
    while text[place - 1] in "\r\n":
        place -= 1
    return place


def _at(mark: Any) -> int:
    return int(mark.index)
