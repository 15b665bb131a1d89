"""Build the programs that tests need: `python -m tests.toolbox.build [NAME ...]`, from the root of the repository.

Needs Go, and of Python nothing but the standard library. What is there is left alone. A folder appears under its name
only when it is complete; what a killed build left is deleted by the next one.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import shutil
import signal
import sys
import time
from typing import TYPE_CHECKING

from tests.toolbox.programs import PROGRAMS, Program, home
from tests.toolbox.workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def main(names: list[str]) -> None:
    if unknown := set(names) - PROGRAMS.keys():
        sys.exit(f"no such program: {', '.join(sorted(unknown))}; there are {', '.join(PROGRAMS)}")
    os.nice(10)  # tests and linters run meanwhile
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # an exception, so that the scratch folder is deleted
    try:
        home().mkdir(parents=True, exist_ok=True)
        with only_one(), workshop() as shop:
            for name in names or PROGRAMS:
                shop.program(name)
    except (RuntimeError, OSError) as error:
        sys.exit(str(error))


def provide(name: str, shop: Workshop) -> Path:
    """The path of the program, which is built when it is not there."""
    program = PROGRAMS[name]
    start = time.monotonic()
    what = "there already"
    if not program.folder.exists():
        try:
            build(program, shop)
        except (RuntimeError, OSError) as error:
            raise RuntimeError(f"{name} {program.version} could not be built: {error}") from error
        what = "built"
    sys.stdout.write(f"{name} {program.version}: {what}, {time.monotonic() - start:.0f} s\n")
    sys.stdout.flush()
    return program.path


def build(program: Program, shop: Workshop) -> None:
    shop.check()
    unfinished = shop.scratch / program.folder.name
    unfinished.mkdir()
    program.build(shop, unfinished)
    unfinished.rename(program.folder)


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """Builds share a scratch folder, and both cores: a second one waits for the first."""
    with (home() / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def workshop() -> Iterator[Workshop]:
    scratch = home() / ".scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        shop = Workshop(scratch, functools.cache(lambda name: provide(name, shop)))
        yield shop
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
