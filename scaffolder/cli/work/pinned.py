"""What is pinned: who gets a change only with the next pin, and what the documents say at a pin."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from scaffolder import git
from scaffolder.render.units import BASE
from scaffolder.report import Finding
from scaffolder.spec.load import APART, TOGETHER, Spec
from scaffolder.spec.reach import overlays_of
from scaffolder.tree import File, Memory

if TYPE_CHECKING:
    from scaffolder.plan import Plan
    from scaffolder.render.units import Unit
    from scaffolder.spec.model import Cluster

_BLOB: Final = re.compile(rb"[0-9a-f]+ blob ([0-9]+)\n")


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
    for known in (ref, ref.replace("refs/heads/", "refs/remotes/origin/", 1)):
        answer = git.run(repo, "rev-parse", "--verify", "--quiet", f"{known}^{{commit}}", ok=(0, 1, 128))
        if not answer.status:
            return Spec(Memory(_files(repo, answer.out.strip())))
    return None


def _files(repo: git.Repo, commit: str) -> dict[str, File]:
    listed = git.run(repo, "ls-tree", "-r", "-z", "--name-only", commit, "--", TOGETHER, APART)
    paths = [path for path in listed.out.split("\0") if path.isprintable() and path]
    wanted = "".join(f"{commit}:{path}\n" for path in paths)
    rest, found = git.run(repo, "cat-file", "--batch", stdin=wanted.encode()).out.encode(), dict[str, File]()
    for path in paths:
        head = _BLOB.match(rest)
        if head is None:  # a link or a submodule, or no text: such a document cannot be read
            return found
        end = head.end() + int(head[1])
        found[path], rest = File(rest[head.end() : end]), rest[end + 1 :]
    return found
