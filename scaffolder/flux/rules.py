"""Which versions and components go together: combinations that cannot work are refused before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.errors import DocumentError
from scaffolder.flux.options import install
from scaffolder.flux.versions import CONTROLLERS, KUBERNETES, REQUIRED, Minor, highest_beside, minor_of
from scaffolder.spec.model import App, Cluster, Environment, Platform
from scaffolder.spec.problems import Path, Problem, field, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.spec.load import Key, Spec


Level = Platform | Environment | Cluster


def check(spec: Spec, keys: list[Key] | None = None) -> None:
    """Raises `DocumentError` with every combination of versions in the documents that cannot work."""
    platform = spec.platform
    chosen = set(spec.places if keys is None else keys)
    levels: list[Level] = [
        platform,
        *spec.all(Environment),
        *(spec.cluster(n) for k, n in sorted(chosen) if k == "cluster"),
    ]
    problems = list(_versions(spec, levels))
    if not problems:
        problems += _kubernetes(spec, levels)
        problems += [p for level in levels if (level.kind, level.name) in chosen for p in _components(spec, level)]
        problems += [p for kind, name in sorted(chosen) if kind == "app" for p in _helm(spec, spec.app(name))]
    if problems:
        raise DocumentError([spec.line(problem) for problem in problems])


def _versions(spec: Spec, levels: list[Level]) -> Iterator[Problem]:
    """The platform's Flux is the oldest of the repository: all shared files are written for it."""
    try:
        oldest = minor_of(install(spec).version)
    except ValueError as error:
        yield _version(levels[0], str(error))
        return
    highest = highest_beside(oldest)
    for level in levels[1:]:
        try:
            minor = minor_of(level.flux.version) if level.flux.version else oldest
        except ValueError as error:
            yield _version(level, str(error))
            continue
        if not oldest <= minor <= highest:
            border = f"at most {highest}" if minor > highest else f"at least {oldest}"
            yield _version(level, f"{level.flux.version} does not work beside the platform's Flux {oldest}: {border}")


def _version(level: Level, message: str) -> Problem:
    return Problem(level.kind, level.name, ("flux", "version"), f"`flux.version` {message}")


def _kubernetes(spec: Spec, levels: list[Level]) -> Iterator[Problem]:
    wanted = spec.platform.kubernetes
    if wanted is None:
        return
    major, _, minor = wanted.partition(".")
    for level in levels:
        key = (level.kind, level.name)
        version = level.flux.version if key[0] != "platform" else install(spec).version
        needed = KUBERNETES[minor_of(version)] if version else None
        if needed and Minor(int(major), int(minor)) < needed:
            where: Path = ("kubernetes",) if key[0] == "platform" else ("flux", "version")
            message = (
                f"`{field(where)}`: Flux {version} needs Kubernetes {needed} or newer, and the platform says {wanted}"
            )
            yield Problem(*key, where, message)


def _components(spec: Spec, level: Level) -> Iterator[Problem]:
    key, own = (level.kind, level.name), level.flux
    asked = install(spec, None if isinstance(level, Platform) else level)
    for part in ("components", "componentsExtra"):
        given = own.components if part == "components" else own.components_extra
        for index, name in enumerate(given or ()):
            if name not in CONTROLLERS:
                message = f"`{name}` is no component{suggest(name, CONTROLLERS)}"
                yield Problem(*key, ("flux", part, index), message)
            elif CONTROLLERS[name] > minor_of(asked.version):
                message = f"`{name}` is part of Flux from {CONTROLLERS[name]} on, not of {asked.version}"
                yield Problem(*key, ("flux", part, index), message)
            elif asked.components.count(name) > 1:
                yield Problem(*key, ("flux", part, index), f"`{name}` stands twice among the components")
    for name in set(REQUIRED) - set(asked.components):
        if own.components is not None:
            yield Problem(*key, ("flux", "components"), f"the component `{name}` is required")


def _helm(spec: Spec, app: App) -> Iterator[Problem]:
    if app.chart is None:
        return
    for level in (None, *(spec.environment(name) for name in app.environments or spec.names("environment"))):
        if "helm-controller" not in install(spec, level).components:
            where = f"in environment `{level.name}`" if level else "on this platform"
            message = f"a chart needs the component `helm-controller`, which is not installed {where}"
            yield Problem("app", app.name, ("chart",), message)
            return
