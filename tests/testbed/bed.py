"""All of it together: a cluster with the controllers of Flux, and the servers that they fetch from."""

from __future__ import annotations

import contextlib
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

from tests.testbed.argocd import ArgoCD
from tests.testbed.charts import Charts
from tests.testbed.client import Client
from tests.testbed.controllers import NAMES, Controllers
from tests.testbed.controlplane import ControlPlane
from tests.testbed.gitserver import GitServer
from tests.testbed.gitssh import GitSsh
from tests.testbed.nodes import Nodes
from tests.testbed.processes import running
from tests.testbed.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.testbed.processes import Processes

CLUSTER = ("etcd", "kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
NEEDED = ("flux", "gitssh", "crane", *CLUSTER, *NAMES)

# Those of a group start at the same time, and need those of the groups before.
PARTS = (("plane", "git", "ssh", "registry", "charts"), ("nodes", "controllers"), ("argocd",))
USUAL = tuple(name for group in PARTS[:-1] for name in group)


class Part(Protocol):
    """`start` returns when it is ready. What has been stopped can be started again."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Bed(Client):
    """Its parts do not run before they are started."""

    def __init__(self, processes: Processes) -> None:
        self.plane = ControlPlane(processes)
        super().__init__(self.plane.api, {**processes.environment(), "KUBECONFIG": str(self.plane.kubeconfig)})
        self.processes = processes
        self.nodes = Nodes(processes, self.plane)
        self.controllers = Controllers(processes, self.plane)
        self.git = GitServer(processes.folder / "git")
        self.ssh = GitSsh(processes, self.git)
        self.registry = Registry(processes)
        self.charts = Charts()
        self.argocd = ArgoCD(processes, self)
        self.seconds: dict[str, float] = {}  # what took how long to start

    def start(self, *names: str) -> None:
        """All parts but Argo CD, or these."""
        names = names or USUAL
        start = time.monotonic()
        for group in PARTS:
            self._start({name: getattr(self, name) for name in group if name in names})
        self.seconds["all"] = time.monotonic() - start

    def stop(self) -> None:
        for part in (
            self.argocd,
            self.controllers,
            self.nodes,
            self.plane,
            self.registry,
            self.ssh,
            self.git,
            self.charts,
        ):
            part.stop()

    def renew(self) -> None:
        """An empty cluster in the place of this one, without Argo CD. The servers keep what they have."""
        for part in (self.argocd, self.controllers, self.nodes, self.plane):
            part.stop()
        shutil.rmtree(self.plane.data)
        self.start("plane", "nodes", "controllers")

    def report(self) -> str:
        errors = [f"{process.name}: {line}" for process in self.processes for line in process.errors()]
        return "\n".join([super().report(), f"Errors in {self.processes.logs}:", *errors])

    def figures(self) -> str:
        times = (f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items())
        return f"test bed started: {', '.join(times)}"

    def _start(self, parts: Mapping[str, Part]) -> None:
        with ThreadPoolExecutor() as pool:
            for started in [pool.submit(self._timed, name, part) for name, part in parts.items()]:
                started.result()

    def _timed(self, name: str, part: Part) -> None:
        start = time.monotonic()
        part.start()
        self.seconds[name] = time.monotonic() - start


@contextlib.contextmanager
def standing(*names: str, logs: Path | None = None) -> Iterator[Bed]:
    """All parts but Argo CD, or these."""
    with running(logs) as processes:
        bed = Bed(processes)
        try:
            bed.start(*names)
            yield bed
        finally:
            bed.stop()
