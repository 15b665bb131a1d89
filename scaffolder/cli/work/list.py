"""`list`: apps and their versions in each environment, or the documents of another kind, as a table or as JSON."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field

from scaffolder.cli.work.edits import documents
from scaffolder.cli.work.session import Session
from scaffolder.cli.work.table import table
from scaffolder.cli.work.versions import NOTHING, order, version
from scaffolder.render.units import implied_tenant
from scaffolder.report import Report
from scaffolder.spec.load import Spec
from scaffolder.spec.reach import clusters_of, environments_of
from scaffolder.spec.rules import folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffolder.cli.console import Console
    from scaffolder.spec.app import App
    from scaffolder.spec.model import Tenant

ABSENT: Final = "-"
UNSAID: Final = "*"  # in an environment where the app does not say its version
FEW: Final = 2  # clusters that are named in a cell before they are counted
Row = dict[str, Any]


class Listing(Report):
    """A report with what was listed: a record for each document, in order of their names."""

    kind: str = Field(description="The kind that was listed.")
    items: tuple[Row, ...] = Field(
        description="A record for each document, with its `name`; an app's has `namespace`, `source`, and the version "
        "in each of its `environments` and on each of its `clusters`."
    )


def list_(console: Console, *, kind: str) -> Report:
    """Lists the documents of a kind."""
    spec = documents(Session.open(console))
    rows = list(ROWS[kind](spec))
    console.out(table(_matrix(rows, order(spec)) if kind == "app" else _plain(rows)))
    return Listing(command="list", kind=kind, items=tuple(rows), summary="" if rows else f"there is no {kind} yet")


def _apps(spec: Spec) -> Iterator[Row]:
    homes = {name: spec.cluster(name).environment for name in spec.names("cluster")}
    for app in map(spec.app, spec.names("app")):
        yield {
            "name": app.name,
            "namespace": app.home,
            "source": app.source,
            "environments": {name: _here(app, name) for name in environments_of(spec, app)},
            "clusters": {
                name: {"environment": homes[name], **_here(app, homes[name])}
                for name in clusters_of(app)
                if name in homes
            },
        }


def _here(app: App, environment: str) -> Row:
    own = app.overlays.get(environment, NOTHING).suspend
    return {"version": version(app, environment), "suspend": app.suspend if own is None else own}


def _clusters(spec: Spec) -> Iterator[Row]:
    for cluster in map(spec.cluster, spec.names("cluster")):
        at, environment = folder(cluster) or ".", cluster.environment
        yield {"name": cluster.name, "environment": environment, "folder": at, "ref": cluster.ref}


def _environments(spec: Spec) -> Iterator[Row]:
    clusters = Counter(spec.cluster(name).environment for name in spec.names("cluster"))
    for environment in map(spec.environment, order(spec)):
        name = environment.name
        yield {"name": name, "after": environment.after, "ref": environment.ref, "clusters": clusters[name]}


def _tenants(spec: Spec) -> Iterator[Row]:
    apps = Counter(spec.app(name).home for name in spec.names("app"))
    documents: dict[str, Tenant | App] = {name: spec.tenant(name) for name in spec.names("tenant")}
    documents |= {name: app for name in spec.names("app") if (app := implied_tenant(spec, name))}
    for _, tenant in sorted(documents.items()):
        places = {"environments": list(environments_of(spec, tenant)), "clusters": list(clusters_of(tenant))}
        yield {"name": tenant.name, "document": type(tenant).__name__.lower(), **places, "apps": apps[tenant.name]}


ROWS: Final = {"app": _apps, "cluster": _clusters, "environment": _environments, "tenant": _tenants}


def _plain(rows: Sequence[Row]) -> list[list[str]]:
    heads = [[key.upper() for key in row] for row in rows[:1]]
    return [*heads, *([_cell(value) for value in row.values()] for row in rows)]


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value) or ABSENT
    return ABSENT if value is None else str(value)


def _matrix(rows: Sequence[Row], environments: Sequence[str]) -> list[list[str]]:
    """An app a line, an environment a column; the versions of single clusters have their names behind them."""
    lines = [["APP", "NAMESPACE", "SOURCE", *map(str.upper, environments)]]
    for row in rows:
        cells = [_versions(row, name) for name in environments]
        lines.append([row["name"], row["namespace"], row["source"], *cells])
    return lines


def _versions(row: Row, environment: str) -> str:
    found = [_said(row["environments"][environment])] if environment in row["environments"] else []
    own = [(name, here) for name, here in row["clusters"].items() if here["environment"] == environment]
    if own:
        names = ", ".join(name for name, _ in own) if len(own) <= FEW else f"{len(own)} clusters"
        found.append(f"{_said(own[0][1])} ({names})")
    return ", ".join(found) or ABSENT


def _said(here: Row) -> str:
    return f"{here['version'] or UNSAID}{' suspended' * here['suspend']}"
