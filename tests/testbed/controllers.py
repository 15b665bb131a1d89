"""The controllers of Flux, as programs beside the cluster and not in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.testbed.processes import LOOPBACK, eventually, free_port
from tests.testbed.readiness import condition
from tests.toolbox import cluster, older
from tests.toolbox.programs import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.testbed.controlplane import ControlPlane
    from tests.testbed.processes import Process, Processes

NAMES = tuple(older.CONTROLLERS) if older.wanted() else cluster.FLUX
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: flux-system}\n"


class Controllers:
    """All of them. They need the custom resources of Flux, and nothing else of its installation."""

    def __init__(self, processes: Processes, plane: ControlPlane) -> None:
        self._processes = processes
        self._plane = plane
        self._running: list[Process] = []
        self._events, self._artifacts = (f"{LOOPBACK}:{free_port()}" for _ in range(2))

    def start(self, flags: Mapping[str, Sequence[str]] | None = None) -> None:
        """With more flags for some: `{"kustomize-controller": ["--no-remote-bases=true"]}`."""
        self._install()
        flags = flags or {}
        starting = [self._controller(name, *self._own_flags(name), *flags.get(name, ())) for name in NAMES]
        self._running = [process for process, _ in starting]
        for process, health in starting:
            process.wait_for(health)

    def stop(self) -> None:
        self._processes.stop(*self._running)
        self._running = []

    def _install(self) -> None:
        api = self._plane.api
        api.create("/api/v1/namespaces", NAMESPACE)
        for document in custom_resources():
            api.create(CRDS, document)
        eventually(self._established, 60, lambda: "Flux's custom resources are not established")

    def _established(self) -> bool:
        definitions = self._plane.api.list("CustomResourceDefinition")
        return all(condition(each, "Established").get("status") == "True" for each in definitions)

    def _own_flags(self, name: str) -> Iterator[str]:
        if name == "notification-controller":
            yield f"--events-addr={self._events}"
            yield f"--receiverAddr={LOOPBACK}:{free_port()}"
        elif "notification-controller" in NAMES:
            yield f"--events-addr=http://{self._events}/"
        if name == "source-controller":
            yield f"--storage-addr={self._artifacts}"
            yield f"--storage-adv-addr={self._artifacts}"
        if name in {"source-controller", "image-reflector-controller"}:
            storage = self._processes.folder / name
            storage.mkdir(exist_ok=True)  # Flux's own code wants it to be there
            yield f"--storage-path={storage}"
        if name in {"source-controller", "kustomize-controller", "helm-controller"}:
            yield "--requeue-dependency=1s"  # else half a minute, for each object that waits for another

    def _controller(self, name: str, *flags: str) -> tuple[Process, str]:
        health = f"{LOOPBACK}:{free_port()}"
        process = self._processes.start(
            name,
            f"--health-addr={health}",
            f"--metrics-addr={LOOPBACK}:0",
            "--log-encoding=console",
            *flags,
            KUBECONFIG=str(self._plane.kubeconfig),
            RUNTIME_NAMESPACE="flux-system",
        )
        return process, f"http://{health}/readyz"


def custom_resources() -> Iterator[str]:
    """Of the newest Flux, out of the manifests that its CLI carries."""
    files = sorted((PROGRAMS["flux"].folder / "manifests").glob("*.yaml"))
    if older.wanted():
        files = [PROGRAMS[name].folder / "crds.yaml" for name in NAMES]
    for file in files:
        for document in re.split(r"^---\n", file.read_text(encoding="utf-8"), flags=re.MULTILINE):
            if re.search(r"^kind: CustomResourceDefinition$", document, re.MULTILINE):
                yield document
