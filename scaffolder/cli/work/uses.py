"""Where one document names another: what is in the way when that one is to be removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from scaffolder.spec.reach import is_furnished

if TYPE_CHECKING:
    from scaffolder.spec.app import App
    from scaffolder.spec.load import Key, Spec
    from scaffolder.spec.model import Tenant
    from scaffolder.spec.problems import Path


class Use(NamedTuple):
    """A place where one document names another. `free`: it can be taken out there, and what is left makes sense."""

    key: Key
    path: Path
    message: str
    free: bool = False
    silent: bool = False  # it can be taken out without being asked for


def _of_app(spec: Spec, name: str) -> Iterator[Use]:
    for other in spec.names("app"):
        for index, reference in enumerate(spec.app(other).depends_on):
            if reference.name == name:
                message = f"app `{other}` depends on app `{name}`"
                yield Use(("app", other), ("dependsOn", index), message, free=True)


def _of_tenant(spec: Spec, name: str) -> Iterator[Use]:
    for app in map(spec.app, spec.names("app")):
        if app.home == name and (app.name != name or is_furnished(spec, name)):
            where = ("namespace",) if app.namespace else ("name",)
            yield Use(("app", app.name), where, f"app `{app.name}` lives in tenant `{name}`")


def _of_environment(spec: Spec, name: str) -> Iterator[Use]:
    for cluster in map(spec.cluster, spec.names("cluster")):
        if cluster.environment == name:
            message = f"cluster `{cluster.name}` is in environment `{name}`"
            yield Use(("cluster", cluster.name), ("environment",), message)
    for other in map(spec.environment, spec.names("environment")):
        if other.after == name:
            message = f"environment `{other.name}` comes after environment `{name}`"
            yield Use(("environment", other.name), ("after",), message, free=True)
    for document in _apps_and_tenants(spec):
        yield from _listed(document, "environments", document.environments or (), name)
        if document.kind == "app" and name in document.overlays:
            message = f"app `{document.name}` has an overlay for environment `{name}`"
            yield Use(("app", document.name), ("overlays", name), message, free=True)


def _of_cluster(spec: Spec, name: str) -> Iterator[Use]:
    for document in _apps_and_tenants(spec):
        for use in _listed(document, "clusters", document.clusters or (), name):
            yield use._replace(silent=use.free)


def _apps_and_tenants(spec: Spec) -> Iterator[App | Tenant]:
    yield from map(spec.app, spec.names("app"))
    yield from map(spec.tenant, spec.names("tenant"))


def _listed(document: App | Tenant, field: str, names: Sequence[str], name: str) -> Iterator[Use]:
    """A document that names another in a list; the last name cannot be taken out: without any it is everywhere."""
    if name in names:
        alone = len(names) == 1 and not (document.environments and document.clusters)
        where = f"{field.removesuffix('s')} `{name}`{' alone' * alone}"
        message = f"{document.kind} `{document.name}` is {'on' if field == 'clusters' else 'in'} {where}"
        yield Use((document.kind, document.name), (field, names.index(name)), message, free=not alone)


USES: Final[dict[str, Callable[[Spec, str], Iterator[Use]]]] = {
    "app": _of_app,
    "tenant": _of_tenant,
    "environment": _of_environment,
    "cluster": _of_cluster,
}
