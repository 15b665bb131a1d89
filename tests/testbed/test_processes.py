"""What stands in the way of a bed is named."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testbed.gitserver import GitServer
from tests.testbed.leftovers import ROOT
from tests.testbed.processes import LOOPBACK, ending, running
from tests.toolbox.programs import PROGRAMS, Program

TRUE = Program("true", "1", lambda _shop, _folder: None)


@pytest.fixture(autouse=True)
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A toolbox of its own, in which there is `true`."""
    monkeypatch.setenv("SCAFFOLDER_TOOLS", str(tmp_path / "tools"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setitem(PROGRAMS, "true", TRUE)
    TRUE.folder.mkdir(parents=True)
    shutil.copy(shutil.which("true") or "", TRUE.path)
    return tmp_path / "tools"


def command(*parts: str, blocks: str = "unlimited") -> subprocess.CompletedProcess[str]:
    """`python -m tests.testbed`, with a limit on the size of the files that it writes."""
    line = ["bash", "-c", f'ulimit -f {blocks}; exec "$0" -m tests.testbed "$@"', sys.executable, *parts]
    return subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)


@contextlib.contextmanager
def nothing_can_be_written() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("size", [0, 20_000])
def test_a_program_that_is_not_whole_is_to_be_built_again(size: int) -> None:
    os.truncate(TRUE.path, size)

    with running() as processes, pytest.raises(RuntimeError, match=r"python -m tests\.toolbox\.build"):
        processes.start("true").wait(lambda: False)


def test_a_program_that_somebody_ended_is_not_called_damaged() -> None:
    assert ending(-15) == "was ended by SIGTERM"


def test_a_port_that_was_taken_meanwhile_is_named(tmp_path: Path) -> None:
    server = GitServer(tmp_path / "git")
    taken = f"{server.url}: {os.strerror(errno.EADDRINUSE)}"

    with socket.create_server((LOOPBACK, int(server.url.rpartition(":")[2]))), pytest.raises(RuntimeError, match=taken):
        server.start()


def test_a_disk_that_takes_no_more_is_one_line() -> None:
    done = command("git", blocks="0")

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_a_bed_that_cannot_be_written_down_is_not_begun(tools: Path, tmp_path: Path) -> None:
    with nothing_can_be_written(), pytest.raises(OSError, match=os.strerror(errno.EFBIG)), running():
        pass

    assert list(tools.glob("testbeds/*")) == list(tools.glob("testbeds/.*")) == list(tmp_path.glob("testbed-*")) == []


@pytest.mark.parametrize(
    ("parts", "said"), [(("git", "moon"), "no such part: moon"), (("nodes", "git"), "nodes: only with plane")]
)
def test_parts_that_cannot_be_are_refused(parts: tuple[str, ...], said: str) -> None:
    done = command(*parts)

    assert done.returncode == 2
    assert said in done.stderr
