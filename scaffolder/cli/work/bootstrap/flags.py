"""`flux bootstrap`'s flags as documents: new ones where there are none, edits where they differ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from scaffolder.cli.work import starter
from scaffolder.cli.work.bootstrap import protection
from scaffolder.cli.work.session import checked
from scaffolder.errors import UsageError
from scaffolder.flux.components import Install
from scaffolder.flux.versions import NEWEST
from scaffolder.paths import normal
from scaffolder.releases import newest
from scaffolder.spec.durations import duration
from scaffolder.spec.load import Key, Spec
from scaffolder.spec.rules import folder
from scaffolder.spec.write import changed, document
from scaffolder.tree import Memory

if TYPE_CHECKING:
    from scaffolder.cli.work.bootstrap.asked import Asked
    from scaffolder.cli.work.session import Documents
    from scaffolder.tree import Source

OF_PLATFORM: Final = frozenset({"namespace", "secretName", "interval", "recurseSubmodules", "sparseCheckout"})


def names_of(path: str, repository: str) -> tuple[str, str]:
    """Environment and cluster for a `--path`: `clusters/prod` is both, `clusters/prod/eu-1` the two."""
    parts = [_label(part) for part in normal(path).split("/")]
    if parts == [""]:
        return _label(repository), _label(repository)
    if parts[0] == "clusters" and len(parts) == 3:  # noqa: PLR2004  clusters/<environment>/<cluster>
        return parts[1], parts[2]
    return parts[-1], parts[-1]


def _label(text: str) -> str:
    """A name that Kubernetes takes, as near as can be: `Fleet_Infra` -> `fleet-infra`."""
    return re.sub(r"[^a-z0-9-]+", "-", text.lower())[:63].strip("-")


def new_documents(asked: Asked) -> Documents:
    """Platform, environment and cluster from flags alone."""
    owner, repository = asked.home(None)
    at = normal(asked.path or "")
    environment, cluster = names_of(at, repository)
    nowhere = f"https://git.invalid/{owner}/{repository}.git"
    guard = {"protection": protection.USUAL} if asked.protect else {}
    platform = {
        "templates": newest(),
        "repository": starter.said({"url": nowhere, **starter.said(_of_repository(asked)), **guard}),
        "flux": {"version": NEWEST, **asked.flux},
    }
    placed = None if at == f"clusters/{environment}/{cluster}" else at or "."
    return starter.together(
        [
            document("platform", _label(repository), platform),
            document("environment", environment, {}),
            document("cluster", cluster, {"environment": environment, "path": placed}),
        ]
    )


def _of_repository(asked: Asked) -> dict[str, Any]:
    """What a platform document's `repository` has to say."""
    return {
        "url": asked.url,
        "branch": asked.branch,
        "visibility": asked.visibility,
        "forge": asked.hosting,
        "hostname": asked.hostname,
        "checks": asked.checks,
    }


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
    spec = checked(tree)
    documents = starter.completed(tree, spec.platform)
    platform = ("platform", spec.platform.name)
    cluster = cluster_of(spec, asked.path)
    wanted: list[tuple[Key, tuple[str, ...], Any]] = []
    for field, value in _of_repository(asked).items():
        if value is not None and value != getattr(spec.platform.repository, field):
            wanted.append((platform, ("repository", field), value))
    for field, value in asked.flux.items():
        key = platform if field in OF_PLATFORM or cluster is None else _key(spec, cluster, field)
        if _said(spec, key, field) != _canonical(field, value):
            wanted.append((key, ("flux", field), value))
    for key, path, value in wanted:
        documents |= changed(Memory(documents, tree), key, path, value)
    return documents | protection.edited(Memory(documents, tree), protect=asked.protect)


def cluster_of(spec: Spec, path: str | None) -> str | None:
    """The cluster that the flags are about; None for all of them."""
    names = spec.names("cluster")
    if path is not None:
        return cluster_at(spec, path)
    return names[0] if len(names) == 1 else None


def fetching(spec: Spec, asked: Asked, flag: str) -> tuple[str, str]:
    """The one cluster that a flag is about, and the URL that it fetches the repository from.

    Raises:
        UsageError: the flags say neither.
    """
    cluster = cluster_of(spec, asked.path)
    if cluster is None:
        folders = ", ".join(folder(spec.cluster(name)) for name in spec.names("cluster"))
        raise UsageError(f"{flag} needs --path: it is about one cluster", hint=f"the clusters: {folders}")
    if asked.url is None:
        raise UsageError(f"{flag}: clusters cannot fetch from a folder", hint="give the --url that they see")
    return cluster, asked.url


def key_title(spec: Spec, cluster: str) -> str:
    """What `flux bootstrap` calls the key of a cluster: `flux-system-main-flux-system-./clusters/prod`."""
    flux, home = spec.platform.flux, folder(spec.cluster(cluster))
    parts = (flux.namespace, spec.platform.repository.branch, flux.secret_name, f"./{home}" if home else "")
    return "-".join(filter(None, parts))


def _key(spec: Spec, cluster: str, field: str) -> Key:
    """The document that a cluster's option belongs into: its own, or where it is said if there is no other cluster."""
    levels = _levels(spec, cluster)
    if len(spec.names("cluster")) > 1:
        return levels[0]
    return next((key for key in levels if _of(spec, key, field) is not None), levels[-1])


def _levels(spec: Spec, cluster: str) -> list[Key]:
    return [
        ("cluster", cluster),
        ("environment", spec.cluster(cluster).environment),
        ("platform", spec.platform.name),
    ]


def _of(spec: Spec, key: Key, field: str) -> Any:
    value = getattr(spec[key], "flux").model_dump(by_alias=True).get(field)  # noqa: B009  the kinds differ
    return list(value) if isinstance(value, tuple) else value


def _said(spec: Spec, key: Key, field: str) -> Any:
    """What holds for a document now: its own value, that of the levels above it, or Flux's default."""
    levels = _levels(spec, key[1]) if key[0] == "cluster" else [key, ("platform", spec.platform.name)]
    found = next((value for level in levels if (value := _of(spec, level, field)) is not None), None)
    return found if found is not None else _default(field)


def _default(field: str) -> Any:
    name = re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", field)
    value = getattr(Install(NEWEST), name, None)
    return list(value) if isinstance(value, tuple) else value


def _canonical(field: str, value: Any) -> Any:
    """A value as documents are read: `60s` is `1m0s`."""
    if field != "interval":
        return value
    try:
        return duration(value)
    except ValueError as error:
        raise UsageError(f"--interval {value}: {error}") from None
