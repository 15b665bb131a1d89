"""What the apps of a platform fetch: charts, git repositories, OCI artifacts and buckets, all on the bed's servers."""

from __future__ import annotations

import functools
import hashlib
import posixpath
import re
from typing import TYPE_CHECKING

from tests.testbed.charts import archive, push
from tests.testbed.objects import deployment
from tests.testbed.web import Handler, Web

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.testbed.api import Object
    from tests.testbed.bed import Bed

PASSWORD = "sesame"  # of the repositories that want one
FLUX_CONFIG = "application/vnd.cncf.flux.config.v1+json"
FLUX_CONTENT = "application/vnd.cncf.flux.content.v1.tar+gzip"


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
