"""Two states of a repository, built side by side as each cluster's Flux would; what is equal on both is built once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from scaffolder.bridge import kustomize
from scaffolder.cli.work.changes import Change, by_identity, changes
from scaffolder.cli.work.walk import LEADS_ON, Layer, Object, Walk, path_of, syncs
from scaffolder.errors import ScaffolderError
from scaffolder.paths import normal
from scaffolder.render.inputs import COMPONENTS
from scaffolder.report import Finding
from scaffolder.spec.rules import folder

if TYPE_CHECKING:
    from scaffolder.bridge.builder import Builder
    from scaffolder.spec.load import Spec
    from scaffolder.tree import File, Source

CRD: Final = b"CustomResourceDefinition"


@dataclass
class Side:
    """One state of the repository: its files, and the documents that say where its clusters are."""

    source: Source
    spec: Spec
    past: bool = False
    walks: dict[str, Walk] = field(default_factory=dict)  # by cluster
    _known: dict[str, tuple[str, bool]] = field(default_factory=dict)

    def start(self) -> None:
        """Begins a walk for each cluster that is there."""
        namespace = self.spec.platform.flux.namespace
        for cluster in map(self.spec.cluster, self.spec.names("cluster")):
            before = [normal(cluster.moved_from)] if cluster.moved_from is not None else []
            found = filter(None, (syncs(self.source, at, namespace) for at in (folder(cluster), *before)))
            if objects := next(found, None):
                self.walks[cluster.name] = Walk()
                self.walks[cluster.name].start(objects)

    def layers(self, walk: Walk) -> Iterator[Layer]:
        """The layers that a walk has come to."""
        for found in walk.ready():
            digest, leads_on = self._made_of(path_of(found))
            yield walk.layer(found, digest, leads_on=leads_on)

    def _made_of(self, path: str) -> tuple[str, bool]:
        """The digest of all that a folder is made of, and whether its objects may lead on to other layers."""
        if path not in self._known:
            files = kustomize.gather(self.source, path)
            leads_on = any(word in file.content for file in files.values() for word in LEADS_ON)
            self._known[path] = kustomize.digest(files), leads_on
        return self._known[path]


@dataclass
class Builds:
    """Builds each folder once, as many at a time as there are processors."""

    builder: Builder
    sources: tuple[Source, Source]
    texts: dict[tuple[str, str, str], str] = field(default_factory=dict)
    errors: dict[tuple[str, bool], str] = field(default_factory=dict)  # folder, whether before -> why it does not build

    def make(self, wanted: Iterable[tuple[Side, Layer]]) -> None:
        new = {layer.build: (side, layer) for side, layer in wanted if layer.build not in self.texts}
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            self.texts |= zip(new, threads.map(lambda pair: self._text(*pair), new.values()), strict=True)

    def _text(self, side: Side, layer: Layer) -> str:
        files = self._lean(kustomize.gather(side.source, layer.path))
        try:
            return kustomize.build(self.builder, files, layer.path, layer.changes)
        except ScaffolderError as error:
            self.errors[layer.path, side.past] = error.message
            return ""

    def _lean(self, files: dict[str, File]) -> dict[str, File]:
        """Without Flux's own CRDs where both sides have the same: they are nearly all that a cluster's folder holds."""
        own = {path: file for path, file in files.items() if path.endswith(f"/{COMPONENTS}")}
        if any(CRD in file.content for path, file in files.items() if path not in own):
            return files  # perhaps a patch of them
        same = {path: file for path, file in own.items() if all(side.read(path) == file for side in self.sources)}
        return {**files, **{path: replace(file, content=_without_crds(file.content)) for path, file in same.items()}}

    def objects(self, layers: Iterable[Layer]) -> Iterator[Object]:
        """What layers bring that were built."""
        for layer in layers:
            yield from layer.objects(self.texts[layer.build])

    def findings(self) -> Iterator[Finding]:
        """The folders that do not build, or did not before."""
        for (path, past), message in sorted(self.errors.items()):
            said = f"before, this did not build: {message}" if past else message
            yield Finding(level="warning" if past else "error", code="build", message=said, path=path or ".")


def _without_crds(content: bytes) -> bytes:
    return b"\n---\n".join(part for part in content.split(b"\n---\n") if b"\nkind: " + CRD + b"\n" not in part)


def compared(builds: Builds, before: Side, after: Side) -> dict[str, list[Change]]:
    """What changes on each cluster."""
    for side in (before, after):
        side.start()
    while _step(builds, (before, after)):
        pass
    names = before.walks.keys() | after.walks.keys()
    own = {name: _different(before.walks.get(name, Walk()), after.walks.get(name, Walk())) for name in names}
    for number, side in enumerate((before, after)):
        builds.make((side, layer) for pair in own.values() for layer in pair[number])
    return {
        name: list(changes(by_identity(builds.objects(old)), by_identity(builds.objects(new))))
        for name, (old, new) in own.items()
    }


def walked(builds: Builds, side: Side) -> dict[str, Iterator[tuple[str, Object]]]:
    """All that each cluster gets: folders, and the objects that come from them."""
    side.start()
    while _step(builds, (side,)):
        pass
    builds.make((side, layer) for walk in side.walks.values() for layer in walk.layers)
    return {
        name: ((layer.path, found) for layer in walk.layers for found in builds.objects([layer]))
        for name, walk in side.walks.items()
    }


def _step(builds: Builds, sides: Iterable[Side]) -> bool:
    """Takes all clusters a step further; says whether there was one to take."""
    come_to = [(side, walk, layer) for side in sides for walk in side.walks.values() for layer in side.layers(walk)]
    builds.make((side, layer) for side, _, layer in come_to if layer.leads_on)
    for _, walk, layer in come_to:
        if layer.leads_on:
            walk.arrived(builds.objects([layer]))
    return bool(come_to)


def _different(before: Walk, after: Walk) -> tuple[list[Layer], list[Layer]]:
    """The layers that the two do not share: their objects are those that may differ."""
    shared = set(before.layers) & set(after.layers)
    old, new = ([layer for layer in walk.layers if layer not in shared] for walk in (before, after))
    return old, new
