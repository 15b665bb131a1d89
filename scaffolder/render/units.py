"""Units: what is rendered, merged and locked as one. A document is one, or one and another per environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from scaffolder.spec.model import KINDS, App
from scaffolder.spec.rules import environments_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.spec.load import Key, Spec

BASE: Final = "base"
LOCKS: Final = ".scaffolder"


class Unit(NamedTuple):
    """`part` is `base` or an environment."""

    kind: str
    name: str
    part: str = BASE

    @property
    def template(self) -> str:
        return self.kind if self.part == BASE else f"{self.kind}@environment"

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
    if document.kind in {"app", "tenant"}:
        yield from (Unit(kind, name, environment) for environment in environments_of(spec, document))
    if kind == "app" and implied_tenant(spec, name):
        yield from units_of(spec, "tenant", name)


def all_units(spec: Spec) -> list[Unit]:
    return sorted({unit for kind in KINDS for name in spec.names(kind) for unit in units_of(spec, kind, name)})


Scope = set[tuple[str, str, str | None]]  # kind, name, part; None for all its parts


def affected(spec: Spec, kind: str, name: str) -> Scope | None:
    """What reads a document, there or removed; None for everything. For commands that touch one document.

    Not for one that changes the namespace of an app that was there before: those that depend on it name it too.
    """
    if kind == "platform":
        return None
    scope: Scope = {(kind, name, None)}
    if kind == "app":
        scope.add(("tenant", name, None))
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
