"""The three-way merge of what has no parts."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


class DoubtError(Exception):
    """Both sides have changed the same thing, or the text is not plainly of a form that can be merged."""


def chosen(base: T, ours: T, theirs: T) -> T:
    """The side that has changed; theirs where none has, or both have alike.

    Raises:
        DoubtError: both have changed, differently.
    """
    if ours in (base, theirs):
        return theirs
    if theirs == base:
        return ours
    raise DoubtError
