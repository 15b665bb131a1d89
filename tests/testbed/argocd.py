"""Argo CD beside the cluster: what compares Applications with Git and judges their health, without its web pages."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from tests.testbed.processes import LOOPBACK, answers, free_port
from tests.testbed.readiness import condition
from tests.toolbox.programs import PROGRAMS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.testbed.client import Client
    from tests.testbed.processes import Process, Processes

NAMES = ("argocd", "miniredis", "kustomize")
NAMESPACE = "argocd"
KINDS = ("application", "appproject")  # to take in applicationset, which nothing here uses, costs a cluster 30 s
FOLDERS = ("tls", "ssh", "gpg", "gpg-source", "plugins")
RESYNC = 2  # seconds, between two looks at Git

# What Argo CD's API server, which does not run here, would have made.
PROJECT = {
    "apiVersion": "argoproj.io/v1alpha1",
    "kind": "AppProject",
    "metadata": {"name": "default"},
    "spec": {
        "sourceRepos": ["*"],
        "destinations": [{"server": "*", "namespace": "*"}],
        "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
    },
}
SECRET = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "argocd-secret", "labels": {"app.kubernetes.io/part-of": NAMESPACE}},
    "stringData": {"server.secretkey": "testbed"},
}


class ArgoCD:
    """Application controller, repo server and a Redis; in the cluster, the namespace and the project `default`."""

    def __init__(self, processes: Processes, client: Client) -> None:
        self._processes = processes
        self._client = client
        self._running: list[Process] = []
        self._folder = processes.folder / "argocd"
        self._redis, self._repo = free_port(), free_port()
        self.runs = False

    def start(self) -> None:
        self.stop()  # what is left of a start that failed
        self._install()
        for folder in FOLDERS:
            (self._folder / folder).mkdir(parents=True, exist_ok=True)
        (self._folder / "ssh/ssh_known_hosts").touch()
        self._running = [self._processes.start("miniredis", f"{LOOPBACK}:{self._redis}")]
        self._component("argocd-repo-server", *self._repo_server())
        self._component("argocd-application-controller", *self._application_controller())
        self.runs = True

    def stop(self) -> None:
        self._processes.stop(*reversed(self._running))
        self._running = []
        self.runs = False

    def _install(self) -> None:
        folder = PROGRAMS["argocd"].folder
        self._create("Namespace", json.dumps({"metadata": {"name": NAMESPACE}}))
        for kind in KINDS:
            self._create("CustomResourceDefinition", (folder / f"crds/{kind}-crd.yaml").read_text(encoding="utf-8"))
        for kind in KINDS:
            name = f"CustomResourceDefinition/{kind}s.argoproj.io"
            self._client.until(name, lambda found: condition(found, "Established").get("status") == "True")
        self._create("AppProject", json.dumps(PROJECT))
        self._create("Secret", json.dumps(SECRET))
        for file in sorted((folder / "config").glob("*-cm.yaml")):
            self._create("ConfigMap", file.read_text(encoding="utf-8"))

    def _create(self, kind: str, document: str) -> None:
        api = self._client.api
        api.create(api.resource(kind).path(NAMESPACE), document)

    def _repo_server(self) -> tuple[str, ...]:
        return (
            f"--address={LOOPBACK}",
            f"--port={self._repo}",
            f"--metrics-address={LOOPBACK}",
            "--disable-tls",
            "--client-ca-path=",
            "--revision-cache-expiration=1s",  # else a branch stays where it was for three minutes
        )

    def _application_controller(self) -> tuple[str, ...]:
        return (
            f"--namespace={NAMESPACE}",
            f"--repo-server={LOOPBACK}:{self._repo}",
            "--repo-server-plaintext",
            f"--app-resync={RESYNC}",
            "--app-resync-jitter=0",
            "--self-heal-timeout-seconds=1",
        )

    def _component(self, name: str, *flags: str) -> None:
        """One of Argo CD's: which, says the environment."""
        metrics = free_port()
        own = (f"--metrics-port={metrics}", f"--redis={LOOPBACK}:{self._redis}", *flags)
        settings = {"ARGOCD_BINARY_NAME": name, **self._environment()}
        process = self._processes.start("argocd", *own, called=name, **settings)
        self._running.append(process)
        process.wait(lambda: answers(f"http://{LOOPBACK}:{metrics}/healthz"), seconds=180)  # it is large

    def _environment(self) -> dict[str, str]:
        programs: list[Path] = [PROGRAMS[name].folder for name in ("argocd", "kustomize")]
        return {
            "PATH": os.pathsep.join([*map(str, programs), os.environ["PATH"]]),
            "KUBECONFIG": self._client.environment["KUBECONFIG"],
            "ARGOCD_FAKE_IN_CLUSTER": "true",  # https://kubernetes.default.svc is the cluster of the kubeconfig
            "ARGOCD_GPG_ENABLED": "false",
            "ARGOCD_TLS_DATA_PATH": str(self._folder / "tls"),
            "ARGOCD_SSH_DATA_PATH": str(self._folder / "ssh"),
            "ARGOCD_GNUPGHOME": str(self._folder / "gpg"),
            "ARGOCD_GPG_DATA_PATH": str(self._folder / "gpg-source"),
            "ARGOCD_PLUGINSOCKFILEPATH": str(self._folder / "plugins"),
        }
