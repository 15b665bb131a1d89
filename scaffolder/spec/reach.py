"""Where documents live: in environments, and on single clusters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.spec.app import App
from scaffolder.spec.model import FURNISHED, Cluster, Tenant

if TYPE_CHECKING:
    from scaffolder.spec.load import Spec

Lives = App | Tenant


def environments_of(spec: Spec, document: Lives) -> tuple[str, ...]:
    """The environments that it is in: those it names; all, unless it names environments or clusters."""
    if document.environments is not None:
        return document.environments
    return () if document.clusters is not None else spec.names("environment")


def clusters_of(document: Lives) -> tuple[str, ...]:
    """The single clusters that it names."""
    return document.clusters or ()


def overlays_of(spec: Spec, app: App) -> tuple[str, ...]:
    """The environments whose overlay it gets somewhere: its own, and those of its single clusters; sorted."""
    found = set(environments_of(spec, app))
    for name in clusters_of(app):
        cluster = spec.readable(Cluster, name) if ("cluster", name) in spec else None
        found |= {cluster.environment} if cluster else set()
    return tuple(sorted(found))


def elsewhere(spec: Spec, document: Lives, other: Lives | None) -> str:
    """Where a document is and another one is not, in words; nothing of one that cannot be read."""
    if other is None:
        return ""
    there = set(environments_of(spec, other))
    missing = sorted(set(environments_of(spec, document)) - there)
    for name in sorted(set(clusters_of(document)) - set(clusters_of(other))):
        cluster = spec.readable(Cluster, name) if ("cluster", name) in spec else None
        if cluster and cluster.environment not in there:
            missing.append(f"cluster {name}")
    return ", ".join(missing)


def is_furnished(spec: Spec, namespace: str) -> bool:
    """Whether a namespace is there without us, and is not ours to create or to prune."""
    return namespace in FURNISHED or namespace == spec.platform.flux.namespace
