"""Changes in YAML text that keep every other byte: comments, order, quotes, blank lines, line endings.

Values are found by a parser and text is changed at their places; nothing is dumped again but what is new. What comes
out is to be read again and compared: where the text has an alias, or is written in a rare way, it may be wrong or no
YAML at all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from scaffolder.yamlio.dump import dump, flow, scalar
from scaffolder.yamlio.nodes import documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.yamlio.nodes import Node, Step

_COLON: Final = re.compile(r"[ \t]*:")


def put(text: str, index: int, path: Sequence[Step], value: Any) -> str:
    """The text with one value set in one of its documents.

    Args:
        text: one or more YAML documents that `load` accepts, mappings all of them.
        index: which of them, empty ones not counted.
        path: keys of mappings and places in lists, from the document's root; what is missing is added, to a list at
            its end.
        value: a scalar, list or mapping of plain data.
    """
    return _Editor(text).put(index, path, value)


class _Editor:
    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"

    def put(self, index: int, path: Sequence[Step], value: Any) -> str:
        key: Node | None = None
        node = documents(self.text)[index].node
        for depth, step in enumerate(path):
            if not (node.entries if isinstance(step, str) else node.items):
                return self._start(key, node, _nested(path[depth:], value))
            found = node.child(step)
            if found is None:
                return self._add(node, _nested(path[depth:], value))
            key, node = found
        return self._replace(key, node, value)

    def _line_end(self, place: int) -> int:
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end - (self.text[end - 1] == "\r")

    def _splice(self, start: int, end: int, new: str) -> str:
        if "\n" in new and end == len(self.text):  # a block's last line may be text, which ends with its line
            new += "\n"
        return self.text[:start] + new.replace("\n", self.newline) + self.text[end:]

    def _start(self, key: Node | None, node: Node, value: Any) -> str:
        """A mapping or list in place of an empty one, whose braces or brackets stay, or of what is none."""
        if () in (node.entries if isinstance(value, dict) else None, node.items if isinstance(value, list) else None):
            return self._splice(node.end - 1, node.end - 1, flow(value)[1:-1])
        return self._replace(key, node, value)

    def _replace(self, key: Node | None, node: Node, value: Any) -> str:
        if key is None:  # an item of a list
            return self._splice(node.start, node.end, " " * (node.start == node.end) + flow(value))
        if node.start == node.end:
            return self._fill(key, value)
        if key.inside or not _is_block(value):
            margin = "  " if node.column <= key.column and not key.inside else ""
            return self._splice(node.start, node.end, margin + _on_line(value, inside=key.inside))
        line = self.text.rfind("\n", 0, node.start) + 1
        if self.text[line : node.start].strip(" "):
            return self._below(key, len(self.text[: node.start].rstrip(" \t")), node.end, value)
        return self._splice(line, node.end, _indented(value, max(node.column, _column_below(key, value))))

    def _fill(self, key: Node, value: Any) -> str:
        """A value behind a key that has none; in braces a key may be without its colon too."""
        colon = _COLON.match(self.text, key.end)
        place = colon.end() if colon else key.end
        if key.inside or not _is_block(value):
            return self._splice(place, place, (" " if colon else ": ") + _on_line(value, inside=key.inside))
        return self._below(key, place, place, value)

    def _below(self, key: Node, start: int, end: int, value: Any) -> str:
        """A block on the lines below its key, in place of what stands beside it; a comment there stays."""
        comment = self.text[end : self._line_end(end)]
        block = _indented(value, _column_below(key, value))
        return self._splice(start, end + len(comment), f"{comment}\n{block}")

    def _add(self, node: Node, value: Any) -> str:
        """A mapping's or list's first entry at the end of another one's."""
        last = node.entries[-1][1] if node.entries else (node.items or ())[-1]
        if node.flow:
            return self._splice(last.end, last.end, ", " + flow(value)[1:-1])
        end, first = self._line_end(node.end), node.entries[0][0] if node.entries else node
        return self._splice(end, end, "\n" + _indented(value, first.column))


def _on_line(value: Any, *, inside: bool) -> str:
    return scalar(value) if isinstance(value, str) and not inside else flow(value)


def _is_block(value: Any) -> bool:
    """Whether a value takes lines of its own."""
    return isinstance(value, dict | list) and bool(value)


def _column_below(key: Node, value: Any) -> int:
    return key.column + (0 if isinstance(value, list) else 2)


def _indented(value: Any, column: int) -> str:
    lines = dump(value)[:-1].split("\n")
    return "\n".join(" " * column + line if line else line for line in lines)


def _nested(path: Sequence[Step], value: Any) -> Any:
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value
