"""Nodes on which nothing runs: their pods become ready at once, so that Deployments roll out and Jobs complete."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.testbed.processes import LOOPBACK, eventually, free_port
from tests.toolbox.programs import PROGRAMS

if TYPE_CHECKING:
    from tests.testbed.controlplane import ControlPlane
    from tests.testbed.processes import Process, Processes

COUNT = 2

# The node lifecycle controller stays: it takes away the taint that new nodes have.
WITHOUT_A_CLOUD = ("nodeipam", "node-route-controller", "service-lb-controller", "cloud-node-lifecycle-controller")


class Nodes:
    """kube-controller-manager, kube-scheduler and kwok."""

    def __init__(self, processes: Processes, plane: ControlPlane) -> None:
        self._processes = processes
        self._plane = plane
        self._running: list[Process] = []

    def start(self) -> None:
        starting = [self._controller_manager(), self._scheduler(), self._kwok()]
        self._running = [process for process, _ in starting]
        for number in range(COUNT):
            self._plane.api.create("/api/v1/nodes", node(f"node-{number}"))
        for process, health in starting:
            process.wait_for(health)
        eventually(self._usable, 60, lambda: "the nodes do not become ready")

    def stop(self) -> None:
        self._processes.stop(*self._running)
        self._running = []

    def _usable(self) -> bool:
        return not any(each["spec"].get("taints") for each in self._plane.api.list("Node"))

    def _controller_manager(self) -> tuple[Process, str]:
        pki = self._plane.pki
        return self._component(
            "kube-controller-manager",
            f"--controllers=*,{','.join(f'-{name}' for name in WITHOUT_A_CLOUD)}",
            f"--service-account-private-key-file={pki / 'service-accounts.key'}",
            f"--root-ca-file={pki / 'apiserver.crt'}",
        )

    def _scheduler(self) -> tuple[Process, str]:
        return self._component("kube-scheduler")

    def _component(self, name: str, *flags: str) -> tuple[Process, str]:
        port = free_port()
        process = self._processes.start(
            name,
            f"--kubeconfig={self._plane.kubeconfig}",
            f"--authentication-kubeconfig={self._plane.kubeconfig}",
            f"--authorization-kubeconfig={self._plane.kubeconfig}",
            f"--bind-address={LOOPBACK}",
            f"--secure-port={port}",
            f"--cert-dir={self._plane.pki / name}",
            "--authentication-skip-lookup=true",
            "--leader-elect=false",
            "--kube-api-qps=1000",  # at the default, an empty namespace takes five seconds more to be deleted
            "--kube-api-burst=1000",
            *flags,
        )
        return process, f"https://{LOOPBACK}:{port}/healthz"

    def _kwok(self) -> tuple[Process, str]:
        address = f"{LOOPBACK}:{free_port()}"
        process = self._processes.start(
            "kwok",
            f"--kubeconfig={self._plane.kubeconfig}",
            f"--config={PROGRAMS['kwok'].folder / 'stages.yaml'}",
            f"--server-address={address}",
            f"--node-ip={LOOPBACK}",
            "--manage-all-nodes=true",
            "--node-lease-duration-seconds=40",  # or the nodes count as lost after so many seconds
        )
        return process, f"http://{address}/healthz"


def node(name: str) -> str:
    size = {"cpu": "64", "memory": "256Gi", "pods": "500"}
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": labels},
            "status": {"capacity": size, "allocatable": size},
        }
    )
