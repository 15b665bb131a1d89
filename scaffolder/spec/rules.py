"""What takes more than one document, or more than one field, to judge."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import DocumentError
from scaffolder.paths import normal, reason_against
from scaffolder.spec.model import (
    FURNISHED,
    RESERVED_APPS,
    RESERVED_ENVIRONMENTS,
    App,
    Cluster,
    Environment,
    Platform,
    Tenant,
)
from scaffolder.spec.problems import Path, Problem, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scaffolder.spec.load import Key, Spec

OUR_FOLDERS: Final = frozenset(
    {"apps", "argocd", "gitops", "image-automation", "infrastructure", "stacks", "tenants", ".scaffolder", ".github"}
)
SET_BY_US: Final = frozenset({"CLUSTER_NAME", "ENVIRONMENT"})
_VARIABLE: Final = re.compile(r"\$(\$)?\{([^}]*)\}")


def check(spec: Spec, keys: list[Key] | None = None) -> None:
    """Raises `DocumentError` with every problem of the documents (or of those named) that can be read."""
    lines = spec.unreadable(keys)
    if lines:
        raise DocumentError(sorted(set(lines)))
    _ = spec.platform
    chosen = sorted(spec.places) if keys is None else keys
    problems = [problem for key in chosen for problem in _problems(spec, key)]
    clusters = {name for kind, name in chosen if kind == "cluster"}
    problems += _clashes(spec, clusters) if clusters else ()
    if problems:
        raise DocumentError([spec.line(problem) for problem in problems])


def _problems(spec: Spec, key: Key) -> Iterator[Problem]:
    model: Any = spec[key]
    for path, message in RULES[key[0]](spec, model):
        yield Problem(*key, path, message)


Found = tuple[Path, str]


def _platform(spec: Spec, platform: Platform) -> Iterator[Found]:
    del spec
    if platform.flux.registry is not None and not re.fullmatch(r"[!-~]*", platform.flux.registry):
        yield ("flux", "registry"), "`flux.registry` must not hold spaces"


def _environment(spec: Spec, environment: Environment) -> Iterator[Found]:
    if environment.name in RESERVED_ENVIRONMENTS:
        yield ("name",), f"`{environment.name}` is reserved: a folder of that name is ours"
    if environment.after is not None:
        yield from _known(spec, "environment", environment.after, ("after",))
        if (circle := _circle(spec, environment)) is not None:
            yield ("after",), f"`after` goes round in a circle: {circle}"
    yield from _overrides(spec, environment)


def _circle(spec: Spec, environment: Environment) -> str | None:
    seen = [environment.name]
    while (after := environment.after) is not None and after in spec.names("environment"):
        if after in seen:
            return " after ".join([*seen, after]) if after == seen[0] else None
        seen.append(after)
        environment = spec.environment(after)
    return None


def _overrides(spec: Spec, document: Environment | Cluster) -> Iterator[Found]:
    declared = spec.platform.variables
    for name in document.variables:
        if name not in declared:
            yield ("variables", name), f"the variable `{name}` has no default in the platform{suggest(name, declared)}"
    if document.domain is not None and spec.platform.domain is None:
        yield ("domain",), "`domain` needs a default in the platform: every cluster has the variable DOMAIN, or none"


def folder(cluster: Cluster) -> str:
    """The cluster's folder, as Flux's `--path` makes it: normal, and empty for the root."""
    return normal(cluster.path) if cluster.path is not None else f"clusters/{cluster.environment}/{cluster.name}"


def _cluster(spec: Spec, cluster: Cluster) -> Iterator[Found]:
    yield from _known(spec, "environment", cluster.environment, ("environment",))
    yield from _overrides(spec, cluster)
    at, where = folder(cluster), ("path",) if cluster.path is not None else ("name",)
    if at and (reason := reason_against(at)):
        yield where, f"the cluster's folder `{at}` {reason}"
    if at.split("/")[0] in OUR_FOLDERS:
        yield where, f"the cluster's folder `{at}` lies in a folder that is ours; clusters/… is free"
    if at and not re.fullmatch(r"[A-Za-z0-9._/-]+", at):
        yield where, f"the cluster's folder `{at}` may hold letters, digits, `.`, `_`, `-` and `/`"


def _clashes(spec: Spec, names: set[str]) -> Iterator[Problem]:
    """Clusters whose folders are equal, or lie inside the parts of another's folder that Flux reads as a whole."""
    owners: dict[str, list[str]] = {}
    for cluster in spec.all(Cluster):
        owners.setdefault(folder(cluster), []).append(cluster.name)
    inner = {f"{at}/{part}".lstrip("/"): at for at in owners for part in (spec.platform.flux.namespace, "apps")}
    for name in sorted(names):
        cluster = spec.cluster(name)
        at = folder(cluster)
        parents = {"/".join(at.split("/")[:depth]) for depth in range(1, at.count("/") + 2)}
        others = [o for p in sorted(parents & inner.keys()) for o in owners[inner[p]]] + owners[at]
        for other in (o for o in others if o != name):
            message = f"the cluster's folder `{at or '.'}` clashes with that of cluster `{other}`"
            yield Problem("cluster", name, ("path",) if cluster.path is not None else ("name",), message)


def _tenant(spec: Spec, tenant: Tenant) -> Iterator[Found]:
    for index, name in enumerate(tenant.environments or ()):
        yield from _known(spec, "environment", name, ("environments", index))


def environments_of(spec: Spec, document: App | Tenant) -> tuple[str, ...]:
    """The environments that an app or tenant is in: those it names, or all."""
    return document.environments if document.environments is not None else spec.names("environment")


def _app(spec: Spec, app: App) -> Iterator[Found]:
    if app.name in RESERVED_APPS or app.name.startswith("kube-"):
        yield ("name",), f"`{app.name}` is reserved: Flux's own objects or ours bear that name"
    for index, name in enumerate(app.environments or ()):
        yield from _known(spec, "environment", name, ("environments", index))
    yield from _namespace(spec, app)
    yield from _depends_on(spec, app)
    yield from _overlays(spec, app)
    if app.values and not app.chart:
        yield ("values",), "`values` are Helm's: they need a `chart`"
    yield from _undeclared(spec, app.values, ("values",))


def _namespace(spec: Spec, app: App) -> Iterator[Found]:
    home, where = app.home, ("namespace",) if app.namespace else ("name",)
    if ("tenant", home) not in spec:
        if home != app.name or home in FURNISHED:
            hint = f"add it with `scaffolder add-tenant {home}`"
            yield where, f"the namespace `{home}` is no tenant{suggest(home, spec.names('tenant'))}; {hint}"
        return
    missing = set(environments_of(spec, app)) - set(environments_of(spec, spec.tenant(home)))
    if missing:
        yield where, f"the tenant `{home}` does not live in {', '.join(sorted(missing))}"


def _depends_on(spec: Spec, app: App) -> Iterator[Found]:
    for index, reference in enumerate(app.depends_on):
        where: Path = ("dependsOn", index, "name")
        if reference.name == app.name:
            yield where, "an app cannot depend on itself"
        elif ("app", reference.name) not in spec:
            yield where, f"unknown app `{reference.name}`{suggest(reference.name, spec.names('app'))}"
        else:
            other = spec.app(reference.name)
            missing = set(environments_of(spec, app)) - set(environments_of(spec, other))
            if missing:
                yield where, f"the app `{other.name}` is not in {', '.join(sorted(missing))}"
            if (circle := _dependency_circle(spec, app)) is not None:
                yield where, f"the apps wait for each other: {circle}"


def _dependency_circle(spec: Spec, app: App) -> str | None:
    """A way from the app back to itself along dependsOn, or None."""
    ways = [[app.name]]
    seen = set()
    while ways:
        way = ways.pop()
        for reference in spec.app(way[-1]).depends_on:
            if reference.name == app.name:
                return " -> ".join([*way, app.name])
            if reference.name not in seen and ("app", reference.name) in spec:
                seen.add(reference.name)
                ways.append([*way, reference.name])
    return None


def _overlays(spec: Spec, app: App) -> Iterator[Found]:
    here = environments_of(spec, app)
    for name, overlay in app.overlays.items():
        where: Path = ("overlays", name)
        if name not in here:
            yield where, f"the app is not in environment `{name}`{suggest(name, here)}"
        if overlay.values and not app.chart:
            yield (*where, "values"), "`values` are Helm's: they need a `chart`"
        if overlay.version and not app.chart:
            yield (*where, "version"), "`version` is the chart's: use `ref`"
        for part in ("ref", "path"):
            if getattr(overlay, part) is not None and not app.git:
                yield (*where, part), f"`{part}` is the Git repository's: the app has none"
        yield from _undeclared(spec, overlay.values, (*where, "values"))


def _undeclared(spec: Spec, value: Any, path: Path) -> Iterator[Found]:
    """`${NAME}` that no cluster has a value for: Flux would stop at it."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _undeclared(spec, item, (*path, key))
    if not isinstance(value, str) or "${" not in value:
        return
    known = {*SET_BY_US, *spec.platform.variables, *(["DOMAIN"] if spec.platform.domain else [])}
    for escaped, inner in _VARIABLE.findall(value):
        name = re.split(r"[:=\-?+/#%^,]", inner, maxsplit=1)[0]
        if not escaped and name not in known:
            meant = f"text that is meant so is written `$${{{inner}}}`"
            yield path, f"`${{{inner}}}` names no variable{suggest(name, known)}; {meant}"


def _known(spec: Spec, kind: str, name: str, path: Path) -> Iterator[Found]:
    if (kind, name) not in spec:
        yield path, f"unknown {kind} `{name}`{suggest(name, spec.names(kind))}"


RULES: Final[dict[str, Callable[[Spec, Any], Iterator[Found]]]] = {
    "platform": _platform,
    "environment": _environment,
    "cluster": _cluster,
    "tenant": _tenant,
    "app": _app,
}
