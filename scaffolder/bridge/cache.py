"""Releases that were downloaded before: whole and right, or not there.

They are in `flux/<version>/` of `$SCAFFOLDER_CACHE`, `$XDG_CACHE_HOME/scaffolder` or `~/.cache/scaffolder`. Nothing
here fails a command: a cache that cannot be read is empty, and one that cannot be written stays as it is.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.bridge.bundle import PINS, fingerprint, read

if TYPE_CHECKING:
    from collections.abc import Mapping

_RECORD: Final = "fingerprint"  # the file of an entry that says what the others must add up to


def load(version: str) -> dict[str, str] | None:
    """The files of a release; an entry that does not add up to its pin, or else to its record, is thrown away."""
    try:
        entry = _entry(version)
        files = read(entry)
        right = fingerprint(files) == (PINS.get(version) or (entry / _RECORD).read_text(encoding="ascii").strip())
    except (OSError, RuntimeError):
        return None
    except UnicodeDecodeError:
        right = False
    if right:
        return files
    shutil.rmtree(entry, ignore_errors=True)
    return None


def store(version: str, files: Mapping[str, str]) -> None:
    """Keeps the files of a release, unless they are kept already: written beside, then moved there as a whole."""
    with contextlib.suppress(OSError, RuntimeError):
        entry = _entry(version)
        entry.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=entry.parent, prefix=f".{version}-") as beside:
            new = Path(beside, version)
            new.mkdir()
            for name, text in (*files.items(), (_RECORD, fingerprint(files) + "\n")):
                (new / name).write_bytes(text.encode())
            new.rename(entry)


def _entry(version: str) -> Path:
    """Raises RuntimeError where there is no home folder to have a cache in."""
    chosen = os.environ.get("SCAFFOLDER_CACHE")
    shared = os.environ.get("XDG_CACHE_HOME")
    root = Path(chosen) if chosen else (Path(shared) if shared else Path.home() / ".cache") / "scaffolder"
    return root / "flux" / version
