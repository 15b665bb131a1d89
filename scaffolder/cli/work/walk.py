"""What each cluster gets from the repository: from its gotk-sync.yaml on, every Flux Kustomization that it reaches."""

from __future__ import annotations

import contextlib
import functools
import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import yaml

from scaffolder.bridge.kustomize import changes_of
from scaffolder.flux.substitution import substituted
from scaffolder.flux.versions import KUSTOMIZE
from scaffolder.paths import normal

if TYPE_CHECKING:
    from scaffolder.tree import Source

SYNC: Final = "gotk-sync.yaml"
SWITCH: Final = "kustomize.toolkit.fluxcd.io/substitute"
LEADS_ON: Final = (KUSTOMIZE.encode(), b"GitRepository", b"onfigMap")  # in files whose objects the walk has to see

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Layer:
    """What one Flux Kustomization brings: a folder, and what is made of its objects."""

    path: str
    changes: str  # of its kustomization.yaml, as JSON
    digest: str  # of the files that the folder is made of
    variables: str = ""  # JSON; empty where nothing is substituted
    common: str = "{}"  # labels and annotations of every object, as JSON
    leads_on: bool = True  # whether other layers, or what they need, may be among its objects

    @property
    def build(self) -> tuple[str, str, str]:
        """What has to be built for it, once for all layers that share it."""
        return self.path, self.changes, self.digest

    def objects(self, text: str) -> Iterator[Object]:
        """Its objects on the cluster, out of what was built."""
        common = json.loads(self.common)
        for document in documents(text):
            data = read(document)
            if self.variables and "$" in document and not _switched_off(data):
                data = read(substituted(document, json.loads(self.variables)))
            if data:
                yield _marked(data, common) if common else data


def documents(text: str) -> list[str]:
    """The documents of a builder's output, which indents everything below the top level."""
    return [part for part in re.split(r"^---$", text, flags=re.MULTILINE) if part.strip()]


@functools.lru_cache(maxsize=100_000)
def read(document: str) -> Object:
    """One object; an empty one for what is none, which a substitution may make of it."""
    for loader in (yaml.CSafeLoader, yaml.CBaseLoader):  # the first one stumbles over a plain `=`, the second takes it
        with contextlib.suppress(yaml.YAMLError, ValueError):
            return mapping(yaml.load(document, Loader=loader))  # noqa: S506  both make plain data
    return {}


def mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def name_of(found: Object) -> tuple[str, str]:
    """An object's namespace and name."""
    meta = mapping(found.get("metadata"))
    return str(meta.get("namespace", "")), str(meta.get("name", ""))


def group_of(found: Object) -> str:
    return str(found.get("apiVersion", "")).rpartition("/")[0]


def syncs(source: Source, folder: str, namespace: str) -> list[Object]:
    """The objects of a cluster's gotk-sync.yaml; none where it has none."""
    file = source.read(posixpath.join(folder, namespace, SYNC))
    return [read(document) for document in documents(file.content.decode("utf-8", "replace"))] if file else []


@dataclass
class Walk:
    """One cluster on its way: `start` takes the first objects, `ready` gives layers, `arrived` takes theirs."""

    layers: list[Layer] = field(default_factory=list)
    _waiting: list[Object] = field(default_factory=list)
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _maps: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    _urls: dict[tuple[str, str], str] = field(default_factory=dict)  # of GitRepository objects
    _url: str = ""  # of this repository

    def start(self, objects: Iterable[Object]) -> None:
        """The objects of gotk-sync.yaml, whose source is this repository."""
        found = list(objects)
        self.arrived(found)
        self._url = next(iter(self._urls.values()), "")

    def arrived(self, objects: Iterable[Object]) -> None:
        """Takes note of what other layers need, and of the layers among the objects."""
        for found in objects:
            kind, name = found.get("kind"), name_of(found)
            if kind == "ConfigMap":
                self._maps[name] = {key: str(value) for key, value in mapping(found.get("data")).items()}
            elif kind == "GitRepository":
                self._urls[name] = str(mapping(found.get("spec")).get("url"))
            elif kind == "Kustomization" and group_of(found) == KUSTOMIZE and name not in self._seen:
                self._seen.add(name)
                self._waiting.append(found)

    def ready(self) -> list[Object]:
        """The Flux Kustomizations that can be built now: those that lack nothing, or else all that are left."""
        here = [found for found in self._waiting if self._urls.get(_source(found)) == self._url]
        ready = [found for found in here if not self._lacks(found)] or here
        names = set(map(name_of, ready))
        self._waiting = [found for found in self._waiting if name_of(found) not in names]
        return ready

    def _lacks(self, found: Object) -> bool:
        return any(kind == "ConfigMap" and name not in self._maps for kind, name in _origins(found))

    def layer(self, found: Object, digest: str, *, leads_on: bool) -> Layer:
        """What a Flux Kustomization brings, with the variables that are known by now."""
        spec = mapping(found.get("spec"))
        common = {key: value for key, value in mapping(spec.get("commonMetadata")).items() if value}
        made = Layer(
            path_of(found),
            changes_of(spec),
            digest,
            self._variables(found),
            json.dumps(common, sort_keys=True),
            leads_on=leads_on,
        )
        self.layers.append(made)
        return made

    def _variables(self, found: Object) -> str:
        build = mapping(mapping(found.get("spec")).get("postBuild"))
        values: dict[str, str] = {}
        for _, name in _origins(found):
            values |= self._maps.get(name, {})
        values |= {key: str(value) for key, value in mapping(build.get("substitute")).items()}
        return json.dumps(values, sort_keys=True) if values else ""


def path_of(found: Object) -> str:
    """The folder that a Flux Kustomization builds; empty for the root."""
    return normal(str(mapping(found.get("spec")).get("path") or ""))


def _source(found: Object) -> tuple[str, str]:
    ref = mapping(mapping(found.get("spec")).get("sourceRef"))
    return str(ref.get("namespace") or name_of(found)[0]), str(ref.get("name"))


def _origins(found: Object) -> list[tuple[str, tuple[str, str]]]:
    """What variables are taken from: kind, and namespace and name."""
    listed = mapping(mapping(found.get("spec")).get("postBuild")).get("substituteFrom")
    entries = [mapping(entry) for entry in listed] if isinstance(listed, list) else []
    return [(str(entry.get("kind")), (name_of(found)[0], str(entry.get("name")))) for entry in entries]


def _switched_off(found: Object) -> bool:
    meta = mapping(found.get("metadata"))
    return any(mapping(meta.get(marks)).get(SWITCH) == "disabled" for marks in ("labels", "annotations"))


def _marked(found: Object, common: Mapping[str, Any]) -> Object:
    meta = mapping(found.get("metadata"))
    marks = {name: {**mapping(meta.get(name)), **values} for name, values in common.items()}
    return {**found, "metadata": {**meta, **marks}}
