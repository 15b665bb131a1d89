"""What is pinned: who gets a change only with the next pin, and what the documents say at a pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder import git
from scaffolder.render.units import BASE
from scaffolder.report import Finding
from scaffolder.spec.load import Spec
from scaffolder.spec.reach import overlays_of

if TYPE_CHECKING:
    from scaffolder.plan import Plan
    from scaffolder.render.units import Unit
    from scaffolder.spec.model import Cluster


def followed(spec: Spec, cluster: Cluster, environment: str) -> str:
    """The full ref that a cluster follows in an environment."""
    return cluster.ref or spec.environment(environment).ref or f"refs/heads/{spec.platform.repository.branch}"


def short(ref: str) -> str:
    """A full ref as people say it."""
    return ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


def note(spec: Spec, todo: Plan) -> list[Finding]:
    """That a change arrives with the next pin, where it does."""
    names = {name for change in todo.files.values() for name in _environments(spec, change.unit)}
    pins = {f"{name} ({short(ref)})" for name in names if (ref := spec.environment(name).ref) and is_tag(ref)}
    for cluster in map(spec.cluster, spec.names("cluster") if names else ()):
        if cluster.environment in names and cluster.ref and is_tag(cluster.ref):
            pins.add(f"cluster {cluster.name} ({short(cluster.ref)})")
    if not pins:
        return []
    message = f"what is pinned to a tag gets this with the next pin: {', '.join(sorted(pins))}"
    return [Finding(level="note", code="pinned", message=message)]


def is_tag(ref: str) -> bool:
    return ref.startswith("refs/tags/")


def _environments(spec: Spec, unit: Unit) -> tuple[str, ...]:
    """The environments that read a unit's files at the ref that they follow; a cluster's folder is read as it is."""
    if unit.kind == "platform":
        return spec.names("environment")
    name = unit.name if unit.kind == "environment" else unit.part
    if name in spec.names("environment"):
        return (name,)
    if unit.kind == "app" and unit.part == BASE and ("app", unit.name) in spec:
        return overlays_of(spec, spec.app(unit.name))
    return ()


def documents_at(repo: git.Repo, ref: str) -> Spec | None:
    """The documents as they are at a full ref; None where this repository does not have it."""
    commit = git.commit_at(repo, ref)
    return None if commit is None else Spec(commit)
