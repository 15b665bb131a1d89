"""What a bed leaves when the run that had it is killed: found by its record, ended and deleted.

A record is a file in the tools' folder. Its first line is the folder of the bed; each of the others is a process, the
first of them the one that the bed belongs to: its number, and when it was started, because numbers are used again.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.toolbox.programs import home

ROOT = Path(__file__).parents[2]


class Record:
    """The record of a bed that stands, with a watcher that clears up as soon as this process is gone."""

    def __init__(self, folder: Path) -> None:
        records().mkdir(parents=True, exist_ok=True)
        self.file = records() / folder.name
        unfinished = records() / f".{folder.name}"  # others sweep meanwhile
        try:
            unfinished.write_text(f"{folder}\n{line(os.getpid())}", encoding="utf-8")
            unfinished.rename(self.file)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        watch = [sys.executable, "-m", "tests.testbed.leftovers", str(self.file)]
        # It reads until all who could write are gone. Nobody inherits the other end of the pipe.
        self.watcher = subprocess.Popen(
            watch, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
        )

    def add(self, pid: int) -> None:
        with self.file.open("a", encoding="utf-8") as file:
            file.write(line(pid))

    def close(self) -> None:
        """All was ended properly."""
        self.file.unlink(missing_ok=True)
        self.watcher.communicate()


def records() -> Path:
    return home() / "testbeds"


def sweep() -> None:
    """Clear up after beds that nobody owns any more."""
    for record in sorted(records().glob("[!.]*")):
        with contextlib.suppress(FileNotFoundError):  # its owner has just finished
            if not any(alive(*owner) for owner in processes(record)[:1]):
                clear_up(record)


def clear_up(record: Path) -> None:
    """End the processes of a bed, whoever started them, and delete its folder."""
    for pid, since in processes(record)[1:]:
        if alive(pid, since):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            while alive(pid, since):
                time.sleep(0.01)
    shutil.rmtree(record.read_text(encoding="utf-8").partition("\n")[0], ignore_errors=True)
    record.unlink()


def line(pid: int) -> str:
    return f"{pid} {started(pid)}\n"


def processes(record: Path) -> list[tuple[int, str]]:
    lines = record.read_text(encoding="utf-8").splitlines()[1:]
    return [(int(pid), since) for pid, _, since in (line.partition(" ") for line in lines)]


def alive(pid: int, since: str) -> bool:
    return since != "" and started(pid) == since


def started(pid: int) -> str:
    """When, in ticks since the machine started; empty for a process that is gone, or only waits to be waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] == "Z" else fields[19]


def main(record: Path) -> None:
    sys.stdin.read()
    with contextlib.suppress(FileNotFoundError):
        clear_up(record)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
