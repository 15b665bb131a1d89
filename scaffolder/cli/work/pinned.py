"""What is pinned: who gets a change only with the next pin, and what the documents say at a pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder import git
from scaffolder.render.units import BASE
from scaffolder.report import Finding
from scaffolder.spec.load import Spec
from scaffolder.spec.reach import clusters_of, environments_of

if TYPE_CHECKING:
    from collections.abc import Collection

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
    readers = [_readers(spec, unit) for unit in {change.unit for change in todo.files.values()}]
    names = {name for environments, _ in readers for name in environments}
    single = {name for _, clusters in readers for name in clusters}
    pins = {f"{name} ({short(tag)})" for name in names if (tag := spec.environment(name).ref) and is_tag(tag)}
    for cluster in map(spec.cluster, spec.names("cluster") if names or single else ()):
        own = cluster.environment in names and cluster.ref is not None
        if (own or cluster.name in single) and is_tag(ref := followed(spec, cluster, cluster.environment)):
            pins.add(f"cluster {cluster.name} ({short(ref)})")
    if not pins:
        return []
    message = f"what is pinned to a tag gets this with the next pin: {', '.join(sorted(pins))}"
    return [Finding(level="note", code="pinned", message=message)]


def is_tag(ref: str) -> bool:
    return ref.startswith("refs/tags/")


def _readers(spec: Spec, unit: Unit) -> tuple[Collection[str], Collection[str]]:
    """The environments, and single clusters, that read a unit's files at the ref that they follow.

    A cluster's own folder is read as it is.
    """
    if unit.kind == "platform":
        return spec.names("environment"), ()
    if unit.kind == "environment":
        return {unit.name} & set(spec.names("environment")), ()
    if unit.kind != "app" or ("app", unit.name) not in spec:
        return {unit.part} & set(spec.names("environment")), ()
    app = spec.app(unit.name)
    if unit.part == BASE:
        return environments_of(spec, app), clusters_of(app)
    here = [name for name in clusters_of(app) if spec.cluster(name).environment == unit.part]
    return {unit.part} & set(environments_of(spec, app)), here


def documents_at(repo: git.Repo, ref: str) -> Spec | None:
    """The documents as they are at a full ref; None where this repository does not have it."""
    commit = git.commit_at(repo, ref)
    return None if commit is None else Spec(commit)
