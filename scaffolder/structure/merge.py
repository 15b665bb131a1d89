"""Three texts, block by block."""

from __future__ import annotations

import itertools
from typing import Final

from scaffolder.structure.blocks import Block, Cut, Lines, cut, is_open, margin_of, without_dash
from scaffolder.structure.choice import DoubtError, chosen
from scaffolder.structure.proof import prove, read

_SEPARATOR: Final = "---"


def merge(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """The merged text: in the order of `theirs`, what `ours` has added behind the neighbour that it had there.

    Args:
        base: YAML that both come from.
        ours: what people made of it.
        theirs: what the template made of it.

    Returns:
        The text, every line ended by a newline; None where it takes a person.
    """
    try:
        last, here, new = (read(_lines_of(text)) for text in (base, ours, theirs))
        merged = read(_documents(_split(last.lines), _split(here.lines), _split(new.lines)))
        prove(last, here, new, merged)
    except (DoubtError, UnicodeDecodeError):
        return None
    return merged.text.encode()


def _lines_of(text: bytes) -> Lines:
    return tuple(text.decode().replace("\r\n", "\n").removesuffix("\n").split("\n"))


def _split(lines: Lines) -> list[Lines]:
    """The documents; each but the first starts with its `---`."""
    starts = [number for number, line in enumerate(lines) if line.rstrip(" ") == _SEPARATOR]
    return [lines[start:end] for start, end in zip([0, *starts], [*starts, len(lines)], strict=True)]


def _documents(base: list[Lines], ours: list[Lines], theirs: list[Lines]) -> Lines:
    if not len(base) == len(ours) == len(theirs):
        raise DoubtError
    merged: Lines = ()
    for number, (last, here, new) in enumerate(zip(base, ours, theirs, strict=True)):
        head = min(number, 1)
        merged += chosen(last[:head], here[:head], new[:head]) + _values(last[head:], here[head:], new[head:])
    return merged


def _values(base: Lines, ours: Lines, theirs: Lines) -> Lines:
    """The lines of one value: those of the side that has changed it, or block by block where both have."""
    try:
        return chosen(base, ours, theirs)
    except DoubtError:
        return _joined(cut(base), cut(ours), cut(theirs))


def _joined(base: Cut, ours: Cut, theirs: Cut) -> Lines:
    names = _order(base, ours, theirs)
    blocks = (_block(base.blocks.get(name), ours.blocks.get(name), theirs.blocks.get(name)) for name in names)
    return (*itertools.chain.from_iterable(blocks), *chosen(base.tail, ours.tail, theirs.tail))


def _order(base: Cut, ours: Cut, theirs: Cut) -> list[str]:
    """All names: as theirs has them, each of the others behind the one that it stands behind in ours."""
    if [name for name in ours.blocks if name in base.blocks] != [name for name in base.blocks if name in ours.blocks]:
        raise DoubtError  # people have moved something, and theirs has no place for it
    behind: dict[str | None, list[str]] = {}  # a name that both have, None before the first -> what ours has behind it
    place = None
    for name in ours.blocks:
        if name in theirs.blocks:
            place = name
        else:
            behind.setdefault(place, []).append(name)
    return [*behind.get(None, ()), *(each for name in theirs.blocks for each in (name, *behind.get(name, ())))]


def _block(base: Block | None, ours: Block | None, theirs: Block | None) -> Lines:
    if base and ours and theirs:
        return chosen(base.lead, ours.lead, theirs.lead) + _bodies(base.body, ours.body, theirs.body)
    block = chosen(base, ours, theirs)
    return block.lead + block.body if block else ()


def _bodies(base: Lines, ours: Lines, theirs: Lines) -> Lines:
    try:
        return chosen(base, ours, theirs)
    except DoubtError:
        margin = margin_of(base[0])
    if base[0][margin] == "-":
        return _with_dash(_values(without_dash(base), without_dash(ours), without_dash(theirs)), margin)
    if not (is_open(base) and is_open(ours) and is_open(theirs)):
        raise DoubtError
    return (*chosen(base[:1], ours[:1], theirs[:1]), *_values(base[1:], ours[1:], theirs[1:]))


def _with_dash(mapping: Lines, margin: int) -> Lines:
    return (mapping[0][:margin] + "-" + mapping[0][margin + 1 :], *mapping[1:])
