"""A whole platform on the bed: what its apps fetch stands on the bed's servers, and it gets there as a user's does."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.support.golden import ROOT
from tests.support.place import Place
from tests.support.shared import flux_release
from tests.testbed.charts import PASSWORD, Supplies
from tests.testbed.controllers import NAMES
from tests.testbed.processes import eventually
from tests.toolbox.programs import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.testbed.api import Object
    from tests.testbed.bed import Bed

NUMBERS = itertools.count(1)
ON_A_CLUSTER = ("flux ", "kubectl ")  # how those of the next steps begin that are for one

# Where a controller runs, which is not in a pod here; and how long it waits, which the bed makes shorter.
OURS = ("--enable-leader-election", "--events-addr", "--log-", "--requeue-dependency", "--storage-", "--watch-all")


@dataclass(frozen=True)
class Platform:
    """What one is made from."""

    documents: tuple[Object, ...]
    files: Mapping[str, str] = field(default_factory=dict)  # of its repository, beside the documents
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
        for path, text in files.items():
            place.write(f"documents/{path}", text)
        place.run("new", "fleet", "--file=documents", f"--manifests={flux_release('v2.9.4')}")
        return place.inside("fleet")

    def push(self) -> None:
        """All of it, or what has been committed since."""
        self._bootstrap()
        pins = [each.get("ref", "") for each in self.documents if each["kind"] in {"environment", "cluster"}]
        for tag in {pin.removeprefix("refs/tags/") for pin in pins if pin.startswith("refs/tags/")}:
            if not self.remote.git("tag", "--list", tag):
                self.remote.git("tag", tag, "main")

    def _bootstrap(self, *words: str) -> list[str]:
        """The commands that it says are left for a cluster."""
        flags = (f"--url={self.remote.url}", "--allow-insecure-http", "--token-auth")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("GIT_PASSWORD", PASSWORD)
            said = self.place.run("bootstrap", "git", *flags, *words).err
        steps = [line.strip() for line in said.partition("next: ")[2].splitlines()]
        return [step for step in steps if step.startswith(ON_A_CLUSTER)]

    def install(self, cluster: str) -> None:
        """On the bed's cluster, as this one of the platform's."""
        folder = self.folder(cluster)
        self._switch(f"{folder}/flux-system")
        steps = self._bootstrap(f"--path={folder}")
        assert steps, "bootstrap does not say how to bring it to a cluster"
        for step in steps:
            self.shell(step)
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

    def shell(self, line: str) -> str:
        """As a user types it in the repository, with the cluster at hand."""
        folders = [str(PROGRAMS[name].folder) for name in ("kubectl", "flux")]
        path = ":".join([*folders, self.bed.environment["PATH"]])
        done = subprocess.run(
            ["sh", "-c", line],
            cwd=self.place.root,
            env={**self.bed.environment, "PATH": path, "GIT_PASSWORD": PASSWORD},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"{line}\nended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stderr + done.stdout

    def _switch(self, folder: str) -> None:
        """The controllers run as the repository asks for."""
        wanted = flags(self.bed.kubectl("kustomize", self.place.root / folder))
        if wanted != self._flags:
            self.bed.controllers.stop()
            self.bed.controllers.start(wanted)
            self._flags = wanted

    def ready(self, seconds: float = 120) -> None:
        """All that is there is ready, and of the newest revision that its source has."""

        def problems() -> list[str]:
            return self.bed.problems() or list(self._behind())

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

    def reconcile(self) -> None:
        """The cluster looks for new commits now, and not only after a minute."""
        for source in ("flux-system", "fleet"):
            self.bed.flux("reconcile", "source", "git", source, "--timeout=30s")

    def taken_away(self) -> None:
        """The cluster is empty, and its controllers run with the bed's flags."""
        self.supplies.stop()
        self.bed.renew()


@contextlib.contextmanager
def standing(bed: Bed, folder: Path, platform: Platform, cluster: str) -> Iterator[Live]:
    """Pushed, and installed as this cluster of it; all is ready."""
    live = Live(bed, folder, platform)
    try:
        live.push()
        live.install(cluster)
        live.ready()
        yield live
    finally:
        live.taken_away()


def flags(built: str) -> dict[str, list[str]]:
    """What a flux-system folder asks of each controller, out of its objects."""
    documents = [text for text in built.split("\n---\n") if "\nkind: Deployment\n" in f"\n{text}"]
    found = {each["metadata"]["name"]: each for each in map(yaml.safe_load, documents)}
    asked = {name: _arguments(found[name]) for name in NAMES if name in found}
    return {name: arguments for name, arguments in asked.items() if arguments}


def _arguments(deployment: Object) -> list[str]:
    arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
    return [each for each in arguments if not each.startswith(OURS)]
