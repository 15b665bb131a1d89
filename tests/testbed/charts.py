"""What apps fetch: charts and manifests that roll out a Deployment, from each kind of source that Flux knows."""

from __future__ import annotations

import functools
import gzip
import hashlib
import io
import json
import posixpath
import re
import tarfile
from typing import TYPE_CHECKING

from tests.testbed.objects import deployment
from tests.testbed.web import Handler, Web

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.testbed.api import Object
    from tests.testbed.bed import Bed
    from tests.testbed.registry import Registry

PASSWORD = "sesame"  # of the repositories that want one
NAME = "hello"
VERSIONS = ("0.1.0", "0.2.0")

CONFIG = "application/vnd.cncf.helm.config.v1+json"
CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
FLUX_CONFIG = "application/vnd.cncf.flux.config.v1+json"
FLUX_CONTENT = "application/vnd.cncf.flux.content.v1.tar+gzip"

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


def metadata(name: str, version: str) -> dict[str, str]:
    return {"apiVersion": "v2", "name": name, "version": version, "appVersion": version}


@functools.cache
def chart(name: str, version: str) -> bytes:
    """As `helm package` makes it."""
    files = {
        "Chart.yaml": json.dumps(metadata(name, version)),
        "values.yaml": VALUES,
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


class Supplies:
    """What the apps of one platform fetch, under a name of its own; `application` are the manifests, if not ours."""

    def __init__(self, bed: Bed, name: str, application: Mapping[str, str]) -> None:
        self.bed = bed
        self.name = name
        self.application = application
        self.objects: dict[str, bytes] = {}  # in the buckets, by path
        self._web = Web(functools.partial(_Store, self.objects))
        self._web.start()
        self.stop = self._web.stop

    def moved(self, document: Object) -> Object:
        """The document, where its app fetches from the bed's servers; what it asks for is there."""
        kind = next((kind for kind in ("chart", "git", "oci", "bucket") if kind in document), "")
        if not kind:
            return document
        source = {key: value for key, value in document[kind].items() if key != "provider"}
        return {**document, kind: getattr(self, f"_{kind}")(document, source)}

    def secrets(self, apps: Sequence[Object]) -> Iterator[tuple[str, Object]]:
        """Those that the sources of these apps name: namespace and object."""
        login = {"username": "git", "password": PASSWORD, "accesskey": "git", "secretkey": PASSWORD}
        for app in apps:
            for source in filter(None, map(app.get, ("chart", "git", "oci", "bucket"))):
                if "secretRef" in source:
                    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": dict(source["secretRef"])}
                    yield str(app.get("namespace", app["name"])), {**secret, "stringData": login}

    def _chart(self, app: Object, chart: Object) -> Object:
        name = chart.get("name") or posixpath.basename(chart["url"])
        versions = exact(each.get("version") for each in (chart, *overlays(app))) or ["1.0.0"]
        if not chart["url"].startswith("oci://"):
            return {**chart, "url": self.bed.charts.add(self.name, name, versions)}
        return {**chart, "url": f"{push(self.bed.registry, self.name, name, versions)}/{name}"}

    def _git(self, app: Object, git: Object) -> Object:
        repository = self.bed.git.repository(f"{self.name}-{app['name']}", PASSWORD if "secretRef" in git else "")
        repository.commit(self._manifests(app, git))
        references = [each.get("ref", {}) for each in (git, *overlays(app))]
        for tag in exact(each.get("tag") for each in references) or ["v1.0.0"]:
            repository.git("tag", tag, "main")
        for branch in {each["branch"] for each in references if "branch" in each} - {"main"}:
            repository.git("branch", branch, "main")
        return {**git, "url": repository.url}

    def _oci(self, app: Object, oci: Object) -> Object:
        content = archive(self._manifests(app, oci))
        for tag in exact(each.get("ref", {}).get("tag") for each in (oci, *overlays(app))) or ["1.0.0", "latest"]:
            name = f"{self.name}/{app['name']}"
            self.bed.registry.push(name, tag, (FLUX_CONFIG, b"{}"), (FLUX_CONTENT, content))
        return {**oci, "url": f"oci://{self.bed.registry.host}/{self.name}/{app['name']}", "insecure": True}

    def _bucket(self, app: Object, bucket: Object) -> Object:
        files = self._manifests(app, bucket)
        self.objects.update({f"/{bucket['bucketName']}/{path}": text.encode() for path, text in files.items()})
        return {**bucket, "endpoint": self._web.address.removeprefix("http://"), "insecure": True}

    def _manifests(self, app: Object, source: Object) -> Mapping[str, str]:
        """A Deployment with the name of the app, in the folder that it asks for."""
        images = [image["name"] for each in overlays(app) for image in each.get("images", ())]
        name = f"example.com/{app['name']}"
        text = deployment(app["name"]).replace(name, images[0] if images else name)
        path = posixpath.normpath(posixpath.join(source.get("path", "./"), "deployment.yaml"))
        return self.application or {path: text}


def overlays(app: Object) -> list[Object]:
    return list(app.get("overlays", {}).values())


def exact(versions: Iterator[str | None]) -> list[str]:
    """Those that are no range."""
    return sorted({each for each in versions if each and re.fullmatch(r"v?\d+\.\d+\.\d+|latest", each)})


class _Store(Handler):
    """An object store that knows what minio's client asks of one to read a bucket."""

    def __init__(self, objects: Mapping[str, bytes], *connection: object) -> None:
        self.objects = objects
        super().__init__(*connection)  # type: ignore[arg-type]

    def do_HEAD(self) -> None:  # noqa: N802  the name is the library's
        self.respond()

    def respond(self) -> None:
        path, _, query = self.path.partition("?")
        if path.count("/") == 1 or path.endswith("/"):  # a bucket
            self._send(self._listing(path.rstrip("/")) if "list-type" in query else b"<LocationConstraint/>")
        elif path in self.objects:
            self._send(self.objects[path])
        else:
            self.answer("404 Not Found", {}, b"")

    def _listing(self, bucket: str) -> bytes:
        entries = "".join(
            f"<Contents><Key>{path.removeprefix(bucket + '/')}</Key><Size>{len(content)}</Size>"
            f"<ETag>{_etag(content)}</ETag><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for path, content in self.objects.items()
            if path.startswith(f"{bucket}/")
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>".encode()

    def _send(self, content: bytes) -> None:
        """Whole; to HEAD only what it is."""
        self.send_response(200)
        self.send_header("ETag", _etag(content))
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else content)


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
