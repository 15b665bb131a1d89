"""Whatever ends a run, nothing of its bed is left."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testbed import leftovers
from tests.testbed.leftovers import ROOT, alive, started
from tests.testbed.processes import eventually, running
from tests.toolbox.programs import PROGRAMS, Program

SLEEP = Program("sleep", "1", lambda _shop, _folder: None)

OWNER = """
import signal, sys
from tests.testbed.processes import running
from tests.testbed.test_leftovers import SLEEP, PROGRAMS
PROGRAMS["sleep"] = SLEEP
with running() as processes:
    sleep = processes.start("sleep", "600")
    print(processes.folder, sleep.popen.pid, processes.record.watcher.pid, flush=True)
    signal.pause()
"""


@pytest.fixture(autouse=True)
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A toolbox of its own, in which there is `sleep`."""
    monkeypatch.setenv("SCAFFOLDER_TOOLS", str(tmp_path))
    monkeypatch.setitem(PROGRAMS, "sleep", SLEEP)
    SLEEP.folder.mkdir()
    SLEEP.path.symlink_to(shutil.which("sleep") or "")
    return tmp_path


@pytest.fixture
def owner() -> Iterator[tuple[subprocess.Popen[str], Path, int, int]]:
    """A run that has a bed: itself, the bed's folder, the bed's only process, and the watcher."""
    with subprocess.Popen([sys.executable, "-c", OWNER], cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        folder, sleep, watcher = run.stdout.readline().split()
        yield run, Path(folder), int(sleep), int(watcher)
        run.kill()


def records() -> list[Path]:
    return list(leftovers.records().iterdir())


def test_a_run_that_ends_leaves_nothing() -> None:
    with running() as processes:
        sleep = processes.start("sleep", "600")
        assert started(sleep.popen.pid)
        assert len(records()) == 1

    assert not started(sleep.popen.pid)
    assert not processes.folder.exists()
    assert records() == []


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_run_that_is_killed_leaves_nothing(
    owner: tuple[subprocess.Popen[str], Path, int, int], how: signal.Signals
) -> None:
    run, folder, sleep, watcher = owner
    assert started(sleep)

    run.send_signal(how)

    eventually(lambda: not started(watcher), 10, lambda: "the watcher still runs")
    assert not started(sleep)
    assert not folder.exists()
    assert records() == []


def test_what_is_left_all_the_same_is_cleared_up_by_the_next_run(
    owner: tuple[subprocess.Popen[str], Path, int, int],
) -> None:
    run, folder, sleep, watcher = owner
    os.kill(watcher, signal.SIGKILL)
    run.kill()
    run.wait()
    assert started(sleep)

    with running():
        assert len(records()) == 1

    assert not started(sleep)
    assert not folder.exists()


def test_a_bed_that_stands_is_left_alone() -> None:
    with running() as one:
        sleep = one.start("sleep", "600")
        with running():
            pass
        assert sleep.popen.poll() is None
        assert one.folder.exists()


def test_a_process_that_only_has_the_number_of_one_of_ours_is_left_alone(tmp_path: Path) -> None:
    with running() as processes:
        sleep = processes.start("sleep", "600")
        record = tmp_path / "record"
        record.write_text(f"{tmp_path / 'folder'}\n1 0\n{sleep.popen.pid} 12345\n")

        leftovers.clear_up(record)

        assert alive(sleep.popen.pid, started(sleep.popen.pid))


def test_a_program_that_does_not_start_says_why() -> None:
    with running() as processes:
        sleep = processes.start("sleep", "for ever")

        with pytest.raises(RuntimeError, match=r"(?s)sleep ended with 1.*invalid time interval"):
            sleep.wait(lambda: False)


def test_a_program_that_takes_too_long_is_named() -> None:
    with running() as processes:
        sleep = processes.start("sleep", "600")

        with pytest.raises(TimeoutError, match="sleep is not ready"):
            sleep.wait(lambda: False, seconds=0.2)
