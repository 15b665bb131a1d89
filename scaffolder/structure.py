"""The three-way merge of YAML text by its keys, for where lines collide and keys do not.

A text is cut into blocks: one for each key of a mapping, one for each item of a list whose items all have a `name` of
their own, each with the comments above it. Blocks that one side alone has changed are taken from there as they are
written; one that both have changed is cut again. Text that is not plainly of this form, and whatever cannot be proven
from the data that a strict reader finds, is left to people.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from scaffolder.yamlio import YamlError, load

Lines = tuple[str, ...]  # without their line ends
T = TypeVar("T")

_SEPARATOR: Final = "---"
_ASIDE: Final = re.compile(r" *(#|$)")  # a comment or a blank line; in a block of text it may be part of that
_KEY: Final = re.compile(r""" *(?:"([^"\\]*)"|'([^']*)'|([\w$./][\w$./@+-]*)) *:(?: |$)""")
_OPEN: Final = re.compile(r" *(#.*)?")  # what stands behind a key whose value is on the lines below it
_NAME: Final = re.compile(r""" *name: +(["']?)([\w./@+-]+)\1 *(?: #.*)?""")
_ODD: Final = re.compile(
    r"[\t\r]|(?:^|[ \[{,])[&*!][^ ]|^(?:\.\.\.|%|--- )"
)  # tabs, anchors, aliases, tags, directives


class _DoubtError(Exception):
    """Both sides have changed the same thing, or the text is not plainly one that can be cut."""


@dataclass(frozen=True)
class _Block:
    lead: Lines  # comments and blank lines above it
    body: Lines  # the line of its key, or of its dash, and all below it


@dataclass(frozen=True)
class _Cut:
    """A mapping's or list's blocks, by key or by name, in their order."""

    margin: int
    dashed: bool
    blocks: dict[str, _Block]
    tail: Lines  # comments and blank lines below the last one


def merge(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """The merged text; in the order of `theirs`, what `ours` has added behind the neighbour that it had there.

    Args:
        base: YAML that both come from.
        ours: what people made of it.
        theirs: what the template made of it.

    Returns:
        The text, every line ended by a newline, or None where it takes a person.
    """
    try:
        sides = [_lines_of(text) for text in (base, ours, theirs)]
        merged = _documents(*map(_split, sides))
        _prove([*sides, merged])
    except (_DoubtError, UnicodeDecodeError):
        return None
    return _text(merged)


def _lines_of(text: bytes) -> Lines:
    lines = text.decode().replace("\r\n", "\n").removesuffix("\n").split("\n")
    if any(map(_ODD.search, lines)):
        raise _DoubtError
    return tuple(lines)


def _text(lines: Lines) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _chosen(base: T, ours: T, theirs: T) -> T:
    """The side that has changed, theirs where none has or both have alike."""
    if ours in (base, theirs):
        return theirs
    if theirs == base:
        return ours
    raise _DoubtError


def _split(lines: Lines) -> list[Lines]:
    """The documents; each but the first starts with its `---`."""
    starts = [number for number, line in enumerate(lines) if line.rstrip(" ") == _SEPARATOR]
    return [lines[start:end] for start, end in zip([0, *starts], [*starts, len(lines)], strict=True)]


def _documents(base: list[Lines], ours: list[Lines], theirs: list[Lines]) -> Lines:
    if not len(base) == len(ours) == len(theirs):
        raise _DoubtError
    merged: Lines = ()
    for number, sides in enumerate(zip(base, ours, theirs, strict=True)):
        head = min(number, 1)
        merged += _chosen(*(side[:head] for side in sides)) + _values(*(side[head:] for side in sides))
    return merged


def _values(base: Lines, ours: Lines, theirs: Lines) -> Lines:
    """The lines of one value: those of the side that has changed it, or cut into blocks where both have."""
    try:
        return _chosen(base, ours, theirs)
    except _DoubtError:
        return _joined(_cut(base), _cut(ours), _cut(theirs))


def _joined(base: _Cut, ours: _Cut, theirs: _Cut) -> Lines:
    if len({(side.margin, side.dashed) for side in (base, ours, theirs)}) > 1:
        raise _DoubtError
    merged: Lines = ()
    for name in _order(list(base.blocks), list(ours.blocks), list(theirs.blocks)):
        merged += _block(base.blocks.get(name), ours.blocks.get(name), theirs.blocks.get(name))
    return merged + _chosen(base.tail, ours.tail, theirs.tail)


def _order(base: list[str], ours: list[str], theirs: list[str]) -> list[str]:
    """All names: as theirs has them, each of the others behind the nearest one that it stands behind in ours."""
    if [name for name in ours if name in base] != [name for name in base if name in ours]:
        raise _DoubtError  # people have moved something: theirs has no place for it
    order = list(theirs)
    for before, name in zip([None, *ours], ours, strict=False):
        if name not in order:
            order.insert(order.index(before) + 1 if before is not None else 0, name)
    return order


def _block(base: _Block | None, ours: _Block | None, theirs: _Block | None) -> Lines:
    try:
        block = _chosen(base, ours, theirs)
    except _DoubtError:
        if base is None or ours is None or theirs is None:  # both added it, or one has removed what the other changed
            raise
        return _chosen(base.lead, ours.lead, theirs.lead) + _bodies(base.body, ours.body, theirs.body)
    return block.lead + block.body if block else ()


def _bodies(base: Lines, ours: Lines, theirs: Lines) -> Lines:
    """One block that both have changed, without the comments above it."""
    if base == ours or theirs in (base, ours):
        return _chosen(base, ours, theirs)
    sides = (base, ours, theirs)
    margin = _margin(base[0])
    if base[0][margin] == "-":
        merged = _values(*map(_without_dash, sides))
        if not merged or _ASIDE.match(merged[0]):
            raise _DoubtError
        return (merged[0][:margin] + "-" + merged[0][margin + 1 :], *merged[1:])
    if not all(map(_is_open, sides)):
        raise _DoubtError
    return (_chosen(base[0], ours[0], theirs[0]), *_values(base[1:], ours[1:], theirs[1:]))


def _is_open(body: Lines) -> bool:
    key = _KEY.match(body[0])
    return len(body) > 1 and key is not None and bool(_OPEN.fullmatch(body[0], key.end()))


def _without_dash(body: Lines) -> Lines:
    margin = _margin(body[0])
    return (body[0][:margin] + " " + body[0][margin + 1 :], *body[1:])


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _cut(lines: Lines) -> _Cut:
    """A mapping or list as its blocks.

    Raises:
        _DoubtError: it is something else, or an item has no name, or one that another has.
    """
    content = [line for line in lines if not _ASIDE.match(line)]
    if not content:
        raise _DoubtError
    margin, dashed = _margin(content[0]), _is_dash(content[0])
    if any(_margin(line) < margin for line in content):
        raise _DoubtError
    starts = [n for n, line in enumerate(lines) if _starts(line, margin, dashed=dashed)]
    ends = [_end(lines, start, margin) for start in (*starts[1:], len(lines))]
    blocks: dict[str, _Block] = {}
    for lead, start, end in zip([0, *ends], starts, ends, strict=False):
        block = _Block(lines[lead:start], lines[start:end])
        name = _name(block.body) if dashed else _key(block.body[0])
        if name in blocks:
            raise _DoubtError
        blocks[name] = block
    return _Cut(margin, dashed, blocks, lines[ends[-1] :])


def _is_dash(line: str) -> bool:
    return line.lstrip(" ").startswith("- ") or line.strip(" ") == "-"


def _starts(line: str, margin: int, *, dashed: bool) -> bool:
    """Whether a block starts here; the dashes of a list may stand in the column of its key."""
    return _margin(line) == margin and not _ASIDE.match(line) and (dashed or not _is_dash(line))


def _end(lines: Lines, start: int, margin: int) -> int:
    """Where the block above ends: comments and blank lines belong to what is below, but not those that are deeper."""
    while (
        start
        and _ASIDE.match(lines[start - 1])
        and (_margin(lines[start - 1]) <= margin or not lines[start - 1].strip())
    ):
        start -= 1
    return start


def _key(line: str) -> str:
    key = _KEY.match(line)
    if key is None:
        raise _DoubtError
    return next(group for group in key.groups() if group is not None)


def _name(item: Lines) -> str:
    named = _cut(_without_dash(item)).blocks.get("name")
    name = _NAME.fullmatch(named.body[0]) if named and len(named.body) == 1 else None
    if name is None:
        raise _DoubtError
    return name[2]


def _prove(texts: Sequence[Lines]) -> None:
    """Raises `_DoubtError` unless the last text holds just what the three before it ask for, comments included."""
    try:
        base, ours, theirs, merged = ([_keyed(found.data) for found in load(_text(lines))] for lines in texts)
    except YamlError:
        raise _DoubtError from None
    if not len(base) == len(ours) == len(theirs) == len(merged):
        raise _DoubtError
    if merged != [_data(*sides) for sides in zip(base, ours, theirs, strict=True)]:
        raise _DoubtError
    comments = [Counter(line.strip() for line in lines if "#" in line and _ASIDE.match(line)) for lines in texts]
    if any(
        _count(*(side[comment] for side in comments[:3])) != comments[3][comment] for comment in set().union(*comments)
    ):
        raise _DoubtError


def _count(base: int, ours: int, theirs: int) -> int:
    return theirs if ours in (base, theirs) else ours + theirs - base


def _keyed(data: Any) -> Any:
    """Data with each list of named items as a mapping of them; its keys cannot be those of a mapping."""
    if isinstance(data, dict):
        return {key: _keyed(value) for key, value in data.items()}
    if not isinstance(data, list):
        return data
    names = [item.get("name") if isinstance(item, dict) else None for item in data]
    if not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        return [_keyed(item) for item in data]
    return {("name", name): _keyed(item) for name, item in zip(names, data, strict=True)}


_ABSENT: Final = object()


def _data(base: Any, ours: Any, theirs: Any) -> Any:
    """The three-way merge of data, key by key."""
    try:
        return _chosen(base, ours, theirs)
    except _DoubtError:
        if not all(isinstance(side, dict) for side in (base, ours, theirs)):
            raise
    keys = base.keys() | ours.keys() | theirs.keys()
    merged = {key: _data(*(side.get(key, _ABSENT) for side in (base, ours, theirs))) for key in keys}
    return {key: value for key, value in merged.items() if value is not _ABSENT}
