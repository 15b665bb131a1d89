"""Which versions and components go together: combinations that cannot work are refused before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic.alias_generators import to_camel

from scaffolder.errors import DocumentError, shown
from scaffolder.flux import components, sparse
from scaffolder.flux.options import install
from scaffolder.flux.versions import CONTROLLERS, KUBERNETES, NEWEST, REQUIRED, Minor, highest_beside, minor_of
from scaffolder.spec import rules
from scaffolder.spec.app import App
from scaffolder.spec.model import Cluster, Environment, Platform
from scaffolder.spec.problems import Problem, ordered, suggest
from scaffolder.spec.reach import overlays_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.flux.components import Install
    from scaffolder.spec.load import Key, Spec

Level = Platform | Environment | Cluster

HELM: Final = "helm-controller"
LISTS: Final = {"components": "components", "components_extra": "componentsExtra"}  # judged one by one, at their places


def check(spec: Spec, keys: list[Key] | None = None) -> None:
    """Raises `DocumentError` with every problem of the documents (or of those named), Flux's own among them."""
    if lines := rules.problems(spec, keys) + problems(spec, keys):
        raise DocumentError(ordered(lines))


def problems(spec: Spec, keys: list[Key] | None = None) -> list[str]:
    """Combinations of versions and components that cannot work, as lines in no order."""
    if spec.bad or spec.platform_problems():
        return []  # the other rules tell of those
    chosen = rules.concerned(spec, keys)
    lines = []
    for key in chosen:
        lines += spec.lines(_helm(spec, key) if key[0] == "app" else _level(spec, key))
    lines += spec.lines(sparse.problems(spec, chosen))
    return lines + spec.lines(_charts_without_helm(spec, chosen))


def _level(spec: Spec, key: Key) -> Iterator[Problem]:
    """The options of one level: of the platform, an environment or a cluster."""
    level = spec[key]
    if not isinstance(level, Level) or (isinstance(level, Cluster) and ("environment", level.environment) not in spec):
        return
    asked = install(spec, None if isinstance(level, Platform) else level)
    minor, oldest = _minor(asked), _minor(install(spec))
    if minor is None or oldest is None:
        yield from _unknown(level)
        return
    if level.flux.version is not None and not oldest <= minor <= highest_beside(oldest):
        border = f"at most {highest_beside(oldest)}" if minor > oldest else f"at least {oldest}"
        yield _problem(level, "version", f"{asked.version} does not work beside the platform's Flux {oldest}: {border}")
    yield from _kubernetes(spec, level, asked, minor)
    yield from _components(level, asked, minor)
    yield from _options(level, asked)


def _minor(asked: Install) -> Minor | None:
    try:
        return minor_of(asked.version)
    except ValueError:
        return None


def _problem(level: Level, field: str, message: str, *index: int) -> Problem:
    return Problem(level.kind, level.name, ("flux", field, *index), message)


def _unknown(level: Level) -> Iterator[Problem]:
    """A version that is none, told where it stands."""
    try:
        minor_of(level.flux.version or NEWEST)
    except ValueError as error:
        yield _problem(level, "version", f"`flux.version` {error}")


def _kubernetes(spec: Spec, level: Level, asked: Install, minor: Minor) -> Iterator[Problem]:
    platform = isinstance(level, Platform)
    wanted = spec.platform.kubernetes
    if wanted is None or not (platform or level.flux.version):
        return
    if Minor(*map(int, wanted.split("."))) < KUBERNETES[minor]:
        message = f"Flux {asked.version} needs Kubernetes {KUBERNETES[minor]} or newer, and the platform says {wanted}"
        yield Problem(level.kind, level.name, ("kubernetes",) if platform else ("flux", "version"), message)


def _components(level: Level, asked: Install, minor: Minor) -> Iterator[Problem]:
    for part, field in LISTS.items():
        for index, name in enumerate(getattr(level.flux, part) or ()):
            if name not in CONTROLLERS:
                yield _problem(level, field, f"{shown(name)} is no component{suggest(name, CONTROLLERS)}", index)
            elif CONTROLLERS[name] > minor:
                message = f"`{name}` is part of Flux from {CONTROLLERS[name]} on, not of {asked.version}"
                yield _problem(level, field, message, index)
            elif asked.components.count(name) > 1:
                yield _problem(level, field, f"`{name}` stands twice among the components", index)
    for name in REQUIRED if level.flux.components else ():
        if name not in asked.components:
            yield _problem(level, "components", f"the component `{name}` is required")


def _options(level: Level, asked: Install) -> Iterator[Problem]:
    """What Flux or Kubernetes would refuse of the other options, told at the level that sets it."""
    for name, message in components.problems(asked):
        if name not in {*LISTS, "version"} and name in level.flux.model_fields_set:
            yield _problem(level, to_camel(name), message)


def _charts_without_helm(spec: Spec, chosen: list[Key]) -> Iterator[Problem]:
    """Clusters whose own list of components leaves out what charts in their environment need."""
    clusters = [spec.readable(Cluster, name) for kind, name in chosen if kind == "cluster"]
    without = [cluster for cluster in clusters if cluster and HELM not in (cluster.flux.components or (HELM,))]
    charts: dict[str, str] = {}  # environment -> one app that has a chart there
    for app in filter(None, (spec.readable(App, name) for name in spec.names("app") if without)):
        charts |= dict.fromkeys(overlays_of(spec, app) if app.chart else (), app.name)
    for cluster in without:
        if cluster.environment in charts and HELM not in install(spec, cluster).components:
            message = f"the chart of app `{charts[cluster.environment]}` needs the component `{HELM}` here"
            yield _problem(cluster, "components", message)


def _helm(spec: Spec, key: Key) -> Iterator[Problem]:
    app = spec.app(key[1])
    for name in overlays_of(spec, app) if app.chart else ():
        if ("environment", name) in spec and HELM not in install(spec, spec.environment(name)).components:
            message = f"a chart needs the component `{HELM}`, which is not installed in environment `{name}`"
            yield Problem(*key, ("chart",), message)
            return
