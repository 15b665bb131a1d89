"""Units: what is rendered, merged and locked as one. A document is one, or one and another per environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from scaffolder.spec.app import App
from scaffolder.spec.model import KINDS, Tenant
from scaffolder.spec.reach import clusters_of, environments_of, overlays_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.spec.load import Key, Spec

BASE: Final = "base"
ON: Final = "cluster."  # and the name of a single cluster: no environment's name has a dot
LOCKS: Final = ".scaffolder"


class Unit(NamedTuple):
    """`part` is `base`, an environment, or `cluster.<name>`."""

    kind: str
    name: str
    part: str = BASE

    @property
    def template(self) -> str:
        return self.kind if self.part == BASE else f"{self.kind}@place"

    @property
    def cluster(self) -> str:
        """The single cluster that it is for, or nothing."""
        return self.part.removeprefix(ON) if self.part.startswith(ON) else ""

    @property
    def lock(self) -> str:
        """The path of its lock."""
        return f"{LOCKS}/{self.kind}/{self.name}/{self.part}"


def implied_tenant(spec: Spec, name: str) -> App | None:
    """The app that is a tenant of its own name, because no document is."""
    if ("tenant", name) in spec or ("app", name) not in spec:
        return None
    app = spec.app(name)
    return app if app.home == name else None


def units_of(spec: Spec, kind: str, name: str) -> Iterator[Unit]:
    """The units of one document; of an app without a tenant, its tenant's too. None where there is no document."""
    key: Key = (kind, name)
    document = spec[key] if key in spec else implied_tenant(spec, name) if kind == "tenant" else None
    if document is None:
        return
    yield Unit(kind, name)
    if isinstance(document, App | Tenant):
        yield from (Unit(kind, name, part) for part in _parts(spec, kind, document))
    if kind == "app" and implied_tenant(spec, name):
        yield from units_of(spec, "tenant", name)


def _parts(spec: Spec, kind: str, document: App | Tenant) -> Iterator[str]:
    """Environments, and single clusters; of an app with overlays, the environments of its clusters too."""
    if kind == "app" and isinstance(document, App) and document.fetched is None:
        yield from overlays_of(spec, document)
    else:
        yield from environments_of(spec, document)
    yield from (f"{ON}{name}" for name in clusters_of(document))


def all_units(spec: Spec) -> list[Unit]:
    return sorted({unit for kind in KINDS for name in spec.names(kind) for unit in units_of(spec, kind, name)})


Scope = set[tuple[str, str, str | None]]  # kind, name, part; None for all its parts


def affected(spec: Spec, kind: str, name: str) -> Scope | None:
    """What reads a document, there or removed; None for everything. For commands that touch one document.

    Not for one that changes the namespace of an app, or the folder or environment of a cluster, that was there
    before: those that depend on it name it too.
    """
    if kind == "platform":
        return None
    scope: Scope = {(kind, name, None)}
    if kind == "tenant":
        scope |= {("platform", platform, None) for platform in spec.names("platform")}  # CODEOWNERS names its owners
    if kind == "app":
        scope.add(("tenant", name, None))
        if (kind, name) in spec and (old := spec.app(name).formerly):
            scope |= {("app", old, None), ("tenant", old, None)}
    if kind == "environment":
        scope |= {("app", app, name) for app in spec.names("app")}
        scope |= {("tenant", tenant, name) for tenant in (*spec.names("tenant"), *spec.names("app"))}
        scope |= {("cluster", c, None) for c in spec.names("cluster") if spec.cluster(c).environment == name}
    return scope


def units_in(spec: Spec, scope: Scope | None) -> list[Unit]:
    """The units of a scope, sorted."""
    if scope is None:
        return all_units(spec)
    found = {unit for kind, name, part in scope for unit in units_of(spec, kind, name) if part in {None, unit.part}}
    return sorted(unit for unit in found if {(*unit[:2], None), tuple(unit)} & scope)
