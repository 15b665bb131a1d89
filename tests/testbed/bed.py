"""All of it together: a cluster with the controllers of Flux, and the servers that they fetch from."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol

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
    from collections.abc import Iterator
    from pathlib import Path

    from tests.testbed.processes import Processes

CLUSTER = ("etcd", "kubectl", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
NEEDED = ("flux", "gitssh", "crane", *CLUSTER, *NAMES)


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
        self.seconds: dict[str, float] = {}  # what took how long to start

    def start(self) -> None:
        start = time.monotonic()
        self._start(self.plane, self.git, self.ssh, self.registry, self.charts)
        self._start(self.nodes, self.controllers)
        self.seconds["all"] = time.monotonic() - start

    def stop(self) -> None:
        self.git.stop()
        self.charts.stop()
        self.api.close()
        self.processes.stop_all()

    def report(self) -> str:
        logs = [f"{process.name}:\n{process.tail(5)}" for process in self.processes]
        return "\n".join([super().report(), "Logs:", *logs])

    def figures(self) -> str:
        times = (f"{name} {seconds:.1f} s" for name, seconds in self.seconds.items())
        return f"test bed started: {', '.join(times)}"

    def _start(self, *parts: Part) -> None:
        with ThreadPoolExecutor() as pool:
            for started in [pool.submit(self._timed, part) for part in parts]:
                started.result()

    def _timed(self, part: Part) -> None:
        start = time.monotonic()
        part.start()
        self.seconds[type(part).__name__] = time.monotonic() - start


@contextlib.contextmanager
def standing(logs: Path | None = None) -> Iterator[Bed]:
    with running(logs) as processes:
        bed = Bed(processes)
        try:
            bed.start()
            yield bed
        finally:
            bed.stop()
