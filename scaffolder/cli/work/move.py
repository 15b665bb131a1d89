"""`move`: a cluster to another environment, in two steps, since its Flux has to be led to its new folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scaffolder import lock as locks
from scaffolder import undo
from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.edits import carry_out, documents, must_be_there, told
from scaffolder.cli.work.pinned import documents_at, followed, short
from scaffolder.cli.work.session import Session, planned, refuse_without_components
from scaffolder.errors import DocumentError, UsageError
from scaffolder.flux.options import install
from scaffolder.flux.versions import minor_of
from scaffolder.render.units import ON, Unit, implied_tenant
from scaffolder.report import Finding
from scaffolder.spec.load import Spec
from scaffolder.spec.reach import clusters_of, environments_of, is_furnished
from scaffolder.spec.rules import folder
from scaffolder.spec.write import Edits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.cli.console import Console
    from scaffolder.cli.work.session import Documents
    from scaffolder.report import Report
    from scaffolder.spec.load import Key
    from scaffolder.spec.model import Cluster
    from scaffolder.tree import Source


def move(console: Console, *, name: str, to: str | None, finish: bool, dry_run: bool) -> Report:
    """Moves a cluster, or ends its move.

    Raises:
        UsageError: no such cluster or environment, it is there already, or on its way from somewhere else.
    """
    if (to is None) == (not finish):
        raise UsageError("give --to ENV, or --finish when the cluster has followed")
    session = Session.open(console)
    spec = documents(session)
    must_be_there(spec, "cluster", name)
    if to is None:
        return _finish(session, spec, name, dry_run=dry_run)
    return _start(session, spec, name, to, dry_run=dry_run)


def _start(session: Session, spec: Spec, name: str, to: str, *, dry_run: bool) -> Report:
    must_be_there(spec, "environment", to)
    cluster, key = spec.cluster(name), ("cluster", name)
    begun = cluster.environment == to and bool(undo.killed(session.tree.git_dir))  # this very move, killed half-way
    if cluster.environment == to and not begun:
        raise UsageError(f"cluster `{name}` is in environment `{to}` already")
    if cluster.moved_from is not None and not begun:
        hint = f"`scaffolder move {name} --finish`, when the cluster has followed"
        raise UsageError(f"cluster `{name}` is on its way from {cluster.moved_from}", hint=hint)
    old = cluster.moved_from if begun and cluster.moved_from else folder(cluster)
    edits = Edits(spec)
    edits.put(key, ("environment",), to)
    if cluster.path is None:
        edits.put(key, ("movedFrom",), old)
    losses = [*_older_flux(spec, cluster, to), *_losses(session, spec, cluster, to)]
    obtain, touched = Obtain(session.console), [key, *_on(spec, name)]
    wanted = planned(session.tree, {**edits.files, **_own(session, spec, cluster, old, to)}, obtain, touched=touched)
    refuse_without_components(wanted.todo, obtain)
    made = session.carry_out("move", wanted, dry_run=dry_run)
    second = f"scaffolder move {name} --finish    when the cluster has followed: `flux get kustomizations` says Ready"
    verb = "would be moved" if dry_run else "is moved"
    summary = f"cluster `{name}` {verb} from {cluster.environment} to {to}"
    steps = () if cluster.path is not None else (second,)
    return told(made, summary, f"Move cluster {name} to {to}", steps, losses)


def _own(session: Session, spec: Spec, cluster: Cluster, old: str, to: str) -> Documents:
    """What people put into the cluster's folder, moved with it; of what is generated there, the edits move anyway."""
    new = folder(cluster.model_copy(update={"environment": to}))
    if old == new:
        return {}
    units = [Unit("cluster", cluster.name), *(Unit(*key, f"{ON}{cluster.name}") for key in _on(spec, cluster.name))]
    known = {unit.lock: lock for unit in units if (lock := session.tree.read(unit.lock))}
    ours = {path for place, lock in known.items() for path in locks.parse(lock.content, place)}
    others = [folder(other) for other in map(spec.cluster, spec.names("cluster")) if other != cluster]
    found: Documents = {}
    for path in _files(session.tree, old, others):
        at = new + path.removeprefix(old)
        if path not in ours and (file := session.tree.read(path)) and session.tree.read(at) in {None, file}:
            found |= {path: None, at: file}
    return found


def _files(tree: Source, place: str, others: list[str]) -> Iterator[str]:
    """The files in a folder, not those in folders of other clusters."""
    for path in (f"{place}/{name}" for name in tree.names(place)):
        if path not in others:
            inside = list(_files(tree, path, others))
            yield from inside or [path]


def _finish(session: Session, spec: Spec, name: str, *, dry_run: bool) -> Report:
    edits = Edits(spec)
    edits.take(("cluster", name), ("movedFrom",))
    made = carry_out(session, "move", edits.files, [("cluster", name)], dry_run=dry_run)
    if not made.documents and not made.files:
        return told(made, f"cluster `{name}` is not on its way from anywhere", "")
    verb = "would be finished" if dry_run else "is finished"
    return told(made, f"the move of cluster `{name}` {verb}", f"Finish the move of cluster {name}")


def _on(spec: Spec, cluster: str) -> Iterator[Key]:
    """The apps and tenants of a cluster alone, which take over the overlays of its environment."""
    apps, tenants = map(spec.app, spec.names("app")), map(spec.tenant, spec.names("tenant"))
    yield from (("app", app.name) for app in apps if cluster in clusters_of(app))
    yield from (("tenant", tenant.name) for tenant in tenants if cluster in clusters_of(tenant))


class _Living(NamedTuple):
    """What lives in an environment."""

    apps: set[str]
    namespaces: set[str]


def _living(spec: Spec, environment: str) -> _Living:
    apps = {app.name for app in map(spec.app, spec.names("app")) if environment in environments_of(spec, app)}
    tenants = {t.name for t in map(spec.tenant, spec.names("tenant")) if environment in environments_of(spec, t)}
    own = {name for name in apps if implied_tenant(spec, name)}
    return _Living(apps, {name for name in tenants | own if not is_furnished(spec, name)})


def _older_flux(spec: Spec, cluster: Cluster, to: str) -> Iterator[Finding]:
    """That the move takes the cluster back to an older Flux, which may not know what the newer one has stored."""
    there = cluster.model_copy(update={"environment": to})
    before, after = install(spec, cluster).version, install(spec, there).version
    if minor_of(after) < minor_of(before):
        message = f"cluster `{cluster.name}` goes back from Flux {before} to {after}"
        hint = "Flux knows no way back over minor versions: set `flux.version` of the cluster, or of the environment"
        yield Finding(level="note", code="older-flux", message=message, hint=hint)


def _losses(session: Session, spec: Spec, cluster: Cluster, to: str) -> Iterator[Finding]:
    """What the cluster's Flux prunes, since it is in the old environment and not in the new one, at their pins."""
    where = f"environment `{to}`"
    before = _at(session, spec, followed(spec, cluster, cluster.environment)) or spec
    ref = followed(spec, cluster, to)
    after = _at(session, spec, ref)
    if after is not spec:
        where += f" at {short(ref)}"
    if after is None:
        message = f"{where} could not be looked at: what it lacks, Flux prunes from the cluster"
        hint = "`git fetch --tags`, then see it with --dry-run"
        yield Finding(level="note", code="unseen", message=message, hint=hint)
        return
    old, new, own = _living(before, cluster.environment), _living(after, to), set(_on(spec, cluster.name))
    for app in sorted(old.apps - new.apps):
        if ("app", app) not in own:
            yield Finding(level="note", code="prunes", message=f"app `{app}` is not in {where}: Flux prunes it")
    for name in sorted(old.namespaces - new.namespaces):
        if not own & {("app", name), ("tenant", name)}:
            message = f"namespace `{name}` is not in {where}: Flux prunes it, with all that is in it, volumes too"
            yield Finding(level="note", code="prunes", message=message)


def _at(session: Session, spec: Spec, ref: str) -> Spec | None:
    """The documents at a ref, if they can be read; for the platform's branch, those of the work tree."""
    if ref == f"refs/heads/{spec.platform.repository.branch}":
        return spec
    found = documents_at(session.repo, ref)
    try:
        for name in found.names("app") if found else ():
            found and found.app(name)
    except DocumentError:
        return None
    return found
