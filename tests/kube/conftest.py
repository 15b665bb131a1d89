"""A real API server, with nothing behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffolder.kube.kubectl import Kubectl
from tests.judges.tools import require
from tests.testbed.controlplane import ControlPlane
from tests.testbed.processes import running


@pytest.fixture(scope="session")
def plane() -> Iterator[ControlPlane]:
    for name in ("etcd", "kube-apiserver", "kubectl"):
        require(name)
    with running() as processes:
        plane = ControlPlane(processes)
        plane.start()
        yield plane
        plane.stop()


@pytest.fixture
def path(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Kubectl's folder, which is on the PATH as well."""
    folder = require("kubectl").parent
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return folder


@pytest.fixture
def kubectl(plane: ControlPlane, path: Path) -> Kubectl:  # noqa: ARG001  it is found on the PATH
    return Kubectl.opened(plane.kubeconfig)
