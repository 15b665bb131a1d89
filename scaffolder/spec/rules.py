"""What takes more than one document, or more than one field, to judge."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import DocumentError, shown
from scaffolder.paths import normal, reason_against
from scaffolder.spec.circles import app_circles, environment_circles
from scaffolder.spec.model import (
    FURNISHED,
    MISREAD_APPS,
    RESERVED_APPS,
    RESERVED_ENVIRONMENTS,
    App,
    Cluster,
    Environment,
    Platform,
    Tenant,
)
from scaffolder.spec.problems import Found, Path, Problem, ordered, suggest
from scaffolder.spec.variables import undeclared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from scaffolder.spec.load import Key, Spec

OUR_FOLDERS: Final = frozenset(
    {"apps", "argocd", "gitops", "image-automation", "infrastructure", "stacks", "tenants", ".scaffolder", ".github"}
)
OUR_FILES: Final = frozenset(
    {"gitops.yaml", "README.md", "CODEOWNERS", "renovate.json5", ".sops.yaml", ".sourceignore"}
    | {".gitattributes", ".gitlab-ci.yml", ".pre-commit-config.yaml"}
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
    return sorted(found & spec.places.keys())


def _problems(spec: Spec, key: Key) -> Iterator[Problem]:
    model: Any = spec[key]
    for found in RULES[key[0]](spec, model):
        yield Problem(*key, found.path, found.message, found.of_key)


def _platform(_: Spec, platform: Platform) -> Iterator[Found]:
    if platform.flux.namespace in {*OF_CLUSTER, *IN_ROOT}:
        message = f"`{platform.flux.namespace}` cannot be Flux's namespace: in a cluster's folder that name is ours"
        yield Found(("flux", "namespace"), message)


def _environment(spec: Spec, environment: Environment) -> Iterator[Found]:
    if environment.name in RESERVED_ENVIRONMENTS:
        yield Found(("name",), f"`{environment.name}` is reserved: a folder of that name is ours")
    if environment.after is not None:
        yield from _known(spec, "environment", environment.after, ("after",))
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
    yield from _known(spec, "environment", cluster.environment, ("environment",))
    yield from _overrides(spec, cluster)
    at, namespace = folder(cluster), spec.platform.flux.namespace
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


def _folders(spec: Spec, chosen: Iterable[Key]) -> Iterator[Problem]:
    """Clusters whose folders are equal, or lie inside the parts of another's folder that are not free."""
    names = {name for kind, name in chosen if kind == "cluster"}
    owners: dict[str, list[str]] = {}
    for cluster in filter(None, (spec.readable(Cluster, name) for name in spec.names("cluster") if names)):
        owners.setdefault(folder(cluster), []).append(cluster.name)
    for at, here in owners.items():
        others = [*_owners_above(spec, at, owners), *here[:2]]
        for name in names.intersection(here):
            if (other := next((other for other in others if other != name), None)) is not None:
                message = f"the cluster's folder {shown(at or '.')} clashes with that of cluster `{other}`"
                yield Problem("cluster", name, _path(spec.cluster(name)), message)


def _owners_above(spec: Spec, at: str, owners: Mapping[str, list[str]]) -> Iterator[str]:
    """A cluster for each folder above in whose parts this one lies."""
    steps = at.split("/")
    for depth, part in enumerate(steps):
        above = "/".join(steps[:depth])
        taken = {spec.platform.flux.namespace, *OF_CLUSTER} if depth else {spec.platform.flux.namespace, *IN_ROOT}
        if part in taken and above in owners:
            yield owners[above][0]


def _tenant(spec: Spec, tenant: Tenant) -> Iterator[Found]:
    for index, name in enumerate(tenant.environments or ()):
        yield from _known(spec, "environment", name, ("environments", index))


def environments_of(spec: Spec, document: App | Tenant) -> tuple[str, ...]:
    """The environments that an app or tenant is in: those it names, or all."""
    return document.environments if document.environments is not None else spec.names("environment")


def is_furnished(spec: Spec, namespace: str) -> bool:
    """Whether a namespace is there without us, and is not ours to create or to prune."""
    return namespace in FURNISHED or namespace == spec.platform.flux.namespace


def _app(spec: Spec, app: App) -> Iterator[Found]:
    if app.name in RESERVED_APPS or app.name.startswith("kube-") or app.name == spec.platform.flux.namespace:
        yield Found(("name",), f"`{app.name}` is reserved: Flux's own objects or ours bear that name")
    if app.name in MISREAD_APPS:
        yield Found(("name",), f"`{app.name}` is reserved: Flux would not take {app.name}.yaml for an app's file")
    for index, name in enumerate(app.environments or ()):
        yield from _known(spec, "environment", name, ("environments", index))
    yield from _namespace(spec, app)
    yield from _depends_on(spec, app)
    yield from _overlays(spec, app)
    if app.values and not app.chart:
        yield Found(("values",), "`values` are Helm's: they need a `chart`")
    yield from undeclared(spec, app.values, ("values",))
    if app.chart:
        yield from undeclared(spec, app.chart.model_dump(by_alias=True), ("chart",))


def _namespace(spec: Spec, app: App) -> Iterator[Found]:
    home, where = app.home, ("namespace",) if app.namespace else ("name",)
    if ("tenant", home) not in spec:
        if home != app.name or is_furnished(spec, home):
            hint = f"add it with `scaffolder add-tenant {home}`"
            message = f"the namespace `{home}` is no tenant{suggest(home, spec.names('tenant'))}; {hint}"
            yield Found(where, message)
        return
    if missing := _elsewhere(spec, app, spec.readable(Tenant, home)):
        yield Found(where, f"the tenant `{home}` does not live in {missing}")


def _elsewhere(spec: Spec, app: App, other: App | Tenant | None) -> str:
    """The environments that an app is in and the other one is not; nothing of one that cannot be read."""
    missing = set(environments_of(spec, app)) - set(environments_of(spec, other)) if other else ()
    return ", ".join(sorted(missing))


def _depends_on(spec: Spec, app: App) -> Iterator[Found]:
    for index, reference in enumerate(app.depends_on):
        where: Path = ("dependsOn", index, "name")
        if reference.name == app.name:
            yield Found(where, "an app cannot depend on itself")
        elif ("app", reference.name) not in spec:
            yield from _known(spec, "app", reference.name, where)
        elif missing := _elsewhere(spec, app, spec.readable(App, reference.name)):
            yield Found(where, f"the app `{reference.name}` is not in {missing}")


def _overlays(spec: Spec, app: App) -> Iterator[Found]:
    here = environments_of(spec, app)
    for name, overlay in app.overlays.items():
        where: Path = ("overlays", name)
        if name not in here:
            yield Found(where, f"the app is not in environment `{name}`{suggest(name, here)}", of_key=True)
        if overlay.values and not app.chart:
            yield Found((*where, "values"), "`values` are Helm's: they need a `chart`")
        if overlay.version and not app.chart:
            yield Found((*where, "version"), "`version` is the chart's: use `ref`")
        for part in ("ref", "path"):
            if getattr(overlay, part) is not None and not app.git:
                yield Found((*where, part), f"`{part}` is the Git repository's: the app has none")
        yield from undeclared(spec, overlay.values, (*where, "values"))
        yield from undeclared(spec, overlay.version, (*where, "version"))


def _known(spec: Spec, kind: str, name: str, path: Path) -> Iterator[Found]:
    if (kind, name) not in spec:
        yield Found(path, f"unknown {kind} {shown(name)}{suggest(name, spec.names(kind))}")


RULES: Final[dict[str, Callable[[Spec, Any], Iterator[Found]]]] = {
    "platform": _platform,
    "environment": _environment,
    "cluster": _cluster,
    "tenant": _tenant,
    "app": _app,
}
