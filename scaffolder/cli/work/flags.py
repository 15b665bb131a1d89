"""`flux bootstrap`'s flags as documents: new ones where there are none, edits where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scaffolder.cli.work.commits import Author
from scaffolder.cli.work.new import HEADER, complete
from scaffolder.cli.work.session import Documents, checked
from scaffolder.errors import UsageError
from scaffolder.flux.versions import NEWEST
from scaffolder.paths import normal
from scaffolder.spec.load import TOGETHER, Key, Spec
from scaffolder.spec.rules import folder
from scaffolder.spec.write import changed, document
from scaffolder.templates import newest
from scaffolder.tree import File, Memory

if TYPE_CHECKING:
    from scaffolder.forge.base import Forge
    from scaffolder.tree import Source


@dataclass(frozen=True)
class Asked:
    """What the flags say; None where they say nothing."""

    forge: Forge
    owner: str
    repository: str | None
    branch: str | None
    path: str | None
    visibility: str | None
    flux: dict[str, Any]  # fields of a document's `flux`
    manifests: Path | None
    appendix: str
    author: Author


OF_PLATFORM: Final = frozenset({"namespace", "secretName", "interval", "recurseSubmodules"})


def names_of(path: str, repository: str) -> tuple[str, str]:
    """Environment and cluster for a `--path`: `clusters/prod` is both, `clusters/prod/eu-1` the two."""
    parts = normal(path).split("/")
    if parts == [""]:
        return repository, repository
    if parts[0] == "clusters" and len(parts) == 3:  # noqa: PLR2004  clusters/<environment>/<cluster>
        return parts[1], parts[2]
    return parts[-1], parts[-1]


def new_documents(asked: Asked) -> Documents:
    """Platform, environment and cluster from flags alone."""
    owner, repository = asked.owner, asked.repository or ""
    at = normal(asked.path or "")
    environment, cluster = names_of(at, repository)
    forge = {
        "url": f"https://git.invalid/{owner}/{repository}.git",
        "branch": asked.branch,
        "visibility": asked.visibility,
    }
    platform = {
        "templates": newest(),
        "repository": {key: value for key, value in forge.items() if value},
        "flux": {"version": NEWEST, **asked.flux},
    }
    placed = None if at == f"clusters/{environment}/{cluster}" else at or "."
    texts = [
        document("platform", repository, platform),
        document("environment", environment, {}),
        document("cluster", cluster, {"environment": environment, "path": placed}),
    ]
    return {TOGETHER: File((HEADER + "---\n".join(texts)).encode())}


def cluster_at(spec: Spec, path: str) -> str:
    """The cluster whose folder `--path` names.

    Raises:
        UsageError: none has it.
    """
    found = {folder(spec.cluster(name)): name for name in spec.names("cluster")}
    if normal(path) not in found:
        folders = ", ".join(sorted(at or "." for at in found)) or "none"
        hint = f"the clusters' folders: {folders}; `scaffolder add-cluster` adds one"
        raise UsageError(f"--path {path}: no cluster has this folder", hint=hint)
    return found[normal(path)]


def edits(tree: Source, asked: Asked) -> Documents:
    """The documents that have to change so that they say what the flags say."""
    documents: Documents = {}
    spec = checked(tree)
    platform = ("platform", spec.platform.name)
    documents |= complete(Memory({}, tree))
    wanted: list[tuple[Key, tuple[str, ...], Any]] = []
    for field, value in (("branch", asked.branch), ("visibility", asked.visibility)):
        if value is not None and value != getattr(spec.platform.repository, field):
            wanted.append((platform, ("repository", field), value))
    alone = len(spec.names("cluster")) == 1
    target = platform if asked.path is None or alone else ("cluster", cluster_at(spec, asked.path))
    for field, value in asked.flux.items():
        key = platform if field in OF_PLATFORM else target
        if _said(spec, key, field) != value:
            wanted.append((key, ("flux", field), value))
    for key, path, value in wanted:
        documents |= changed(Memory(documents, tree), key, path, value)
    return documents


def _said(spec: Spec, key: Key, field: str) -> Any:
    """What holds for a document now: its own value, or that of the levels above it."""
    levels: list[Key] = [key]
    if key[0] == "cluster":
        levels += [("environment", spec.cluster(key[1]).environment), ("platform", spec.platform.name)]
    for level in levels:
        value = getattr(spec[level], "flux").model_dump(by_alias=True).get(field)  # noqa: B009  the kinds differ
        if value is not None:
            return list(value) if isinstance(value, tuple) else value
    return None
