"""YAML text to data, strictly: what two parsers could read in two ways is an error with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from scaffolder.errors import shown
from scaffolder.yamlio.plain import AmbiguousError, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_BYTES: Final = 5_000_000
MAX_DEPTH: Final = 100
MAX_NODES: Final = 500_000  # after aliases are expanded: a bomb of a few lines would fill the memory
LONG: Final = 100  # characters of a text that count as one value more

# Control characters, and those that end a line to some parsers (U+0085, U+2028, U+2029) or are left out (U+FEFF).
FORBIDDEN: Final = re.compile("[^\t\n\r -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text; both count from 1, as editors do."""

    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.line}:{self.column}"


class YamlError(ValueError):
    """Text that is not the YAML we accept."""

    def __init__(self, message: str, mark: Mark) -> None:
        super().__init__(message)
        self.message, self.mark = message, mark


Keys = dict[Any, tuple[Mark, Mark]]  # key or index -> where the key stands, where its value stands


@dataclass(frozen=True)
class Parsed:
    """One document of a text."""

    data: Any
    start: Mark
    places: dict[int, Keys] = field(repr=False)  # id of a mapping or list -> its keys

    def at(self, path: Sequence[str | int], *, key: bool = False) -> Mark:
        """Where the value (or its key) stands; of a path that does not exist, its nearest parent."""
        data, mark = self.data, self.start
        for depth, step in enumerate(path, start=1):
            places = self.places[id(data)] if isinstance(data, dict | list) else {}
            if step not in places:
                return mark
            mark = places[step][0 if key and depth == len(path) else 1]
            data = data[step]
        return mark


def load(content: bytes) -> list[Parsed]:
    """All documents of a file; empty ones are left out.

    Raises:
        YamlError: not UTF-8, too big, too deep, not YAML, a duplicate key, an explicit tag, or a plain scalar
            that YAML 1.1 and 1.2 read differently.
    """
    text = _decode(content)
    try:
        return [d for d in _Reader(text).documents() if d.data is not None]
    except yaml.MarkedYAMLError as error:
        mark = _mark(error.problem_mark or error.context_mark)
        raise YamlError(_plain_words(error, text, mark), mark) from None


def _decode(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise YamlError(f"more than {MAX_BYTES // 1_000_000} MB", Mark(1, 1))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise YamlError("not UTF-8 text", _end_of(content[: error.start].decode())) from None
    if found := FORBIDDEN.search(text):
        why = "not allowed in YAML" if found[0] < "\x80" else "not text to every YAML parser"
        raise YamlError(f"the character U+{ord(found[0]):04X} is {why}", _end_of(text[: found.start()]))
    return text


def _end_of(text: str) -> Mark:
    """The place behind a text."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return Mark(lines.count("\n") + 1, len(lines) - lines.rfind("\n"))


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)


def _plain_words(error: yaml.MarkedYAMLError, text: str, mark: Mark) -> str:
    problem = error.problem or error.context or "not YAML"
    if "cannot start any token" not in problem:
        return problem
    character = text.splitlines()[mark.line - 1][mark.column - 1]
    if character == "\t":
        return "a tab cannot stand here; YAML is indented with spaces"
    return f"a value cannot start with `{character}`: quote it"


@dataclass(frozen=True, slots=True)
class _Anchor:
    """What an alias stands for, and what it adds: so many values, so many levels."""

    data: Any
    nodes: int
    levels: int


class _Reader:
    """Composes data straight from parser events: iterative in the parser, so depth cannot overflow it."""

    def __init__(self, text: str) -> None:
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        self.places: dict[int, Keys] = {}
        self.anchors: dict[str, _Anchor | None] = {}  # None while we are inside it
        self.nodes = self.deepest = 0

    def documents(self) -> Iterator[Parsed]:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.places, self.anchors, self.nodes = {}, {}, 0
                first = next(self.events)
                yield Parsed(self.node(first, 0), _mark(first.start_mark), self.places)

    def node(self, event: Any, depth: int) -> Any:
        mark = _mark(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(str(event.anchor), depth, mark)
        self.count(_size(event), depth, mark)
        if event.tag is not None:
            raise YamlError(f"the tag {shown(event.tag)} is not supported: write the plain value", mark)
        if event.anchor is not None:
            return self.anchored(event, depth, mark)
        return self.value(event, depth, mark)

    def value(self, event: Any, depth: int, mark: Mark) -> Any:
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event, mark)
        return self.sequence(depth) if isinstance(event, yaml.SequenceStartEvent) else self.mapping(depth)

    def count(self, nodes: int, deepest: int, mark: Mark) -> None:
        self.nodes, self.deepest = self.nodes + nodes, max(self.deepest, deepest)
        if self.nodes > MAX_NODES:
            raise YamlError(f"more than {MAX_NODES} values, aliases expanded", mark)
        if deepest > MAX_DEPTH:
            raise YamlError(f"nested deeper than {MAX_DEPTH} levels", mark)

    def anchored(self, event: Any, depth: int, mark: Mark) -> Any:
        if event.anchor in self.anchors:
            raise YamlError(f"the anchor {shown(event.anchor)} stands here twice", mark)
        self.anchors[event.anchor] = None
        nodes, deepest, self.deepest = self.nodes - _size(event), self.deepest, depth
        data = self.value(event, depth, mark)
        self.anchors[event.anchor] = _Anchor(data, self.nodes - nodes, self.deepest - depth)
        self.deepest = max(self.deepest, deepest)
        return data

    def alias(self, name: str, depth: int, mark: Mark) -> Any:
        if name not in self.anchors:
            raise YamlError(f"no anchor {shown(name)} stands before this", mark)
        anchor = self.anchors[name]
        if anchor is None:
            raise YamlError(f"the alias {shown(name)} stands inside its own anchor", mark)
        self.count(anchor.nodes, depth + anchor.levels, mark)
        return anchor.data

    def sequence(self, depth: int) -> list[Any]:
        items: list[Any] = []
        places: Keys = {}
        self.places[id(items)] = places
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            mark = _mark(event.start_mark)
            places[len(items)] = (mark, mark)
            items.append(self.node(event, depth + 1))
        return items

    def mapping(self, depth: int) -> dict[str, Any]:
        data: dict[str, Any] = {}
        places: Keys = {}
        merged: list[dict[str, Any]] | None = None
        self.places[id(data)] = places
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            mark = _mark(event.start_mark)
            if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]:
                if merged is not None:
                    raise YamlError("`<<` stands here twice", mark)
                merged = self.merge_key(depth)
                continue
            key = self.key(event, mark)
            if key in places:
                raise YamlError(f"the key {shown(key)} stands here twice, first in line {places[key][0].line}", mark)
            value = next(self.events)
            places[key] = (mark, _mark(value.start_mark))
            data[key] = self.node(value, depth + 1)
        for other in merged or ():
            for key in other.keys() - data.keys():
                places[key] = self.places[id(other)][key]
            data |= {key: value for key, value in other.items() if key not in data}
        return data

    def key(self, event: Any, mark: Mark) -> str:
        key = self.node(event, 0) if isinstance(event, yaml.ScalarEvent | yaml.AliasEvent) else None
        if not isinstance(key, str):
            raise YamlError("a key must be a string: quote it", mark)
        return key

    def merge_key(self, depth: int) -> list[dict[str, Any]]:
        event = next(self.events)
        value = self.node(event, depth + 1)
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            raise YamlError("`<<` takes a mapping, or a list of them", _mark(event.start_mark))
        return sources


def _size(event: Any) -> int:
    return 1 + len(getattr(event, "value", "")) // LONG


def _scalar(event: Any, mark: Mark) -> Any:
    if not event.implicit[0]:  # quoted, or a block
        return event.value
    try:
        return read(event.value)
    except AmbiguousError:
        raise YamlError(f"{shown(event.value)} is not the same to every YAML parser: quote it", mark) from None
