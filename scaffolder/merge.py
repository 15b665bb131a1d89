"""The three-way merge of one file: what was written last, what is there now, what should be there."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from scaffolder.lock import is_whole, mark, prints
from scaffolder.tree import File

MergeFile = Callable[[str, str, str], tuple[str, bool]]  # ours, base, theirs -> merged, whether without conflict
Prints = tuple[str, ...] | None  # None: the file was not there

SAME, KEEP, TAKE, MERGE = "same", "keep", "take", "merge"
IN_THE_WAY: Final = "a file of yours is in the way"
DELETED: Final = "you deleted it, the template changed it"
EDITED: Final = "no longer generated, but you edited it"
WHOLE: Final = "both changed a file that is not merged by line"
LINES: Final = "both changed the same lines"
MARKERS: Final = "conflict markers are still there"

_MARKERS: Final = (re.compile(rb"^<{7,}( |$)", re.MULTILINE), re.compile(rb"^>{7,}( |$)", re.MULTILINE))


@dataclass(frozen=True)
class Decision:
    """What becomes of a file: its content afterwards (None: no file), and the conflict, if it is one."""

    what: str
    file: File | None
    conflict: str = ""


def has_markers(content: bytes) -> bool:
    """Whether git's conflict markers stand in a text; git writes longer ones too."""
    return b"<<<<<<<" in content and all(marker.search(content) for marker in _MARKERS)


def decide(bases: Sequence[Prints], actual: File | None, desired: File | None, merge_file: MergeFile) -> Decision:
    """What becomes of one file.

    Args:
        bases: fingerprints of what was written last; more than one where git left a conflict in the lock.
        actual: the file as it is.
        desired: the file as its template has it now.
        merge_file: `git merge-file`.
    """
    here, wanted = _prints(actual), _prints(desired)
    if here == wanted:
        return Decision(SAME, actual)
    if all(base == wanted for base in bases):
        return Decision(KEEP, actual)
    if here in bases:
        return Decision(TAKE, _as(desired, actual))
    return _both_changed(bases, actual, desired, merge_file)


def _both_changed(
    bases: Sequence[Prints], actual: File | None, desired: File | None, merge_file: MergeFile
) -> Decision:
    if actual is None:
        return Decision(KEEP, None, DELETED)
    if desired is None:
        return Decision(KEEP, actual, EDITED)
    known = [base for base in bases if base is not None]
    if not known:
        return Decision(KEEP, actual, IN_THE_WAY)
    if is_whole(actual.content) or is_whole(desired.content):
        return Decision(KEEP, actual, WHOLE)
    return _lines(known, actual, desired, merge_file)


def _prints(file: File | None) -> Prints:
    return None if file is None else prints(file.content)


def _lines(known: Sequence[tuple[str, ...]], actual: File, desired: File, merge_file: MergeFile) -> Decision:
    tries = [_merged(base, actual.content, desired.content, merge_file) for base in known]
    clean = [content for content, whole in tries if whole]
    content = clean[0] if clean else tries[0][0]
    return Decision(MERGE, File(content, actual.executable), "" if clean else LINES)


def _merged(base: Sequence[str], ours: bytes, theirs: bytes, merge_file: MergeFile) -> tuple[bytes, bool]:
    """Git's own merge over the hashes; the text is put back afterwards, so that of the base is never needed."""
    ending = line_ending(ours)
    words = {mark(line): _ended(line, ending) for line in theirs.splitlines(keepends=True)}
    words |= {mark(line): line for line in ours.splitlines(keepends=True)}
    hashes = ["".join(f"{h}\n" for h in side) for side in (prints(ours), base, prints(theirs))]
    merged, clean = merge_file(hashes[0], hashes[1], hashes[2])
    lines = [words.get(line, line.encode() + ending) for line in merged.splitlines()]
    whole = [line if line.endswith(b"\n") else line + ending for line in lines[:-1]]
    return b"".join([*whole, *lines[-1:]]), clean


def _as(desired: File | None, actual: File | None) -> File | None:
    """The template's file with the line endings and the mode that the file has had here."""
    if desired is None or actual is None or is_whole(desired.content):
        return desired
    ending = line_ending(actual.content)
    lines = desired.content.splitlines(keepends=True)
    return File(b"".join(_ended(line, ending) for line in lines), actual.executable or desired.executable)


def line_ending(content: bytes) -> bytes:
    """CRLF where every line ends so, else LF."""
    return b"\r\n" if content.count(b"\n") == content.count(b"\r\n") > 0 else b"\n"


def _ended(line: bytes, ending: bytes) -> bytes:
    return line.rstrip(b"\r\n") + ending if line.endswith(b"\n") else line
