from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from scaffolder.kube import rehearsal
from scaffolder.kube.kubectl import Kubectl

Run = Callable[[str], str]


@pytest.fixture
def runs(kubectl: Kubectl) -> Iterator[Run]:
    """Where a rehearsal runs, by what its namespace says."""

    def said(by: str) -> str:
        rehearsal.marked(kubectl, "flux-system", 0)
        kubectl.annotate("namespaces", "flux-system", "", f"{rehearsal.BY}={by}")
        known = rehearsal.found(kubectl, "flux-system")
        assert known
        return known.runs

    yield said
    kubectl.annotate("namespaces", "flux-system", "", f"{rehearsal.BY}-")


def test_what_was_there_before_is_found_again(kubectl: Kubectl) -> None:
    assert rehearsal.found(kubectl, "nothing") is None

    rehearsal.marked(kubectl, "flux-system", 60)

    known = rehearsal.found(kubectl, "flux-system")
    assert known
    assert {"default", "kube-system"} <= known.before
    assert "flux-system" not in known.before
    assert known.runs == ""  # it is this process


def test_here_it_runs_as_long_as_its_process(runs: Run) -> None:
    host, later = socket.gethostname(), time.time() + 60
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert runs(f"{host} {process.pid} {later:.0f}") == host

    assert runs(f"{host} {process.pid} {later:.0f}") == ""


def test_elsewhere_it_runs_until_its_time_is_over(runs: Run) -> None:
    assert runs(f"elsewhere {os.getpid()} {time.time() + 60:.0f}") == "elsewhere"
    assert runs(f"elsewhere {os.getpid()} {time.time() - 60:.0f}") == ""


def test_one_that_stays_runs_no_more(kubectl: Kubectl, runs: Run) -> None:
    runs(f"elsewhere 1 {time.time() + 60:.0f}")

    rehearsal.ended(kubectl, "flux-system")

    known = rehearsal.found(kubectl, "flux-system")
    assert known
    assert known.runs == ""
