"""Takes a platform, and Flux with it, away from a cluster again: what came first goes last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from scaffolder.kube.kubectl import DEFINITIONS
from scaffolder.kube.progress import KINDS, KUSTOMIZATIONS, OWNER, OWNER_NAMESPACE, RELEASES, SOURCES

if TYPE_CHECKING:
    from scaffolder.kube.kubectl import Kubectl
    from scaffolder.kube.waiting import Deadline

APPS: Final = ("cluster-apps", "apps")
BELOW: Final = ("argocd", "tenants", "configs", "controllers", "crds")
CLUSTER_WIDE: Final = (
    DEFINITIONS,
    "clusterroles.rbac.authorization.k8s.io",
    "clusterrolebindings.rbac.authorization.k8s.io",
)
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
            self.kubectl.delete(KUSTOMIZATIONS, name, namespace=self.namespace)
            self.deadline.until(partial(self._there, name))

    def _there(self, name: str) -> str:
        return name if self.kubectl.get(KUSTOMIZATIONS, name, self.namespace) else ""

    def _apps_left(self) -> str:
        """Flux objects of apps: their accounts and namespaces go only after them."""
        left = [each for each in self.kubectl.find((KUSTOMIZATIONS, RELEASES)) if self._is_apps(each["metadata"])]
        return str(left[0]["metadata"]["name"]) if left else ""

    def _is_apps(self, metadata: dict[str, str]) -> bool:
        return metadata["namespace"] != self.namespace

    def _sources(self) -> None:
        for kind in SOURCES:
            for each in self.kubectl.find((kind,)):
                metadata = each["metadata"]
                self.kubectl.delete(kind, metadata["name"], namespace=metadata["namespace"])
        self.deadline.until(lambda: "sources" if self.kubectl.find(SOURCES) else "")

    def _release(self) -> None:
        """Whatever is left has nobody any more who would finish it."""
        for kind in KINDS:
            for each in self.kubectl.find((kind,)):
                metadata = each["metadata"]
                change = {"metadata": {"finalizers": None}}
                self.kubectl.delete(kind, metadata["name"], namespace=metadata["namespace"])
                if self.kubectl.get(kind, metadata["name"], metadata["namespace"]):
                    self.kubectl.patch(kind, metadata["name"], metadata["namespace"], change)

    def _cluster_wide(self) -> None:
        """Custom resources that a layer keeps for safety, and Flux's own."""
        of_platform = f"{OWNER},{OWNER_NAMESPACE}"
        for kind in CLUSTER_WIDE:
            for selector in (of_platform, PART):
                found = self.kubectl.said("get", kind, f"--selector={selector}", "--output=name").split()
                self.kubectl.delete(kind, *(name.partition("/")[2] for name in found))


def namespaces(kubectl: Kubectl) -> list[str]:
    """Their names."""
    return [name.partition("/")[2] for name in kubectl.said("get", "namespaces", "--output=name").split()]
