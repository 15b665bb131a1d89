"""Changes in YAML text that keep every other byte: comments, order, quotes, blank lines, line endings.

Values are found by a parser and text is changed at their places; nothing is dumped again but what is new.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml

from scaffolder.yamlio.dump import dump, flow, scalar
from scaffolder.yamlio.plain import NULL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_COLON: Final = re.compile(r"[ \t]*:")


def put(text: str, index: int, path: Sequence[str], value: Any) -> str:
    """The text with one value set in one of its documents.

    What comes out is to be read again and compared: where the text has an alias, or is written in a rare way, it may
    be wrong or no YAML at all.

    Args:
        text: one or more YAML documents that `load` accepts, mappings all of them.
        index: which of them, empty ones not counted.
        path: keys of mappings from the document's root; those that are missing are added.
        value: a scalar, list or mapping of plain data.
    """
    return _Editor(text).put(index, path, value)


@dataclass(frozen=True, slots=True)
class _Node:
    """A value or a key in the text."""

    start: int
    end: int  # of its own text: comments and blank lines that follow do not count
    column: int
    inside: bool  # of braces or brackets
    flow: bool  # in braces or brackets itself
    text: str | None  # of a scalar
    entries: tuple[tuple[_Node, _Node], ...] | None  # of a mapping


class _Editor:
    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def put(self, index: int, path: Sequence[str], value: Any) -> str:
        key = node = list(self._documents())[index]
        for depth, step in enumerate(path):
            if node.entries is None:
                return self._replace(key, node, _nested(path[depth:], value))
            found = next((entry for entry in node.entries if entry[0].text == step), None)
            if found is None:
                return self._add(node, step, _nested(path[depth + 1 :], value))
            key, node = found
        return self._replace(key, node, value)

    def _documents(self) -> Iterator[_Node]:
        events = iter(yaml.parse(self.text, Loader=yaml.CSafeLoader))
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                root = next(events)
                node = self._node(events, root, inside=False)
                if not (isinstance(root, yaml.ScalarEvent) and root.implicit[0] and NULL.fullmatch(root.value)):
                    yield node

    def _node(self, events: Iterator[Any], event: Any, *, inside: bool) -> _Node:
        start, end, column = _at(event.start_mark), _at(event.end_mark), event.start_mark.column
        if not isinstance(event, yaml.CollectionStartEvent):
            if getattr(event, "style", None) in {"|", ">"}:
                end = self._without_line_ends(end)
            return _Node(start, end, column, inside, False, getattr(event, "value", None), None)
        flow, mapping = bool(event.flow_style), isinstance(event, yaml.MappingStartEvent)
        found: list[_Node] = []
        for inner in events:
            if isinstance(inner, yaml.CollectionEndEvent):
                end = found[-1].end if found and not flow else _at(inner.end_mark)
                break
            found.append(self._node(events, inner, inside=inside or flow))
        entries = tuple(zip(found[::2], found[1::2], strict=True)) if mapping else None
        return _Node(start, end, column, inside, flow, None, entries)

    def _without_line_ends(self, place: int) -> int:
        while self.text[place - 1] in "\r\n":
            place -= 1
        return place

    def _line_end(self, place: int) -> int:
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end - (self.text[end - 1] == "\r")

    def _splice(self, start: int, end: int, new: str) -> str:
        if "\n" in new and end == len(self.text):  # a block's last line may be text, which ends with its line
            new += "\n"
        return self.text[:start] + new.replace("\n", self.newline) + self.text[end:]

    def _replace(self, key: _Node, node: _Node, value: Any) -> str:
        if node.start == node.end:
            return self._fill(key, value)
        if key.inside or not _is_block(value):
            margin = "  " if node.column <= key.column and not key.inside else ""
            return self._splice(node.start, node.end, margin + _on_line(value, inside=key.inside))
        line = self.text.rfind("\n", 0, node.start) + 1
        if self.text[line : node.start].strip(" "):
            return self._below(key, len(self.text[: node.start].rstrip(" \t")), node.end, value)
        return self._splice(line, node.end, _indented(value, max(node.column, _column_below(key, value))))

    def _fill(self, key: _Node, value: Any) -> str:
        """A value behind a key that has none; in braces a key may be without its colon too."""
        colon = _COLON.match(self.text, key.end)
        place = colon.end() if colon else key.end
        if key.inside or not _is_block(value):
            return self._splice(place, place, (" " if colon else ": ") + _on_line(value, inside=key.inside))
        return self._below(key, place, place, value)

    def _below(self, key: _Node, start: int, end: int, value: Any) -> str:
        """A block on the lines below its key, in place of what stands beside it; a comment there stays."""
        comment = self.text[end : self._line_end(end)]
        block = _indented(value, _column_below(key, value))
        return self._splice(start, end + len(comment), f"{comment}\n{block}")

    def _add(self, mapping: _Node, key: str, value: Any) -> str:
        if not mapping.entries:
            return self._splice(mapping.end - 1, mapping.end - 1, flow({key: value})[1:-1])
        if mapping.flow:
            end = mapping.entries[-1][1].end
            return self._splice(end, end, ", " + flow({key: value})[1:-1])
        end = self._line_end(mapping.end)
        return self._splice(end, end, "\n" + _indented({key: value}, mapping.entries[0][0].column))


def _at(mark: Any) -> int:
    return int(mark.index)


def _on_line(value: Any, *, inside: bool) -> str:
    return scalar(value) if isinstance(value, str) and not inside else flow(value)


def _is_block(value: Any) -> bool:
    """Whether a value takes lines of its own."""
    return isinstance(value, dict | list) and bool(value)


def _column_below(key: _Node, value: Any) -> int:
    return key.column + (0 if isinstance(value, list) else 2)


def _indented(value: Any, column: int) -> str:
    lines = dump(value)[:-1].split("\n")
    return "\n".join(" " * column + line if line else line for line in lines)


def _nested(path: Sequence[str], value: Any) -> Any:
    for key in reversed(path):
        value = {key: value}
    return value
