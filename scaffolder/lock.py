"""Locks: fingerprints of what was written for a unit last.

A lock has one line per line of each file that it describes, so git merges it exactly as it merges the files; and
it holds hashes, not text, so the base of a merge is always at hand and never needs to be rendered again.

    # scaffolder 1
    + apps/base/podinfo/release.yaml      managed; then a hash a line; `+x` for an executable
    8f2c01ab
    . apps/base/podinfo/release.yaml
    = clusters/…/gotk-components.yaml     taken whole: its digest, and for a vendored file that of what asked for it
    - apps/dev/podinfo/kustomization.yaml a person deleted it, and was told that the template has changed it since
    ! stacks/dev/apps/podinfo.yaml        it holds conflict markers; the hashes are those of the template's side
"""

from __future__ import annotations

import functools
import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scaffolder.errors import ScaffolderError

MANAGED, WHOLE, DELETED, MARKED = "+", "=", "-", "!"
_HEADS: Final = {sign + x for sign in (MANAGED, WHOLE, DELETED, MARKED) for x in ("", "x")}
VERSION: Final = 1
UNKNOWN: Final = "?"  # a line that is no hash: of a lock that somebody or something has spoilt
_HASH: Final = re.compile(r"[0-9a-f]{8}|[0-9a-f]{64}")
HEADER: Final = "# scaffolder "
LARGE: Final = 200_000  # bytes; above, a file is taken or kept as a whole


@dataclass(frozen=True, slots=True)
class Entry:
    """What a lock knows of one file."""

    sign: str
    prints: tuple[str, ...]
    executable: bool = False


Lock = Mapping[str, Entry]  # path -> entry


def lines(content: bytes) -> list[bytes]:
    """The lines of a file as git has them, each with its ending; a carriage return alone ends none."""
    return io.BytesIO(content).readlines()


@functools.lru_cache(maxsize=65_536)
def mark(line: bytes) -> str:
    """The hash of one line; its ending does not count, whether it has one does."""
    if line.endswith(b"\r\n"):
        line = line[:-2] + b"\n"
    return hashlib.blake2b(line, digest_size=4).hexdigest()


def is_whole(content: bytes) -> bool:
    """Whether a file is binary or, whatever its line endings, too large to be merged by line."""
    return b"\0" in content or (len(content) > LARGE and len(content) - content.count(b"\r\n") > LARGE)


def digest(content: bytes) -> str:
    """The digest of a whole file; of text, whatever its line endings."""
    return hashlib.sha256(content if b"\0" in content else content.replace(b"\r\n", b"\n")).hexdigest()


def prints(content: bytes) -> tuple[str, ...]:
    """A file's fingerprint: a hash a line, or one digest where it is not merged by line."""
    return (digest(content),) if is_whole(content) else tuple(map(mark, lines(content)))


def dump(lock: Lock) -> bytes:
    lines = [f"{HEADER}{VERSION}"]
    for path, entry in sorted(lock.items()):
        lines += [f"{entry.sign}{'x' if entry.executable else ''} {path}", *entry.prints, f". {path}"]
    return ("\n".join(lines) + "\n").encode()


def says(content: bytes, lock: Lock) -> bool:
    """Whether a lock is just as it would be written."""
    return content.replace(b"\r\n", b"\n") == dump(lock)


def parse(content: bytes, name: str) -> Lock:
    """What a lock says; lines that say nothing are passed over, since a fingerprint can only prove, never harm.

    Raises:
        ScaffolderError: written by a newer scaffolder.
    """
    found: dict[str, Entry] = {}
    path, sign, executable, hashes = "", "", False, list[str]()
    for line in content.decode("utf-8", "replace").replace("\r\n", "\n").split("\n"):
        head, _, rest = line.partition(" ")
        if line.startswith(HEADER):
            _refuse_newer(line.removeprefix(HEADER), name)
        elif head == "." and rest == path and path:
            found[path] = Entry(sign, tuple(hashes), executable)
            path = ""
        elif rest and head in _HEADS:
            path, sign, executable, hashes = rest, head[0], head.endswith("x"), []
        elif path:
            hashes.append(line if _HASH.fullmatch(line) else UNKNOWN)
    return found


def _refuse_newer(version: str, name: str) -> None:
    if version.isdecimal() and int(version) > VERSION:
        raise ScaffolderError(f"{name} was written by a newer scaffolder", hint="upgrade scaffolder")
