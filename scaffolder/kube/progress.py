"""How far a cluster is with what it follows: its layers, and what is not ready in each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scaffolder.flux.versions import HELM, KUSTOMIZE, SOURCE
from scaffolder.kube.status import unready

if TYPE_CHECKING:
    from scaffolder.kube.kubectl import Kubectl, Object

IMAGE: Final = "image.toolkit.fluxcd.io"
KUSTOMIZATIONS: Final = f"kustomizations.{KUSTOMIZE}"
RELEASES: Final = f"helmreleases.{HELM}"
# those that apply first: what they have applied is there when they are looked for
SOURCES: Final = tuple(
    f"{kind}.{SOURCE}" for kind in ("gitrepositories", "ocirepositories", "helmrepositories", "buckets")
)
IMAGES: Final = tuple(f"{kind}.{IMAGE}" for kind in ("imagerepositories", "imagepolicies", "imageupdateautomations"))
WATCHED: Final = (KUSTOMIZATIONS, *SOURCES, RELEASES, *IMAGES)
KINDS: Final = (*WATCHED, f"helmcharts.{SOURCE}")  # a chart's release says what is wrong with it
OWNER: Final = f"{KUSTOMIZE}/name"
OWNER_NAMESPACE: Final = f"{KUSTOMIZE}/namespace"

WAITING: Final = "dependency '"  # what Flux says where the reason stands at another object

Key = tuple[str, str]  # namespace and name of a Kustomization


@dataclass(frozen=True)
class Progress:
    """`problems` of each layer that the cluster knows, by the layer's name: lines, none where all of it is ready."""

    problems: Mapping[str, tuple[str, ...]]

    @property
    def done(self) -> bool:
        return bool(self.problems) and not self.first

    @property
    def first(self) -> str:
        """One of the problems; not that of an object which only waits for another one, if there is a better."""
        lines = [line for layer in self.problems.values() for line in layer]
        return min(lines, key=lambda line: WAITING in line, default="")


def look(kubectl: Kubectl, namespace: str) -> Progress:
    """What Flux's objects on a cluster say now; a layer is a Kustomization that `namespace`'s own one applies."""
    return progress(kubectl.find(WATCHED), namespace)


def progress(found: list[Object], namespace: str) -> Progress:
    """The same, from the objects as the API server prints them."""
    owners = {_key(each): each for each in found if each["kind"] == "Kustomization"}
    problems: dict[str, list[str]] = {}
    for each in found:
        lines = problems.setdefault(_layer(each, owners, namespace), [])
        if reason := unready(each):
            lines.append(f"{each['kind']} {'/'.join(_key(each))}: {reason}")
    return Progress({layer: tuple(lines) for layer, lines in problems.items()})


def _layer(found: Object, owners: Mapping[Key, Object], namespace: str) -> str:
    """The layer that an object belongs to; Flux's own namespace for what is beside them."""
    seen: set[Key] = set()
    here: Object | None = found
    while here is not None:
        labels = here["metadata"].get("labels", {})
        owner = (labels.get(OWNER_NAMESPACE, ""), labels.get(OWNER, ""))
        if owner == (namespace, namespace):
            return str(here["metadata"]["name"]) if here["kind"] == "Kustomization" else namespace
        here = owners.get(owner) if owner not in seen else None
        seen.add(owner)
    return namespace


def _key(found: Object) -> Key:
    return found["metadata"].get("namespace", ""), found["metadata"]["name"]


def watched(look_now: Callable[[], Progress], told: Callable[[str], None]) -> Callable[[], str]:
    """What to wait with: each layer is told once, when all of it is ready."""
    known: set[str] = set()

    def problem() -> str:
        found = look_now()
        for layer, lines in found.problems.items():
            if not lines and layer not in known:
                known.add(layer)
                told(layer)
        return "" if found.done else found.first or "nothing is there yet"

    return problem
