"""The kustomization.yaml of a cluster that people had before us: all that its Flux found without one stays in it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scaffolder.bridge.kustomize import NAMES, gather
from scaffolder.cli.work.walk import Object, documents, group_of, name_of, read
from scaffolder.flux.versions import KUSTOMIZE, SOURCE
from scaffolder.paths import up
from scaffolder.render.inputs import apps_of
from scaffolder.report import Finding
from scaffolder.spec.model import LAYERS
from scaffolder.spec.rules import folder
from scaffolder.yamlio import load
from scaffolder.yamlio.cut import cut
from scaffolder.yamlio.edit import put

if TYPE_CHECKING:
    from scaffolder.spec.load import Spec
    from scaffolder.spec.model import Cluster
    from scaffolder.tree import Source

KUSTOMIZATION: Final = NAMES[0]
VARIABLES: Final = "cluster-vars.yaml"
OURS: Final = frozenset(
    {*((KUSTOMIZE, "Kustomization", layer) for layer in LAYERS), (SOURCE, "GitRepository", "fleet")}
)
FOLDERS: Final = ("infrastructure/crds", "infrastructure/controllers", "infrastructure/configs", "tenants", "argocd")


@dataclass(frozen=True)
class Wired:
    """A cluster's kustomization.yaml, and why it does not lead to our layers, if it does not."""

    text: str
    hindrance: str = ""


def wired(tree: Source, spec: Spec, cluster: Cluster, text: str) -> Wired:
    """What is to stand in a folder that had no kustomization.yaml so far.

    Args:
        tree: the repository as it is.
        spec: the documents.
        cluster: whose folder it is.
        text: what would stand there in a new repository.
    """
    at = folder(cluster)
    theirs = [path for path in _taken(tree, at, "") if path != spec.platform.flux.namespace]
    if hindrance := next(_hindrances(tree, cluster, theirs), ""):
        data = load(text.encode())[0].data
        for field in ("patches", "components"):
            text = cut(text, 0, (field,)) if field in data else text
        text = cut(text, 0, ("resources", data["resources"].index(stack_of(cluster))))
    for path in theirs:
        text = put(text, 0, ("resources", len(load(text.encode())[0].data["resources"])), path)
    return Wired(text, hindrance)


def stack_of(cluster: Cluster) -> str:
    """The way from a cluster's folder to its layers."""
    return f"{up(folder(cluster))}stacks/{cluster.environment}"


def unwired(path: str, cluster: Cluster, why: str) -> Finding:
    """What to tell of a cluster that does not get our layers."""
    lines = f"`resources: [{stack_of(cluster)}]` and `components: [{up(folder(cluster))}stacks/pin]`"
    message = f"does not lead to stacks/{cluster.environment} yet: {why}"
    return Finding(level="note", code="not-wired", path=path, message=message, hint=f"when it may, add {lines}")


def _taken(tree: Source, at: str, below: str) -> Iterator[str]:
    """What Flux takes from a folder without kustomization.yaml, relative to it; not what is ours."""
    for name in tree.names(posixpath.join(at, below)):
        path = posixpath.join(below, name)
        inner = tree.names(posixpath.join(at, path))
        if name.startswith(".") or path == VARIABLES:
            continue
        if name.endswith((".yaml", ".yml")) or any(own in inner for own in NAMES):
            yield path
        else:
            yield from _taken(tree, at, path)


def _hindrances(tree: Source, cluster: Cluster, theirs: Sequence[str]) -> Iterator[str]:
    """Why our layers cannot stand beside what people have: one name for two things, one folder for two."""
    for path in theirs:
        for found in _objects(tree, posixpath.join(folder(cluster), path)):
            kind, name = str(found.get("kind")), name_of(found)[1]
            if (group_of(found), kind, name) in OURS:
                yield f"your {kind} `{name}` ({posixpath.join(folder(cluster), path)}) has the name of one of ours"
    for place in (apps_of(cluster), *(f"{place}/{cluster.environment}" for place in FOLDERS)):
        if names := [name for name in tree.names(place) if name != ".gitkeep"]:
            yield f"{place}/{names[0]} is yours, and a layer of ours would bring it too"


def _objects(tree: Source, path: str) -> Iterator[Object]:
    file = tree.read(path)
    files = [file] if file else gather(tree, path).values()
    for each in files:
        yield from (read(document) for document in documents(each.content.decode("utf-8", "replace")))
