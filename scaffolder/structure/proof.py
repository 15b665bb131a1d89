"""The proof of a merged text: what a strict reader finds in it is the three-way merge of what it finds in the sides."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import yaml

from scaffolder.structure.blocks import Lines, is_aside
from scaffolder.structure.choice import DoubtError, chosen
from scaffolder.yamlio import YamlError, load

_ABSENT: Final = object()


@dataclass(frozen=True)
class Text:
    """A text and what a strict reader finds in it."""

    lines: Lines
    documents: list[Any]

    @property
    def text(self) -> str:
        return _text(self.lines)

    @property
    def comments(self) -> Counter[str]:
        return Counter(line.strip() for line in self.lines if line.strip() and is_aside(line))


def read(lines: Lines) -> Text:
    """Raises `DoubtError` where a strict reader refuses, and where what is written in one place is read in another."""
    text = _text(lines)
    try:
        documents = [keyed(document.data) for document in load(text.encode())]
    except YamlError:
        raise DoubtError from None
    if any(getattr(event, "anchor", None) for event in yaml.parse(text, Loader=yaml.CSafeLoader)):
        raise DoubtError
    return Text(lines, documents)


def prove(base: Text, ours: Text, theirs: Text, merged: Text) -> None:
    """Raises `DoubtError` unless the merged text holds just what the sides ask for, comments included."""
    sides = (base, ours, theirs)
    if len({len(side.documents) for side in sides}) > 1:
        raise DoubtError
    if merged.documents != [data(*found) for found in zip(*(side.documents for side in sides), strict=True)]:
        raise DoubtError
    before, here, new, after = (side.comments for side in (*sides, merged))
    if any(after[text] not in _counts(before[text], here[text], new[text]) for text in before | here | new | after):
        raise DoubtError


def data(base: Any, ours: Any, theirs: Any) -> Any:
    """The three-way merge of data: mappings key by key, all else as a value."""
    try:
        return chosen(base, ours, theirs)
    except DoubtError:
        if not all(isinstance(side, dict) for side in (base, ours, theirs)):
            raise
    keys = base.keys() | ours.keys() | theirs.keys()
    merged = {key: data(*(side.get(key, _ABSENT) for side in (base, ours, theirs))) for key in keys}
    return {key: value for key, value in merged.items() if value is not _ABSENT}


def keyed(value: Any) -> Any:
    """Data in which 1 is not true, and each list of named items is a mapping with keys that YAML's own cannot have."""
    if isinstance(value, dict):
        return {key: keyed(inner) for key, inner in value.items()}
    if not isinstance(value, list):
        return (type(value).__name__, value)
    names = [item.get("name") if isinstance(item, dict) else None for item in value]
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        return [keyed(item) for item in value]
    return {("name", name): keyed(item) for name, item in zip(names, value, strict=True)}


def _text(lines: Lines) -> str:
    return "".join(f"{line}\n" for line in lines)


def _counts(base: int, ours: int, theirs: int) -> set[int]:
    """How often a comment may stand there; one that both have added may be one or two."""
    return {ours + theirs - base, *([ours] if ours == theirs else [])}
