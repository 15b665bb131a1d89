"""Kubernetes objects as kustomize prints them, edited by their lines: what is not set keeps its bytes.

Only for text in kustomize's own style: block mappings in alphabetical order, two spaces a level, the items of a list
at the column of its key. What is in another style is not found, and then that is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Document:
    """One object. A path names its keys from the top; through a list it leads into the first item."""

    def __init__(self, text: str) -> None:
        self._lines = text.strip("\n").split("\n")

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"

    def get(self, *path: str) -> str:
        """What stands after the key, quotes and all.

        Raises:
            LookupError: there is no such key.
        """
        first, _ = self._find(path)
        return self._lines[first].partition(": ")[2]

    def items(self, *path: str) -> list[str]:
        """A list's items, each in one line, as they are written.

        Raises:
            LookupError: there is no such key, or no item.
        """
        first, end = self._find(path)
        if end == first + 1:
            raise LookupError(f"there is nothing in `{'.'.join(path)}`")
        return [line.lstrip().removeprefix("- ") for line in self._lines[first + 1 : end]]

    def put(self, *path: str, value: str) -> None:
        """Sets a key to a scalar as it is to be written; mappings on the way to it are made if need be."""
        self._put(path, [f"{path[-1]}: {value}"])

    def put_items(self, *path: str, items: list[str]) -> None:
        """Sets a key to a list. In an item of several lines, each starts at the item's own first column."""
        lines = [line for item in items for line in f"- {item}".replace("\n", "\n  ").split("\n")]
        self._put(path, [f"{path[-1]}:", *lines])

    def _put(self, path: tuple[str, ...], lines: list[str]) -> None:
        try:
            first, end = self._find(path)
        except LookupError:
            first = end = self._gap(path)
        margin = " " * _column(path)
        before = self._lines[first][: len(margin)] if first < end else margin  # the dash, on an item's first line
        self._lines[first:end] = [before + lines[0], *(margin + line for line in lines[1:])]

    def _gap(self, path: tuple[str, ...]) -> int:
        """The line before which a key belongs that is not there yet."""
        *above, wanted = path
        try:
            first, end = self._find(tuple(above))
        except LookupError:
            self._put(tuple(above), [f"{above[-1]}:"])
            return self._gap(path)
        keys = list(self._keys(first + 1, end, _column(path)))
        if not keys and not "".join(self._lines[first:end]).endswith(f"{above[-1]}:"):
            raise LookupError(f"`{'.'.join(above)}` is written in another style")
        return next((n for n, key in keys if key > wanted), end)

    def _find(self, path: tuple[str, ...]) -> tuple[int, int]:
        """The lines of a key and its value; of no key, those of the document, as the value of line -1."""
        first, end = -1, len(self._lines)
        for depth, wanted in enumerate(path, start=1):
            keys = self._keys(first + 1, end, _column(path[:depth]))
            first = next((n for n, key in keys if key == wanted), -1)
            if first < 0:
                raise LookupError(f"there is no `{'.'.join(path[:depth])}`")
            end = next((n for n, _ in keys), end)
        return first, end

    def _keys(self, first: int, end: int, column: int) -> Iterator[tuple[int, str]]:
        """The keys that start at a column, each with its line."""
        for n in range(first, end):
            line = self._lines[n][column:]
            if line[:1] not in " -#":
                yield n, line.partition(":")[0]


def _column(path: tuple[str, ...]) -> int:
    return 2 * (len(path) - 1)
