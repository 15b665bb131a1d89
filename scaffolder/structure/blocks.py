"""Lines of YAML, cut into the blocks of a mapping's keys or of a list's named items."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from scaffolder.structure.choice import DoubtError

Lines = tuple[str, ...]  # without their line ends

_ASIDE: Final = re.compile(r" *(#|$)")  # a comment or a blank line; inside a block of text it may be part of that
_KEY: Final = re.compile(r""" *(?:"([^"\\]*)"|'([^']*)'|([\w$./][\w$./@+-]*)) *:(?: |$)""")
_OPEN: Final = re.compile(r" *(#.*)?")  # what stands behind a key whose value is on the lines below it
_NAME: Final = re.compile(r""" *name: +(["']?)([\w./@+-]+)\1 *(?: #.*)?""")


@dataclass(frozen=True)
class Block:
    lead: Lines  # comments and blank lines above it
    body: Lines  # the line of its key, or of its dash, and all below it


@dataclass(frozen=True)
class Cut:
    """A mapping or list: its blocks by key or by name, in their order."""

    blocks: dict[str, Block]
    tail: Lines  # comments and blank lines below the last one


def cut(lines: Lines) -> Cut:
    """A mapping or list as its blocks.

    Raises:
        DoubtError: it is something else, or an item has no name, or one that another has.
    """
    content = [line for line in lines if not is_aside(line)]
    if not content:
        raise DoubtError
    margin, dashed = margin_of(content[0]), _is_dash(content[0])
    if any(margin_of(line) < margin for line in content):
        raise DoubtError
    starts = [number for number, line in enumerate(lines) if _starts(line, margin, dashed=dashed)]
    ends = [_end(lines, start, margin) for start in (*starts[1:], len(lines))]
    blocks: dict[str, Block] = {}
    for lead, start, end in zip([0, *ends[:-1]], starts, ends, strict=True):
        block = Block(lines[lead:start], lines[start:end])
        name = _name(block.body) if dashed else _key(block.body[0])
        if name in blocks:
            raise DoubtError
        blocks[name] = block
    return Cut(blocks, lines[ends[-1] :])


def is_aside(line: str) -> bool:
    return _ASIDE.match(line) is not None


def margin_of(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def is_open(body: Lines) -> bool:
    """Whether a key's value is on the lines below it, as a mapping or list is."""
    key = _KEY.match(body[0])
    return len(body) > 1 and key is not None and _OPEN.fullmatch(body[0], key.end()) is not None


def without_dash(item: Lines) -> Lines:
    """A list's item as the mapping that it is."""
    margin = margin_of(item[0])
    return (item[0][:margin] + " " + item[0][margin + 1 :], *item[1:])


def _is_dash(line: str) -> bool:
    return line.lstrip(" ").startswith("- ") or line.strip(" ") == "-"


def _starts(line: str, margin: int, *, dashed: bool) -> bool:
    """Whether a block starts here; the dashes of a list may stand in the column of its key."""
    return margin_of(line) == margin and not is_aside(line) and (dashed or not _is_dash(line))


def _end(lines: Lines, start: int, margin: int) -> int:
    """Where the block above another one ends: comments belong to what is below them, unless they are deeper."""
    while (
        start and is_aside(lines[start - 1]) and (margin_of(lines[start - 1]) <= margin or not lines[start - 1].strip())
    ):
        start -= 1
    return start


def _key(line: str) -> str:
    key = _KEY.match(line)
    if key is None:
        raise DoubtError
    return next(group for group in key.groups() if group is not None)


def _name(item: Lines) -> str:
    named = cut(without_dash(item)).blocks.get("name")
    name = _NAME.fullmatch(named.body[0]) if named and len(named.body) == 1 else None
    if name is None:
        raise DoubtError
    return name[2]
