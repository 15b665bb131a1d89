"""One command at a time in a repository: the next one waits."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.errors import GitError

if TYPE_CHECKING:
    from scaffolder.cli.console import Console

PATIENCE: Final = 60.0  # seconds; the longest command in a large repository takes less
STEP: Final = 0.05  # seconds between two looks

_held: dict[Path, int] = {}  # at most one: the system gives it back when the process ends, however it ends


def take(git_dir: Path, console: Console) -> None:
    """Waits until no other command is at work in a repository, and then is the one that is.

    A repository that cannot be written has no turns: whoever reads it disturbs nobody.

    Raises:
        GitError: the other one takes too long.
    """
    if git_dir in _held:
        return
    try:
        (git_dir / "scaffolder").mkdir(exist_ok=True)
        handle = os.open(git_dir / "scaffolder" / "turn", os.O_WRONLY | os.O_CREAT, 0o666)
    except OSError:
        return
    end, told = time.monotonic() + PATIENCE, False
    while not _taken(handle):
        if not told:
            console.step("another scaffolder command is at work in this repository: waiting for it")
            told = True
        if time.monotonic() > end:
            os.close(handle)
            raise GitError("another scaffolder command is at work in this repository", hint="run this again later")
        time.sleep(STEP)
    for other in _held.values():
        os.close(other)
    _held.clear()
    _held[git_dir] = handle


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
