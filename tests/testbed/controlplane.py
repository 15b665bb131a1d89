"""etcd and kube-apiserver."""

from __future__ import annotations

import base64
import json
import secrets
from typing import TYPE_CHECKING

from tests.testbed.api import Api
from tests.testbed.processes import LOOPBACK, free_port

if TYPE_CHECKING:
    from tests.testbed.processes import Process, Processes


class ControlPlane:
    """`kubeconfig` is an administrator's. What is in the cluster is in `data`."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._running: list[Process] = []
        self.pki = processes.folder / "pki"
        self.kubeconfig = processes.folder / "kubeconfig"
        self.data = processes.folder / "etcd"
        self.token = secrets.token_hex()
        self._etcd_addresses = [f"http://{LOOPBACK}:{free_port()}" for _ in range(2)]
        self.api = Api(free_port(), self.token, self.pki / "apiserver.crt")

    def start(self) -> None:
        self._keys()
        self._running = [self._etcd(*self._etcd_addresses), self._apiserver(self._etcd_addresses[0])]
        self._running[-1].wait((self.pki / "apiserver.crt").exists)  # it makes its certificate when it starts
        self._running[-1].wait(self.api.ready)

    def stop(self) -> None:
        self.api.close()
        self._processes.stop(*reversed(self._running))
        self._running = []

    def _keys(self) -> None:
        if self.pki.exists():
            return
        self.pki.mkdir()
        (self.pki / "service-accounts.key").write_text(private_key())
        (self.pki / "tokens.csv").write_text(f"{self.token},admin,admin,system:masters\n")
        self.kubeconfig.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "testbed",
                    "contexts": [{"name": "testbed", "context": {"cluster": "testbed", "user": "admin"}}],
                    "users": [{"name": "admin", "user": {"token": self.token}}],
                    "clusters": [{"name": "testbed", "cluster": self._address()}],
                }
            )
        )

    def _address(self) -> dict[str, str]:
        return {
            "server": f"https://{LOOPBACK}:{self.api.port}",
            "certificate-authority": str(self.pki / "apiserver.crt"),
        }

    def _etcd(self, client: str, peer: str) -> Process:
        return self._processes.start(
            "etcd",
            f"--data-dir={self.data}",
            "--unsafe-no-fsync",
            "--log-level=warn",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=default={peer}",
        )

    def _apiserver(self, etcd: str) -> Process:
        key = self.pki / "service-accounts.key"
        return self._processes.start(
            "kube-apiserver",
            f"--etcd-servers={etcd}",
            f"--bind-address={LOOPBACK}",
            f"--advertise-address={LOOPBACK}",
            f"--secure-port={self.api.port}",
            f"--cert-dir={self.pki}",
            f"--token-auth-file={self.pki / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--allow-privileged=true",
            "--endpoint-reconciler-type=none",  # a loopback address may not stand in Endpoints
        )


def private_key() -> str:
    """A key on the curve P-256, in the form of RFC 5915, where the public half may be left out."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    secret = (1 + secrets.randbelow(order - 1)).to_bytes(32, "big")
    curve = bytes.fromhex("a00a06082a8648ce3d030107")
    content = b"\x02\x01\x01" + b"\x04\x20" + secret + curve
    text = base64.encodebytes(bytes([0x30, len(content)]) + content).decode()
    return f"-----BEGIN EC PRIVATE KEY-----\n{text}-----END EC PRIVATE KEY-----\n"
