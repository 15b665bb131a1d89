"""YAML text to data, strictly: what two parsers could read in two ways is an error with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from scaffolder.yamlio.plain import AmbiguousError, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MAX_BYTES: Final = 5_000_000
MAX_DEPTH: Final = 100
MAX_NODES: Final = 500_000  # after aliases are expanded: a bomb of a few lines would fill the memory


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
        for step in path:
            try:
                mark = self.places[id(data)][step][0 if key and step == path[-1] else 1]
                data = data[step]
            except (KeyError, IndexError, TypeError):
                return mark
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
        raise YamlError(_plain_words(error), _mark(error.problem_mark or error.context_mark)) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        mark = Mark(before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise YamlError(f"the character U+{ord(str(error.character)[:1]):04X} is not allowed in YAML", mark) from None


def _decode(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise YamlError(f"more than {MAX_BYTES // 1_000_000} MB", Mark(1, 1))
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise YamlError("not UTF-8 text", Mark(line, error.start - content.rfind(b"\n", 0, error.start))) from None
    for place, character in enumerate(text) if not text.isprintable() else ():
        if character < " " and character not in "\t\r\n":
            line = text.count("\n", 0, place) + 1
            raise YamlError(f"the control character U+{ord(character):04X} is not allowed", Mark(line, 1))
    if text.startswith("\ufeff"):
        raise YamlError("starts with a byte order mark: save it as UTF-8 without one", Mark(1, 1))
    return text


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)


def _plain_words(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or error.context or "not YAML"
    if "'\\t'" in problem or "cannot start any token" in problem:
        return "a tab or another character that cannot start a value; YAML is indented with spaces"
    return problem


class _Reader:
    """Composes data straight from parser events: iterative in the parser, so depth cannot overflow it."""

    def __init__(self, text: str) -> None:
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        self.places: dict[int, Keys] = {}
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.nodes = 0

    def documents(self) -> Iterator[Parsed]:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.places, self.anchors, self.nodes = {}, {}, 0
                first = next(self.events)
                yield Parsed(self.node(first, 0), _mark(first.start_mark), self.places)

    def node(self, event: Any, depth: int) -> Any:
        mark, before = _mark(event.start_mark), self.nodes
        self.count(1, mark)
        if depth > MAX_DEPTH:
            raise YamlError(f"nested deeper than {MAX_DEPTH} levels", mark)
        if isinstance(event, yaml.AliasEvent):
            return self.alias(str(event.anchor), mark)
        if event.tag is not None:
            raise YamlError(f"the tag {event.tag} is not supported: write the plain value", mark)
        if event.anchor is not None:
            self.anchors[event.anchor] = (None, -1)  # not to be used inside itself
        if isinstance(event, yaml.ScalarEvent):
            data = _scalar(event, mark)
        elif isinstance(event, yaml.SequenceStartEvent):
            data = self.sequence(depth)
        else:
            data = self.mapping(depth)
        if event.anchor is not None:
            self.anchors[event.anchor] = (data, self.nodes - before)
        return data

    def count(self, nodes: int, mark: Mark) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise YamlError(f"more than {MAX_NODES} values, aliases expanded", mark)

    def alias(self, name: str, mark: Mark) -> Any:
        data, size = self.anchors.get(name, (None, 0))
        if size < 1:
            raise YamlError(f"the alias *{name} stands inside its own anchor" if size else f"no anchor &{name}", mark)
        self.count(size, mark)
        return data

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
        merged: list[dict[str, Any]] = []
        self.places[id(data)] = places
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            mark = _mark(event.start_mark)
            if isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]:
                merged += self.merge_key(mark, depth)
                continue
            key = self.key(event, mark)
            if key in places:
                raise YamlError(f"the key `{key}` stands here twice, first in line {places[key][0].line}", mark)
            value = next(self.events)
            places[key] = (mark, _mark(value.start_mark))
            data[key] = self.node(value, depth + 1)
        for other in merged:
            for key in other.keys() - data.keys():
                places[key] = self.places[id(other)][key]
            data |= {key: value for key, value in other.items() if key not in data}
        return data

    def key(self, event: Any, mark: Mark) -> str:
        key = self.node(event, 0) if isinstance(event, yaml.ScalarEvent | yaml.AliasEvent) else None
        if not isinstance(key, str):
            raise YamlError("a key must be a string: quote it", mark)
        return key

    def merge_key(self, mark: Mark, depth: int) -> list[dict[str, Any]]:
        value = self.node(next(self.events), depth + 1)
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            raise YamlError("`<<` takes a mapping, or a list of them", mark)
        return sources


def _scalar(event: Any, mark: Mark) -> Any:
    if not event.implicit[0]:  # quoted, or a block
        return event.value
    try:
        return read(event.value)
    except AmbiguousError:
        raise YamlError(f"`{event.value}` is not the same to every YAML parser: quote it", mark) from None
