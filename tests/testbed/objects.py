"""Flux objects, as small as they can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.testbed.api import Object

SOURCES = "source.toolkit.fluxcd.io/v1"
CHART_LAYER = {"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "operation": "copy"}


def flux(api: str, kind: str, name: str, **spec: Any) -> Object:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name}, "spec": {"interval": "1h", **spec}}


def git_repository(name: str, url: str, **spec: Any) -> Object:
    return flux(SOURCES, "GitRepository", name, url=url, ref={"branch": "main"}, **spec)


def helm_repository(name: str, url: str, **spec: Any) -> Object:
    return flux(SOURCES, "HelmRepository", name, url=url, **spec)


def oci_chart(name: str, url: str, tag: str) -> Object:
    return flux(SOURCES, "OCIRepository", name, url=url, insecure=True, ref={"tag": tag}, layerSelector=CHART_LAYER)


def kustomization(name: str, source: str, path: str, **spec: Any) -> Object:
    reference = {"kind": "GitRepository", "name": source}
    settings = {"prune": True, "retryInterval": "5s", **spec}
    return flux("kustomize.toolkit.fluxcd.io/v1", "Kustomization", name, sourceRef=reference, path=path, **settings)


def helm_release(name: str, **spec: Any) -> Object:
    return flux("helm.toolkit.fluxcd.io/v2", "HelmRelease", name, timeout="30s", **spec)


def config_map(name: str, **data: str) -> str:
    lines = "".join(f"  {key}: {value}\n" for key, value in data.items())
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n{lines}"


def deployment(name: str, replicas: int = 2) -> str:
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: {replicas}
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
        - {{name: main, image: example.com/{name}}}
"""
