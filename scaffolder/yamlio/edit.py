"""Changes in YAML text that keep every other byte: comments, order, quotes, blank lines, line endings.

Nodes are found by a parser and text is changed at their places; nothing is dumped again but what is new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from scaffolder.yamlio.dump import dump, scalar

if TYPE_CHECKING:
    from collections.abc import Sequence


def put(text: str, index: int, path: Sequence[str], value: Any) -> str:
    """The text with one value set in one of its documents.

    Args:
        text: one or more YAML documents that `load` accepts.
        index: which of them, empty ones not counted.
        path: keys of mappings from the document's root; those that are missing are added.
        value: a scalar, list or mapping of plain data.
    """
    return _Editor(text).put(index, path, value)


class _Editor:
    def __init__(self, text: str) -> None:
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self.starts = [0]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def put(self, index: int, path: Sequence[str], value: Any) -> str:
        nodes = [node for node in yaml.compose_all(self.text, Loader=yaml.CSafeLoader) if not _is_null(node)]
        node = nodes[index]
        for depth, key in enumerate(path):
            if not isinstance(node, yaml.MappingNode):
                return self._replace(node, _nested(path[depth:], value))
            found = next((entry for entry in node.value if entry[0].value == key), None)
            if found is None:
                return self._add(node, key, _nested(path[depth + 1 :], value))
            parent, node = node, found[1]
            if _is_null(node) and node.start_mark.index == node.end_mark.index:
                return self._fill(parent, found[0], _nested(path[depth + 1 :], value))
        return self._replace(node, value)

    def _at(self, mark: Any) -> int:
        return int(self.starts[mark.line] + mark.column)

    def _end(self, node: yaml.Node) -> int:
        """Where a node's own text ends; a block's end mark lies behind the comments that follow it."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1] if isinstance(last, tuple) else last)
        if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
            return len(self.text[: self._at(node.end_mark)].rstrip("\r\n"))
        return self._at(node.end_mark)

    def _splice(self, start: int, end: int, new: str) -> str:
        return self.text[:start] + new.replace("\n", self.newline) + self.text[end:]

    def _replace(self, node: yaml.Node, value: Any) -> str:
        start, end = self._at(node.start_mark), self._end(node)
        if isinstance(value, dict | list) and value:
            if not self._in_flow(node):
                return self._replace_by_block(node, value)
            return self._splice(start, end, flow(value))
        return self._splice(start, end, flow(value))

    def _replace_by_block(self, node: yaml.Node, value: Any) -> str:
        """A block in place of a value that stands behind `key:`, on the lines below it."""
        start = self._at(node.start_mark)
        line = self.starts[node.start_mark.line]
        before = self.text[line:start]
        indent = len(before) - len(before.lstrip(" "))
        own_line = not before.strip()
        if own_line:
            return self._splice(start, self._end(node), _indented(value, node.start_mark.column).lstrip(" "))
        block = _indented(value, indent + (0 if isinstance(value, list) else 2))
        return self._splice(len(self.text[:start].rstrip(" ")), self._end(node), "\n" + block)

    def _in_flow(self, node: yaml.Node) -> bool:
        """Whether a node stands inside braces or brackets."""
        return any(
            event_start < self._at(node.start_mark) < event_end for event_start, event_end in self._flow_ranges()
        )

    def _flow_ranges(self) -> list[tuple[int, int]]:
        ranges, stack = [], []
        for event in yaml.parse(self.text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.CollectionStartEvent):
                stack.append(self._at(event.start_mark) if event.flow_style else None)
            elif isinstance(event, yaml.CollectionEndEvent) and (start := stack.pop()) is not None:
                ranges.append((start, self._at(event.end_mark)))
        return ranges

    def _fill(self, parent: yaml.MappingNode, key: yaml.Node, value: Any) -> str:
        """A value behind a key that has none."""
        colon = self.text.index(":", self._at(key.end_mark)) + 1
        if not isinstance(value, dict | list) or not value or self._in_flow(key) or parent.flow_style:
            return self._splice(colon, colon, " " + flow(value))
        column = key.start_mark.column + (0 if isinstance(value, list) else 2)
        end = self._line_end(colon)
        return self._splice(end, end, "\n" + _indented(value, column))

    def _add(self, node: yaml.MappingNode, key: str, value: Any) -> str:
        if node.flow_style or not node.value:
            return self._add_in_flow(node, key, value)
        column = node.value[0][0].start_mark.column
        end = self._line_end(self._end(node))
        return self._splice(end, end, "\n" + _indented({key: value}, column))

    def _line_end(self, place: int) -> int:
        end = self.text.find("\n", place)
        return len(self.text) if end < 0 else end - (self.text[end - 1] == "\r")

    def _add_in_flow(self, node: yaml.MappingNode, key: str, value: Any) -> str:
        brace = self._at(node.end_mark) - 1
        inner = len(self.text[:brace].rstrip())
        comma = "" if not node.value or self.text[inner - 1] == "," else ","
        space = "" if not node.value else " "
        return self._splice(inner, inner, f"{comma}{space}{flow({key: value})[1:-1]}")


def flow(value: Any) -> str:
    """Data on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow_text(key)}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    return _flow_text(value) if isinstance(value, str) else dump([value])[2:-1]


def _flow_text(text: str) -> str:
    plain = scalar(text)
    return plain if plain[0] in "'\"" or not set("[]{},") & set(plain) else "'" + plain.replace("'", "''") + "'"


def _indented(value: Any, column: int) -> str:
    lines = dump(value).rstrip("\n").split("\n")
    return "\n".join(" " * column + line if line else line for line in lines)


def _nested(path: Sequence[str], value: Any) -> Any:
    for key in reversed(path):
        value = {key: value}
    return value


def _is_null(node: yaml.Node | None) -> bool:
    return node is None or node.tag == "tag:yaml.org,2002:null"
