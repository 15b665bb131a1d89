"""The real `flux bootstrap git` as the judge of ours: of what it commits, and of what it finds where ours has been."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.judges.tools import require
from tests.support.place import Place
from tests.support.shared import flux_release
from tests.testbed.controlplane import ControlPlane
from tests.testbed.gitserver import GitServer, Repository
from tests.testbed.processes import running

PASSWORD = "sesame"
FLAGS = {
    "none": (),
    "the source": ("--secret-name=key", "--interval=90s", "--recurse-submodules", "--username=ada"),
    "the components": ("--log-level=debug", "--network-policy=false", "--toleration-keys=a,b"),
    "the commits": ("--commit-message-appendix=[ci skip]",),
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The kubeconfig of an API server, which is all that Flux's commits need."""
    for name in ("etcd", "kube-apiserver", "flux"):
        require(name)
    with running() as processes:
        plane = ControlPlane(processes)
        plane.start()
        yield str(plane.kubeconfig)
        plane.stop()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    server = GitServer(tmp_path / "git")
    server.start()
    yield server
    server.stop()


def by_flux(words: list[str], kubeconfig: str, at: Path) -> str:
    """What `flux bootstrap` says until it waits for controllers, which are not there."""
    command = [str(require("flux")), *words, "--silent", "--timeout=60s"]
    with subprocess.Popen(
        command, cwd=at, env={**os.environ, "KUBECONFIG": kubeconfig}, stderr=subprocess.PIPE, text=True
    ) as popen:
        assert popen.stderr is not None
        said = ""
        for line in popen.stderr:
            said += line
            if line.startswith("◎ waiting for"):
                break
        popen.kill()
    return said


def commits(repository: Repository) -> list[tuple[str, ...]]:
    """The first two: tree, authors without their time, message."""
    form = "--format=%T%x00%an <%ae>%x00%cn <%ce>%x00%B%x01"
    entries = repository.git("log", "--reverse", form, "main").split("\1\n")
    return [tuple(entry.split("\0")) for entry in entries[:2] if entry]


@pytest.mark.parametrize("flags", FLAGS.values(), ids=FLAGS)
def test_flux_makes_the_same_commits_and_finds_ours_up_to_date(
    cluster: str, server: GitServer, place: Place, flags: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_PASSWORD", PASSWORD)
    theirs = server.repository("fleet", password=PASSWORD)
    words = ["bootstrap", "git", f"--url={theirs.url}", "--allow-insecure-http", "--token-auth", "--path=p/q", *flags]
    by_flux(words, cluster, place.root)
    wanted = commits(theirs)
    shutil.rmtree(theirs.folder)

    ours = server.repository("fleet", password=PASSWORD)
    place.run(*words, f"--manifests={flux_release('v2.9.4')}")
    said = by_flux(words, cluster, place.root)

    assert len(wanted) == 2
    assert commits(ours) == wanted
    assert "✔ component manifests are up to date\n" in said
    assert "✔ sync manifests are up to date\n" in said
