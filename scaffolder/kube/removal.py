"""Takes a platform, and Flux with it, away from a cluster again: what came first goes last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from scaffolder.kube.kubectl import DEFINITIONS
from scaffolder.kube.progress import KINDS, KUSTOMIZATIONS, OWNER, OWNER_NAMESPACE, RELEASES, SOURCES

if TYPE_CHECKING:
    from scaffolder.kube.kubectl import Kubectl, Object
    from scaffolder.kube.waiting import Deadline

APPS: Final = ("cluster-apps", "apps")
BELOW: Final = ("argocd", "tenants", "configs", "controllers", "crds")
CLUSTER_WIDE: Final = (
    DEFINITIONS,
    "clusterroles.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
)
WATCH: Final = 5.0  # seconds until what is waited for can be told
OWNED: Final = f"{OWNER},{OWNER_NAMESPACE}"
PART: Final = "app.kubernetes.io/part-of=flux"


@dataclass(frozen=True)
class Removal:
    """`namespace` is Flux's own; `before` are the namespaces that were there before the platform, and stay."""

    kubectl: Kubectl
    namespace: str
    before: frozenset[str]
    deadline: Deadline

    def run(self) -> list[str]:
        """Removes everything; what is left all the same."""
        self._stop()
        self._layers(APPS)
        self.deadline.until(self._apps_left)
        self._layers(BELOW)
        self._sources()
        self._release()
        self._cluster_wide()
        new = [name for name in namespaces(self.kubectl) if name not in self.before]
        self.kubectl.delete("namespaces", *new, wait=max(self.deadline.left, 1))
        return [f"namespace {name}" for name in namespaces(self.kubectl) if name not in self.before]

    def _stop(self) -> None:
        """The cluster follows its folder no more, or it would bring back what goes."""
        if self.kubectl.get(KUSTOMIZATIONS, self.namespace, self.namespace):
            self.kubectl.patch(KUSTOMIZATIONS, self.namespace, self.namespace, {"spec": {"suspend": True}})

    def _layers(self, names: Iterable[str]) -> None:
        for name in names:
            self.deadline.until(partial(self._there, name))

    def _there(self, name: str) -> str:
        """Deletes a layer, and waits a while for it to be gone, as kubectl hears of it at once."""
        wait = max(1, min(self.deadline.left, WATCH))
        gone = self.kubectl.delete(KUSTOMIZATIONS, name, namespace=self.namespace, wait=wait)
        return "" if gone else f"Kustomization {self.namespace}/{name} is not gone"

    def _apps_left(self) -> str:
        """Flux objects of apps: their accounts and namespaces go only after them."""
        for each in self.kubectl.find((KUSTOMIZATIONS, RELEASES)):
            if each["metadata"]["namespace"] != self.namespace:
                return f"{each['kind']} {each['metadata']['namespace']}/{each['metadata']['name']} is not gone"
        return ""

    def _sources(self) -> None:
        self._delete(self.kubectl.find(SOURCES))
        self.deadline.until(lambda: "sources are not gone" if self.kubectl.find(SOURCES) else "")

    def _release(self) -> None:
        """Whatever is left has nobody any more who would finish it."""
        self._delete(self.kubectl.find(KINDS))
        for each in self.kubectl.find(KINDS):
            metadata, change = each["metadata"], {"metadata": {"finalizers": None}}
            if metadata.get("finalizers"):
                self.kubectl.patch(_resource(each), metadata["name"], metadata["namespace"], change)

    def _delete(self, found: Iterable[Object]) -> None:
        """In one request for those of one kind and namespace."""
        names: dict[tuple[str, str], list[str]] = {}
        for each in found:
            names.setdefault((_resource(each), each["metadata"]["namespace"]), []).append(each["metadata"]["name"])
        for (resource, namespace), together in names.items():
            self.kubectl.delete(resource, *together, namespace=namespace)

    def _cluster_wide(self) -> None:
        """Custom resources that a layer keeps for safety, and Flux's own."""
        for selector in (OWNED, PART):
            self.kubectl.delete(",".join(CLUSTER_WIDE), f"--selector={selector}")


def left_by_flux(kubectl: Kubectl) -> bool:
    """Whether a cluster has what `Removal` would take for a platform's: a Flux that is gone leaves it behind."""
    return any(kubectl.find([kind], f"--selector={selector}") for kind in CLUSTER_WIDE for selector in (OWNED, PART))


def _resource(found: Object) -> str:
    """Its kind as kubectl takes it: gitrepository.source.toolkit.fluxcd.io."""
    return f"{found['kind'].lower()}.{found['apiVersion'].partition('/')[0]}"


def namespaces(kubectl: Kubectl) -> list[str]:
    """Their names."""
    return [name.partition("/")[2] for name in kubectl.said("get", "namespaces", "--output=name").split()]
