"""The three-way merge of one file: what was written last, what is there now, what should be there."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from scaffolder import structure
from scaffolder.lock import WHOLE as TAKEN_WHOLE
from scaffolder.lock import Entry, digest, is_whole, lines, mark, prints
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

MANY: Final = 5_000  # lines; finding out what has changed in more of them could take minutes
_YAML: Final = (".yaml", ".yml")
_MARKER: Final = re.compile(rb"^(<{7,}|>{7,})( |\r?$)", re.MULTILINE)


@dataclass(frozen=True)
class Decision:
    """What becomes of a file: its content afterwards (None: no file), and the conflict, if it is one."""

    what: str
    file: File | None
    conflict: str = ""


@dataclass(frozen=True)
class _Merge:
    """How lines are merged."""

    by_line: MergeFile
    by_key: bool


def has_markers(content: bytes) -> bool:
    """Whether one of git's conflict markers stands in a text, or what people left of them; some are longer than 7."""
    return (b"<<<<<<<" in content or b">>>>>>>" in content) and bool(_MARKER.search(content))


def decide(
    bases: Sequence[Entry | None], actual: File | None, desired: File | None, merge_file: MergeFile, path: str = ""
) -> Decision:
    """What becomes of one file.

    Args:
        bases: what was written last, None where nothing was; more than one where two locks hold the path.
        actual: the file as it is.
        desired: the file as its template has it now.
        merge_file: `git merge-file`.
        path: where the file is; one of YAML is merged by its keys where its lines collide.
    """
    decision = _decide(bases, actual, desired, _Merge(merge_file, path.endswith(_YAML)))
    return replace(decision, file=_moded(bases, decision.file, actual, desired))


def _decide(bases: Sequence[Entry | None], actual: File | None, desired: File | None, merge: _Merge) -> Decision:
    here, wanted = _prints(actual), _prints(desired)
    last = [_last(base, actual) for base in bases]
    if here == wanted:
        return Decision(SAME, actual)
    if all(base == wanted for base in last):
        return Decision(KEEP, actual)
    if here in last:
        return Decision(TAKE, _ended_as(actual, desired))
    return _both_changed([base for base in bases if base], actual, desired, merge)


def _moded(bases: Sequence[Entry | None], file: File | None, actual: File | None, desired: File | None) -> File | None:
    """The file, executable as the template has it now, unless people have changed that."""
    if file is None or actual is None or desired is None:
        return file
    known = [base.executable for base in bases if base]
    untouched = bool(known) and all(executable == actual.executable for executable in known)
    return replace(file, executable=desired.executable if untouched else actual.executable)


def _both_changed(known: Sequence[Entry], actual: File | None, desired: File | None, merge: _Merge) -> Decision:
    if actual is None:
        return Decision(KEEP, None, DELETED)
    if desired is None:
        return Decision(KEEP, actual, EDITED)
    if not known:
        return Decision(KEEP, actual, IN_THE_WAY)
    if any(base.sign == TAKEN_WHOLE for base in known) or not _by_line(actual.content, desired.content):
        return Decision(KEEP, actual, WHOLE)
    return _lines(known, actual, desired, merge)


def _prints(file: File | None) -> Prints:
    return None if file is None else prints(file.content)


def _last(base: Entry | None, actual: File | None) -> Prints:
    """The fingerprint of what was written last; of a file that is taken whole, in the form that the actual one has."""
    if base is None or base.sign != TAKEN_WHOLE or actual is None:
        return base.prints if base else None
    return prints(actual.content) if base.prints[:1] == (digest(actual.content),) else base.prints[:1]


def _by_line(ours: bytes, theirs: bytes) -> bool:
    """Whether texts can be merged by line. Where two lines have one hash, they could not be put back: very rare."""
    if is_whole(ours) or is_whole(theirs):
        return False
    different = {_ended(line, b"\n") for line in (*lines(ours), *lines(theirs))}
    return len(set(map(mark, different))) == len(different)


def _lines(known: Sequence[Entry], actual: File, desired: File, merge: _Merge) -> Decision:
    tries = [_merged(base.prints, actual.content, desired.content, merge) for base in known]
    clean = [content for content, whole in tries if whole]
    content = clean[0] if clean else tries[0][0]
    return Decision(MERGE, File(content, actual.executable), "" if clean else LINES)


def _merged(base: Sequence[str], ours: bytes, theirs: bytes, merge: _Merge) -> tuple[bytes, bool]:
    """Git's own merge over the hashes; the text is put back afterwards, so that of the base is never needed.

    Where git finds a conflict, YAML is merged by its keys, as far as the lines of the base are in one side still.
    """
    ending = line_ending(ours)
    words = {mark(line): _ended(line, ending) for line in lines(theirs)}
    words |= {mark(line): line for line in lines(ours)}
    hashes = ["".join(f"{h}\n" for h in side) for side in (prints(ours), base, prints(theirs))]
    merged, clean = merge.by_line(hashes[0], hashes[1], hashes[2])
    if not clean and merge.by_key and (known := _known(base, prints(ours), prints(theirs))) is not None:
        by_key = structure.merge(b"".join(words[line] for line in known), ours, theirs)
        if by_key is not None:
            return b"".join(words.get(mark(line), _ended(line, ending)) for line in lines(by_key)), True
    found = [words.get(line, line.encode() + ending) for line in merged.splitlines()]
    whole = [line if line.endswith(b"\n") else line + ending for line in found[:-1]]
    return b"".join([*whole, *found[-1:]]), clean


def _known(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str] | None:
    """The base, in which what both sides have changed alike is changed too; None where a line is in neither side."""
    words, known = {*ours, *theirs}, list(base)
    if len(base) <= MANY and not words.issuperset(base):
        here, new = _changes(base, ours), _changes(base, theirs)
        for start, end in sorted(here.keys() & new.keys(), reverse=True):
            if here[start, end] == new[start, end]:
                known[start:end] = here[start, end]
    return known if words.issuperset(known) else None


def _changes(base: Sequence[str], side: Sequence[str]) -> dict[tuple[int, int], Sequence[str]]:
    """What a side has in place of which lines."""
    codes = difflib.SequenceMatcher(None, base, side).get_opcodes()
    return {(start, end): side[first:last] for what, start, end, first, last in codes if what in {"replace", "delete"}}


def _ended_as(actual: File | None, desired: File | None) -> File | None:
    """The template's file with the line endings that the file has had here."""
    if actual is None or desired is None or is_whole(desired.content):
        return desired
    ending = line_ending(actual.content)
    return replace(desired, content=b"".join(_ended(line, ending) for line in lines(desired.content)))


def line_ending(content: bytes) -> bytes:
    """CRLF where every line ends so, else LF."""
    return b"\r\n" if content.count(b"\n") == content.count(b"\r\n") > 0 else b"\n"


def _ended(line: bytes, ending: bytes) -> bytes:
    if not line.endswith(b"\n"):
        return line
    return line.removesuffix(b"\n").removesuffix(b"\r") + ending
