"""What one cluster would get: every layer, built and substituted, from gotk-sync's path on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml

from tests.judges import folders
from tests.judges.build import Request
from tests.judges.findings import Finding
from tests.judges.objects import Object, mapping, read, sequence
from tests.judges.substitution import SubstitutionError, Variables, substitute, switched_off
from tests.judges.validate import Placed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.judges.build import Builder, Built

    Substitution = Callable[[str, Variables], str]

# Sources that are this repository; Flux Kustomizations on any other build what is elsewhere.
OURS = ("fleet", "flux-system")

# What a variable out of a Secret becomes: its value is not in the repository, and neither are its names.
FROM_SECRET = "from-a-secret"


@dataclass(frozen=True)
class Origin:
    """An entry of `postBuild.substituteFrom`: always in the Kustomization's own namespace."""

    kind: str
    namespace: str
    name: str
    optional: bool

    @property
    def key(self) -> tuple[str, str]:
        return (self.namespace, self.name)


@dataclass
class Cluster:
    """`folder` is where gotk-sync.yaml points to; after `walk` the rest is filled."""

    folder: str
    builder: Builder
    objects: list[Placed] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    requests: set[Request] = field(default_factory=set)
    config_maps: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def walk(self, sync: Object) -> None:
        pending = self.unseen([sync])
        while pending:
            ready = [layer for layer in pending if self.is_ready(layer, optional=False)]
            ready = ready or [layer for layer in pending if self.is_ready(layer, optional=True)]
            if not ready:
                self.stop_at(pending)
                return
            waiting = set(pending).difference(ready)
            pending = [layer for layer in pending if layer in waiting] + self.unseen(self.build(ready))

    def unseen(self, objects: Iterable[Object]) -> list[Object]:
        """The Flux Kustomizations among them that build this repository."""
        found = []
        for layer in objects:
            key = (layer.namespace, layer.name)
            if layer.flux_kustomization and key not in self.seen and source(layer) in OURS:
                self.seen.add(key)
                found.append(layer)
        return found

    def is_ready(self, layer: Object, *, optional: bool) -> bool:
        return not self.absent(layer, optional=optional)

    def absent(self, layer: Object, *, optional: bool) -> list[Origin]:
        """ConfigMaps that the layer takes variables from, and that no layer so far has brought."""
        needed = [origin for origin in origins(layer) if not (optional and origin.optional)]
        return [origin for origin in needed if origin.kind == "ConfigMap" and origin.key not in self.config_maps]

    @property
    def complete(self) -> bool:
        """Whether everything arrived: if not, what is missing further on has its reason there."""
        return not self.findings and not any(self.builder.done[request].findings for request in self.requests)

    def stop_at(self, layers: Iterable[Object]) -> None:
        for layer in layers if self.complete else ():
            for origin in self.absent(layer, optional=True):
                self.report(layer, f"substituteFrom: no ConfigMap {origin.namespace}/{origin.name}")

    def build(self, layers: list[Object]) -> list[Object]:
        """All objects that these layers bring."""
        existing = [layer for layer in layers if self.exists(layer)]
        requests = [Request.of(layer) for layer in existing]
        before = len(self.objects)
        for layer, request, built in zip(existing, requests, self.builder.build(requests), strict=True):
            self.requests.add(request)
            self.add(layer, request.folder, built)
        return [placed.object for placed in self.objects[before:]]

    def exists(self, layer: Object) -> bool:
        folder = folders.normal(str(layer.spec.get("path", "")))
        there = (self.builder.root / folder).is_dir()
        if not there:
            self.report(layer, f"path {folder} does not exist")
        return there

    def add(self, layer: Object, folder: str, built: Built) -> None:
        variables = self.variables(layer)
        for found in built.objects:
            if "sops" in found.data and not layer.spec.get("decryption"):
                self.findings.append(Finding(folder, str(found), f"encrypted, and {layer} has no `decryption`"))
            try:
                self.take(Placed(folder, substituted(found, variables)))
            except SubstitutionError as error:
                self.findings.append(Finding(folder, str(found), f"{error} (cluster {self.folder})"))

    def take(self, placed: Placed) -> None:
        self.objects.append(placed)
        if placed.object.kind == "ConfigMap":
            data = mapping(placed.object.data.get("data"))
            self.config_maps[placed.object.namespace, placed.object.name] = {key: str(data[key]) for key in data}

    def variables(self, layer: Object) -> Variables | None:
        """None where Flux leaves the text as it is: without `postBuild`, or with nothing in it."""
        post_build = layer.spec.get("postBuild")
        if not isinstance(post_build, dict):
            return None
        values: dict[str, str] = {}
        for origin in origins(layer):
            values |= self.config_maps.get(origin.key, {}) if origin.kind == "ConfigMap" else {}
        values |= {name: str(value) for name, value in mapping(post_build.get("substitute")).items()}
        self.known |= values
        unknown = FROM_SECRET if any(origin.kind == "Secret" for origin in origins(layer)) else None
        if not (values or unknown or post_build.get("substituteStrategy") == "Always"):
            return None
        return Variables({name: value.replace("\n", "") for name, value in values.items()}, unknown)

    def report(self, layer: Object, message: str) -> None:
        self.findings.append(Finding(self.folder, str(layer), f"{message} (cluster {self.folder})"))


def source(layer: Object) -> str:
    return str(mapping(layer.spec.get("sourceRef")).get("name", ""))


def origins(layer: Object) -> list[Origin]:
    listed = sequence(mapping(layer.spec.get("postBuild")).get("substituteFrom"))
    return [
        Origin(str(entry.get("kind")), layer.namespace, str(entry.get("name")), entry.get("optional") == "true")
        for entry in map(mapping, listed)
    ]


def substituted(found: Object, variables: Variables | None, by: Substitution = substitute) -> Object:
    if variables is None or switched_off(found):
        return found
    result = Object(by(found.text, variables))
    try:
        read(result.text)
    except yaml.YAMLError as error:
        raise SubstitutionError(f"no YAML after substitution: {' '.join(str(error).split())}") from None
    return result
