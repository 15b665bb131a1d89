"""A Helm repository over HTTP, and in it a chart that rolls out a Deployment."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING, ClassVar

from tests.testbed.web import Handler, Web

if TYPE_CHECKING:
    from tests.testbed.registry import Registry

NAME = "hello"
VERSIONS = ("0.1.0", "0.2.0")

CONFIG = "application/vnd.cncf.helm.config.v1+json"
CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {app: {{ .Release.Name }}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
    spec:
      containers:
        - name: hello
          image: example.com/hello:{{ .Chart.Version }}
          env:
            - {name: GREETING, value: {{ .Values.greeting | quote }}}
"""


def metadata(version: str) -> dict[str, str]:
    return {"apiVersion": "v2", "name": NAME, "version": version}


def chart(version: str) -> bytes:
    """As `helm package` makes it."""
    files = {
        "Chart.yaml": json.dumps(metadata(version)),
        "values.yaml": "replicas: 1\ngreeting: hello\n",
        "templates/deployment.yaml": DEPLOYMENT,
    }
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(f"{NAME}/{name}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return gzip.compress(plain.getvalue(), mtime=0)


def index() -> str:
    entries = [
        {
            **metadata(version),
            "urls": [f"{NAME}-{version}.tgz"],
            "digest": hashlib.sha256(chart(version)).hexdigest(),
            "created": "2026-01-01T00:00:00Z",
        }
        for version in VERSIONS
    ]
    return json.dumps({"apiVersion": "v1", "entries": {NAME: entries}})


def push(registry: Registry) -> str:
    """The same chart as OCI artifacts. Where they are: the address of a HelmRepository, not yet of the chart."""
    for version in VERSIONS:
        config = json.dumps(metadata(version)).encode()
        registry.push(f"charts/{NAME}", version, (CONFIG, config), (CONTENT, chart(version)))
    return f"oci://{registry.host}/charts"


class Charts:
    """The repository at `url`."""

    def __init__(self) -> None:
        self._web = Web(_Handler)
        self.url = self._web.address
        self.start, self.stop = self._web.start, self._web.stop


class _Handler(Handler):
    files: ClassVar = {
        "/index.yaml": index().encode(),
        **{f"/{NAME}-{version}.tgz": chart(version) for version in VERSIONS},
    }

    def respond(self) -> None:
        content = self.files.get(self.path)
        self.answer("200 OK" if content else "404 Not Found", {}, content or b"")
