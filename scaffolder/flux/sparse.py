"""`flux.sparseCheckout`: Flux fetches these folders alone, so all that its clusters read must be among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffolder.flux.options import install
from scaffolder.flux.versions import SINCE, knows, minor_of
from scaffolder.paths import normal
from scaffolder.spec.model import Cluster
from scaffolder.spec.problems import Problem
from scaffolder.spec.rules import folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scaffolder.spec.load import Key, Spec

STACKS: Final = "stacks"
SHARED: Final = ("base", "flux", "pin")  # of the stacks, those that every cluster reads; and its environment's


def problems(spec: Spec, chosen: Iterable[Key]) -> Iterator[Problem]:
    """What is wrong with the list of the platform, for the clusters among the documents that are looked at."""
    listed, platform = spec.platform.flux.sparse_checkout, spec.platform
    if not listed:
        return
    where = ("platform", platform.name, ("flux", "sparseCheckout"))
    if _too_old(version := install(spec).version):
        yield Problem(*where, f"`sparseCheckout` is known to Flux from {SINCE['sparseCheckout']} on, not to {version}")
    for cluster in filter(None, (spec.readable(Cluster, name) for kind, name in chosen if kind == "cluster")):
        if missing := [path for path in _needed(cluster) if not _holds(listed, path)]:
            message = f"cluster `{cluster.name}` needs `{missing[0] or '.'}` too; all that is needed: {_whole(spec)}"
            yield Problem(*where, message)
            return


def _too_old(version: str) -> bool:
    try:
        return not knows("sparseCheckout", minor_of(version))
    except ValueError:  # no release at all, which is told elsewhere
        return False


def _needed(cluster: Cluster) -> list[str]:
    """The folders that a cluster's Flux reads from its own source; everything else comes from another one."""
    return [folder(cluster), *(f"{STACKS}/{name}" for name in (*SHARED, cluster.environment))]


def _holds(listed: Iterable[str], path: str) -> bool:
    return any(f"{path}/".startswith(f"{item}/") or not item for item in map(normal, listed))


def _whole(spec: Spec) -> str:
    """The list that would do."""
    clusters = filter(None, (spec.readable(Cluster, name) for name in spec.names("cluster")))
    folders = sorted({folder(cluster) for cluster in clusters})
    return ", ".join(["."] if "" in folders else [*folders, STACKS])
