"""Charts that roll out a Deployment, and a server of Helm repositories."""

from __future__ import annotations

import functools
import gzip
import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING

from tests.testbed.web import Handler, Web

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.testbed.registry import Registry

NAME = "hello"
VERSIONS = ("0.1.0", "0.2.0")

CONFIG = "application/vnd.cncf.helm.config.v1+json"
CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"

VALUES = """\
replicas: 1
greeting: hello
"""

# What it was given stands in VALUES, so that a test can ask for any of it. To the version of a chart from an
# OCIRepository, Flux adds its digest, and that could be no tag of an image.
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicaCount | default .Values.replicas }}
  selector:
    matchLabels: {app: {{ .Release.Name }}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: example.com/{{ .Chart.Name }}:{{ .Chart.AppVersion }}
          env:
            - {name: VALUES, value: {{ toJson .Values | quote }}}
"""

# What no account of one namespace may make.
CLUSTER_WIDE = """\
{{- if .Values.clusterWide }}
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .Release.Name }}
rules: []
{{- end }}
"""


def metadata(name: str, version: str) -> dict[str, str]:
    return {"apiVersion": "v2", "name": name, "version": version, "appVersion": version}


@functools.cache
def chart(name: str, version: str) -> bytes:
    """As `helm package` makes it."""
    files = {
        "Chart.yaml": json.dumps(metadata(name, version)),
        "values.yaml": VALUES,
        "templates/clusterrole.yaml": CLUSTER_WIDE,
        "templates/deployment.yaml": DEPLOYMENT,
    }
    return archive({f"{name}/{path}": text for path, text in files.items()})


def archive(files: Mapping[str, str]) -> bytes:
    """A .tar.gz; equal files give equal bytes."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for path, text in files.items():
            info = tarfile.TarInfo(path)
            info.size = len(text.encode())
            tar.addfile(info, io.BytesIO(text.encode()))
    return gzip.compress(plain.getvalue(), mtime=0)


def push(registry: Registry, folder: str = "charts", name: str = NAME, versions: Sequence[str] = VERSIONS) -> str:
    """A chart as OCI artifacts. Where they are: the address of a HelmRepository, not yet of the chart."""
    for version in versions:
        config = json.dumps(metadata(name, version)).encode()
        registry.push(f"{folder}/{name}", version, (CONFIG, config), (CONTENT, chart(name, version)))
    return f"oci://{registry.host}/{folder}"


class Charts:
    """The repository at `url` has `hello`; those below it have what is added to them."""

    def __init__(self) -> None:
        self._entries = {("", NAME, version) for version in VERSIONS}
        self._web = Web(functools.partial(_Handler, self))
        self.url = self._web.address
        self.start, self.stop = self._web.start, self._web.stop

    def add(self, folder: str, name: str, versions: Sequence[str]) -> str:
        """The URL of the folder's repository."""
        self._entries |= {(f"/{folder}", name, version) for version in versions}
        return f"{self.url}/{folder}"

    def read(self, path: str) -> bytes | None:
        """None for what it does not have."""
        folder, _, file = path.rpartition("/")
        entries = sorted((name, version) for where, name, version in self._entries if where == folder)
        if file == "index.yaml":
            return index(entries).encode()
        return next((chart(*each) for each in entries if file == _file(*each)), None)


def index(charts: Sequence[tuple[str, str]]) -> str:
    """Of names and versions."""
    entries: dict[str, list[object]] = {}
    for name, version in charts:
        digest = hashlib.sha256(chart(name, version)).hexdigest()
        entry = {"urls": [_file(name, version)], "digest": digest, "created": "2026-01-01T00:00:00Z"}
        entries.setdefault(name, []).append({**metadata(name, version), **entry})
    return json.dumps({"apiVersion": "v1", "entries": entries})


def _file(name: str, version: str) -> str:
    return f"{name}-{version}.tgz"


class _Handler(Handler):
    def __init__(self, charts: Charts, *connection: object) -> None:
        self.charts = charts
        super().__init__(*connection)  # type: ignore[arg-type]

    def respond(self) -> None:
        content = self.charts.read(self.path)
        self.answer("200 OK" if content else "404 Not Found", {}, content or b"")
