"""What takes more than one document, or more than one field, to judge."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import DocumentError, shown
from scaffolder.paths import normal, reason_against
from scaffolder.spec import lockdown
from scaffolder.spec.app_rules import app_rules, known, places
from scaffolder.spec.circles import app_circles, environment_circles
from scaffolder.spec.model import RESERVED_ENVIRONMENTS, Cluster, Environment, Platform, Tenant
from scaffolder.spec.problems import Found, Path, Problem, ordered, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from scaffolder.spec.load import Key, Spec

OUR_FOLDERS: Final = frozenset(
    {"apps", "argocd", "gitops", "image-automation", "infrastructure", "stacks", "tenants"}
    | {".scaffolder", ".github", ".gitea"}
)
OUR_FILES: Final = frozenset(
    {"gitops.yaml", "README.md", "CODEOWNERS", "renovate.json5", ".sops.yaml", ".sourceignore"}
    | {".editorconfig", ".gitattributes", ".gitlab-ci.yml", ".pre-commit-config.yaml"}
)
OF_CLUSTER: Final = ("apps", "cluster-vars.yaml", "kustomization.yaml")  # in its folder, beside Flux's own
IN_ROOT: Final = ("cluster-apps", *OF_CLUSTER[1:])  # where that is the root, `apps` holds the workloads of all


def check(spec: Spec, keys: list[Key] | None = None) -> None:
    """Raises `DocumentError` with every problem of the documents (or of those named)."""
    if lines := problems(spec, keys):
        raise DocumentError(ordered(lines))


def problems(spec: Spec, keys: list[Key] | None = None) -> list[str]:
    """What is wrong with the documents (or with those named), as lines in no order; some may be there twice."""
    chosen = concerned(spec, keys)
    lines = spec.unreadable(chosen)
    if spec.bad:
        return lines  # what refers to documents that could not be found would be told as well, and wrongly
    lines += spec.platform_problems()
    for key in chosen:
        lines += spec.lines(_problems(spec, key))
    for rule in (_folders, environment_circles, app_circles):
        lines += spec.lines(rule(spec, chosen))
    return lines


def concerned(spec: Spec, keys: list[Key] | None) -> list[Key]:
    """The documents to judge when some have changed (None: all of them), and what may be wrong by that alone."""
    if keys is None or any(kind in {"platform", "environment"} for kind, _ in keys):
        return sorted(spec.places)
    found = {*keys, *(("app", name) for kind, name in keys if kind == "tenant")}
    if any(kind == "cluster" and _sets_variables(spec, name) for kind, name in keys):
        found |= {("app", name) for name in spec.names("app") if _may_use_variables(spec, name)}
    return sorted(found & spec.places.keys())


def _sets_variables(spec: Spec, name: str) -> bool:
    cluster = spec.readable(Cluster, name) if ("cluster", name) in spec else None
    return cluster is not None and bool(cluster.variables or cluster.domain)


def _may_use_variables(spec: Spec, app: str) -> bool:
    """Whether `${` stands in the app's file; a thousand apps need not be parsed for that."""
    file = spec.source.read(spec.places["app", app].file)
    return file is not None and b"${" in file.content


def _problems(spec: Spec, key: Key) -> Iterator[Problem]:
    model: Any = spec[key]
    for found in RULES[key[0]](spec, model):
        yield Problem(*key, found.path, found.message, found.of_key)


def _platform(_: Spec, platform: Platform) -> Iterator[Found]:
    if platform.flux.namespace in {*OF_CLUSTER, *IN_ROOT}:
        message = f"`{platform.flux.namespace}` cannot be Flux's namespace: in a cluster's folder that name is ours"
        yield Found(("flux", "namespace"), message)
    yield from _hosted(platform)
    yield from lockdown.platform_rules(platform)


def _hosted(platform: Platform) -> Iterator[Found]:
    """What is only kept by a forge needs one, and what CODEOWNERS is asked for needs owners."""
    repository = platform.repository
    for name in ("hostname", "protection"):
        if getattr(repository, name) is not None and repository.forge is None:
            message = f"`{name}` needs `repository.forge`: github, gitlab or gitea"
            yield Found(("repository", name), message, of_key=True)
    if repository.protection and repository.protection.code_owners and not platform.owners:
        message = "`codeOwners` needs `owners` of the platform: without them nobody has to approve"
        yield Found(("repository", "protection", "codeOwners"), message, of_key=True)


def _tenant(spec: Spec, tenant: Tenant) -> Iterator[Found]:
    yield from places(spec, tenant)
    yield from lockdown.tenant_rules(spec, tenant)


def _environment(spec: Spec, environment: Environment) -> Iterator[Found]:
    if environment.name in RESERVED_ENVIRONMENTS:
        yield Found(("name",), f"`{environment.name}` is reserved: a folder of that name is ours")
    if environment.after is not None:
        yield from known(spec, "environment", environment.after, ("after",))
    yield from _overrides(spec, environment)


def _overrides(spec: Spec, document: Environment | Cluster) -> Iterator[Found]:
    declared = spec.platform.variables
    for name in document.variables:
        if name not in declared:
            message = f"the variable `{name}` has no default in the platform{suggest(name, declared)}"
            yield Found(("variables", name), message, of_key=True)
    if document.domain is not None and spec.platform.domain is None:
        message = "`domain` needs a default in the platform: every cluster has the variable DOMAIN, or none"
        yield Found(("domain",), message)


def folder(cluster: Cluster) -> str:
    """The cluster's folder, as Flux's `--path` makes it: normal, and empty for the root."""
    return normal(cluster.path) if cluster.path is not None else f"clusters/{cluster.environment}/{cluster.name}"


def _path(cluster: Cluster) -> Path:
    """The field that says where its folder is."""
    return ("path",) if cluster.path is not None else ("name",)


def _cluster(spec: Spec, cluster: Cluster) -> Iterator[Found]:
    yield from known(spec, "environment", cluster.environment, ("environment",))
    yield from _overrides(spec, cluster)
    at, namespace = folder(cluster), spec.platform.flux.namespace
    if cluster.moved_from is not None and (reason := _not_left(spec, cluster, normal(cluster.moved_from))):
        yield Found(("movedFrom",), f"the folder {shown(cluster.moved_from)} {reason}")
    if not at and namespace in OUR_FOLDERS:
        yield Found(_path(cluster), f"in the root Flux's folder would be {shown(namespace)}, which is ours")
    if not at:
        return
    if reason := reason_against(at):
        yield Found(_path(cluster), f"the cluster's folder {shown(at)} {reason}")
    elif not re.fullmatch(r"[A-Za-z0-9._/-]+", at):
        message = f"the cluster's folder {shown(at)} may hold letters, digits, `.`, `_`, `-` and `/`"
        yield Found(_path(cluster), message)
    elif at.split("/")[0] in OUR_FOLDERS | OUR_FILES:
        yield Found(_path(cluster), f"the cluster's folder {shown(at)} lies in one that is ours; clusters/… is free")


def _not_left(spec: Spec, cluster: Cluster, old: str) -> str:
    """Why a folder cannot be one that a cluster has left."""
    if old and (reason := reason_against(old)):
        return reason
    owners = [other for other in map(spec.cluster, spec.names("cluster")) if folder(other) == old]
    if cluster in owners:
        return "is where the cluster is: `movedFrom` is its folder before that"
    if owners:
        return f"is that of cluster `{owners[0].name}`"
    return "is ours" if old.split("/", maxsplit=1)[0] in OUR_FOLDERS | OUR_FILES else ""


def _folders(spec: Spec, chosen: Iterable[Key]) -> Iterator[Problem]:
    """Clusters whose folders are equal, or lie inside the parts of another's folder that are not free.

    `Prod` and `prod` are equal: on some file systems they are one folder.
    """
    names = {name for kind, name in chosen if kind == "cluster"}
    owners: dict[str, list[str]] = {}
    for cluster in filter(None, (spec.readable(Cluster, name) for name in spec.names("cluster") if names)):
        owners.setdefault(folder(cluster).casefold(), []).append(cluster.name)
    for at, here in owners.items():
        others = [*_owners_above(spec, at, owners), *here[:2]]
        for name in names.intersection(here):
            if (other := next((other for other in others if other != name), None)) is not None:
                cluster = spec.cluster(name)
                message = f"the cluster's folder {shown(folder(cluster) or '.')} clashes with that of cluster `{other}`"
                yield Problem("cluster", name, _path(cluster), message)


def _owners_above(spec: Spec, at: str, owners: Mapping[str, list[str]]) -> Iterator[str]:
    """A cluster for each folder above in whose parts this one lies."""
    steps = at.split("/")
    for depth, part in enumerate(steps):
        above = "/".join(steps[:depth])
        taken = {spec.platform.flux.namespace, *OF_CLUSTER} if depth else {spec.platform.flux.namespace, *IN_ROOT}
        if part in taken and above in owners:
            yield owners[above][0]


RULES: Final[dict[str, Callable[[Spec, Any], Iterator[Found]]]] = {
    "platform": _platform,
    "environment": _environment,
    "cluster": _cluster,
    "tenant": _tenant,
    "app": app_rules,
}
