"""Records as a table for people: columns as wide as they need to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def table(lines: Sequence[Sequence[str]]) -> str:
    """Lines of cells, the first of them the heads; none for no cells below."""
    if len(lines) < 2:  # noqa: PLR2004  heads alone
        return ""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return "".join(f"{row.rstrip()}\n" for row in rows)
