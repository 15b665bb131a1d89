"""`vendor`: each cluster's `gotk-components.yaml`, as its documents ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.session import Session, checked, count, planned, told
from scaffolder.errors import ForgeError
from scaffolder.flux.options import install
from scaffolder.render.inputs import COMPONENTS
from scaffolder.spec.model import Cluster

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.session import Planned
    from scaffolder.report import Report

MESSAGE: Final = "Vendor Flux"


def vendor(console: Console, *, manifests: str | None, dry_run: bool) -> Report:
    """Fetches what is missing, and brings the clusters' own files in step with it; nothing else is touched.

    Raises:
        ForgeError: some of it cannot be had; then nothing is written.
    """
    session = Session.open(console)
    console.step("comparing the clusters' components with the documents")
    obtain = Obtain(console, manifests, network=True)
    clusters = checked(session.tree).names("cluster")
    wanted = planned(session.tree, {}, obtain, touched=[("cluster", name) for name in clusters])
    _refuse_missing(wanted, obtain)
    done = session.carry_out("vendor", wanted, dry_run=dry_run)
    after = (
        (f"git add -A && git commit -m '{MESSAGE}'",)
        if wanted.todo.files and not (dry_run or wanted.todo.conflicts)
        else ()
    )
    return done.model_copy(update={"summary": _outcome(wanted, dry_run=dry_run), "message": MESSAGE, "next": after})


def _refuse_missing(wanted: Planned, obtain: Obtain) -> None:
    """All clusters' components, or nothing: half of it would have to be looked for.

    Where people name one release, and some clusters have another, those of the named one are all.
    """
    spec, unvendored = wanted.spec, wanted.todo.unvendored
    some = any(obtain.fits(install(spec, cluster)) for cluster in spec.all(Cluster))
    if missing := {name: file.asked for name, file in unvendored.items() if obtain.fits(file.asked) or not some}:
        asked = missing[min(missing)]
        message = f"Flux {asked.version} for {told(list(missing))} cannot be had: {obtain.reason(asked)}"
        raise ForgeError(message, hint=obtain.way_out)


def _outcome(wanted: Planned, *, dry_run: bool) -> str:
    todo = wanted.todo
    if todo.conflicts:
        return f"{count(len(todo.conflicts), 'conflict')}; everything else is in step"
    if todo.empty:
        return "Flux's components are in step"
    verb = "would change" if dry_run else "changed"
    fetched = sum(path.endswith(f"/{COMPONENTS}") for path in todo.files)
    return f"Flux's components of {count(fetched, 'cluster')} {verb}" if fetched else f"only files beside them {verb}"
