"""A whole platform on the bed: what its apps fetch stands on the bed's servers, and it gets there as a user's does."""

from __future__ import annotations

import contextlib
import itertools
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.golden import ROOT
from tests.support.place import Place
from tests.support.shared import flux_release
from tests.testbed.controllers import NAMES
from tests.testbed.processes import LOOPBACK, eventually
from tests.testbed.supplies import PASSWORD, Supplies
from tests.toolbox.programs import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.testbed.api import Object
    from tests.testbed.bed import Bed

NUMBERS = itertools.count(1)
REQUESTED = "reconcile.fluxcd.io/requestedAt"

# Where a controller runs, which is not in a pod here; and how long it waits, which the bed makes shorter.
OURS = ("--enable-leader-election", "--events-addr", "--log-", "--requeue-dependency", "--storage-", "--watch-all")


@dataclass(frozen=True)
class Platform:
    """What one is made from."""

    documents: tuple[Object, ...]
    files: Mapping[str, str] = field(default_factory=dict)  # of its repository; the manifests of apps among them
    application: Mapping[str, str] = field(default_factory=dict)  # of the repositories of its apps; else a Deployment

    @property
    def clusters(self) -> dict[str, str]:
        """The last cluster of each environment: environment to cluster."""
        return {each["environment"]: each["name"] for each in self.documents if each["kind"] == "cluster"}


def example(name: str) -> Platform:
    """A folder of examples/."""
    files = {p.relative_to(ROOT / name).as_posix(): p for p in (ROOT / name).rglob("*") if p.is_file()}
    texts = {path: p.read_text(encoding="utf-8") for path, p in files.items() if not path.startswith("tree/")}
    documents = "\n---\n".join(text for path, text in texts.items() if path.startswith("gitops"))
    application = {p.removeprefix("application/"): text for p, text in texts.items() if p.startswith("application/")}
    return written(documents, {p: text for p, text in texts.items() if p.startswith("apps/")}, application)


def written(
    text: str, files: Mapping[str, str] | None = None, application: Mapping[str, str] | None = None
) -> Platform:
    documents = tuple(each for each in yaml.safe_load_all(text) if each)
    return Platform(documents, files or {}, application or {})


class Live:
    """Its repository is in `place`, and on the bed's git server as `remote`."""

    def __init__(self, bed: Bed, folder: Path, platform: Platform) -> None:
        self.bed = bed
        self.name = f"live-{next(NUMBERS)}"
        self.remote = bed.git.repository(self.name, password=PASSWORD)
        self.supplies = Supplies(bed, self.name, platform.application)
        self.documents = [self.supplies.moved(each) for each in platform.documents]
        self.place = self._made(Place(folder), platform.files)
        self._flags: dict[str, list[str]] = {}

    def _made(self, place: Place, files: Mapping[str, str]) -> Place:
        place.write("documents/gitops.yaml", yaml.safe_dump_all(self.documents, sort_keys=False))
        copied = {path for path in files if path.startswith("apps/")}
        for path in copied:
            place.write(f"documents/{path}", files[path])
        place.run("new", "fleet", "--file=documents", f"--manifests={flux_release('v2.9.4')}")
        fleet = place.inside("fleet")
        for path in files.keys() - copied:
            fleet.write(path, files[path])
        if files.keys() - copied:
            fleet.commit("By hand")
        return fleet

    def push(self) -> None:
        """All of it, or what has been committed since."""
        self.bootstrap()
        pins = [each.get("ref", "") for each in self.documents if each["kind"] in {"environment", "cluster"}]
        for tag in {pin.removeprefix("refs/tags/") for pin in pins if pin.startswith("refs/tags/")}:
            if not self.remote.git("tag", "--list", tag):
                self.remote.git("tag", tag, "main")

    def bootstrap(self, *words: str) -> str:
        """What it says, as a user reads it."""
        flags = (f"--url={self.remote.url}", "--allow-insecure-http", "--token-auth")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GIT_PASSWORD", PASSWORD)
            patch.setenv("KUBECONFIG", str(self.bed.plane.kubeconfig))
            patch.setenv("PATH", str(PROGRAMS["kubectl"].folder), prepend=":")
            return self.place.run("bootstrap", "git", *flags, *words).err

    def install(self, cluster: str) -> None:
        """On the bed's cluster, as this one of the platform's."""
        self.switch(cluster)
        self.bootstrap(f"--path={self.folder(cluster)}", "--apply", "--timeout=2m")
        for namespace, secret in self.supplies.secrets(self._on(cluster)):
            self.bed.until(f"Namespace/{namespace}", bool)
            self.bed.apply(secret, namespace=namespace)

    def folder(self, cluster: str) -> str:
        document = next(each for each in self.documents if each["kind"] == "cluster" and each["name"] == cluster)
        return str(document.get("path", f"clusters/{document['environment']}/{cluster}"))

    def _on(self, cluster: str) -> list[Object]:
        """The apps of a cluster."""
        found = [each for each in self.documents if each["kind"] == "cluster" and each["name"] == cluster]
        apps = [each for each in self.documents if each["kind"] == "app"]
        here = found[0]["environment"]
        return [app for app in apps if cluster in app.get("clusters", ()) or here in self._environments(app)]

    def _environments(self, app: Object) -> Any:
        every = [each["name"] for each in self.documents if each["kind"] == "environment"]
        return () if "clusters" in app else app.get("environments", every)

    def switch(self, cluster: str) -> None:
        """The controllers run as the repository asks for."""
        wanted = flags(self.bed.kubectl("kustomize", self.place.root / self.folder(cluster) / "flux-system"))
        if wanted != self._flags:
            self.bed.controllers.stop()
            self.bed.controllers.start(wanted)
            self._flags = wanted

    def ready(self, seconds: float = 120) -> None:
        """All that is there is ready, of the newest revision that its source has, and what was to go is gone."""

        def problems() -> list[str]:
            return self.bed.problems() or list(self._behind()) or list(self._leaving())

        eventually(lambda: not problems(), seconds, lambda: "\n".join([*problems(), self.bed.report()]))

    def _behind(self) -> Iterator[str]:
        revisions = {
            (kind, each["metadata"]["namespace"], each["metadata"]["name"]): each["status"]["artifact"]["revision"]
            for kind in ("Bucket", "GitRepository", "OCIRepository")
            for each in self.bed.api.list(kind)
        }
        for each in self.bed.api.list("Kustomization"):
            source, space = each["spec"]["sourceRef"], each["metadata"]["namespace"]
            newest = revisions.get((source["kind"], source.get("namespace", space), source["name"]))
            if not each["spec"].get("suspend") and each["status"].get("lastAppliedRevision") != newest:
                yield f"Kustomization {space}/{each['metadata']['name']} is behind {newest}"

    def _leaving(self) -> Iterator[str]:
        for each in self.bed.api.list("Namespace"):
            if "deletionTimestamp" in each["metadata"]:
                yield f"Namespace {each['metadata']['name']} is not gone yet"

    def commit(self) -> None:
        """What has been changed is on its way to the cluster."""
        self.place.commit()
        self.place.git("push", "--quiet", str(self.remote.folder), "main")
        self.reconcile()

    def reconcile(self) -> None:
        """The cluster looks for new commits now, and not only after a minute."""
        now = str(time.time_ns())
        self.bed.kubectl(
            "annotate", "gitrepositories", "--all", "--all-namespaces", "--overwrite", f"{REQUESTED}={now}"
        )

        def waiting() -> list[str]:
            sources = [each for each in self.bed.api.list("GitRepository") if _asked(each) == now]
            return [each["metadata"]["name"] for each in sources if each["status"].get("lastHandledReconcileAt") != now]

        eventually(lambda: not waiting(), 30, lambda: f"{waiting()} do not look for new commits")

    def taken_away(self) -> None:
        """The cluster is empty, and its controllers run with the bed's flags."""
        self.supplies.stop()
        self.bed.renew()


@contextlib.contextmanager
def standing(bed: Bed, folder: Path, platform: Platform, cluster: str) -> Iterator[Live]:
    """Pushed, and installed as this cluster of it; all is ready."""
    with at_home(folder):
        live = Live(bed, folder, platform)
        try:
            live.push()
            live.install(cluster)
            live.ready()
            yield live
        finally:
            live.taken_away()


@contextlib.contextmanager
def at_home(folder: Path) -> Iterator[None]:
    """What each test has by itself, for what stands while several of them run."""
    home = folder / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.com\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "no_proxy": LOOPBACK}.items():
            patch.setenv(name, value)
        yield


def _asked(found: Object) -> str | None:
    asked: str | None = found["metadata"].get("annotations", {}).get(REQUESTED)
    return asked


def flags(built: str) -> dict[str, list[str]]:
    """What a flux-system folder asks of each controller, out of its objects."""
    documents = [text for text in built.split("\n---\n") if "\nkind: Deployment\n" in f"\n{text}"]
    found = {each["metadata"]["name"]: each for each in map(yaml.safe_load, documents)}
    asked = {name: _arguments(found[name]) for name in NAMES if name in found}
    return {name: arguments for name, arguments in asked.items() if arguments}


def _arguments(deployment: Object) -> list[str]:
    arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
    return [each for each in arguments if not each.startswith(OURS)]
