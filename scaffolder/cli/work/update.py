"""`update`: other templates, newer or older, with all that people did to the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder import releases
from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.edits import documents, told
from scaffolder.cli.work.session import Session, count, planned, refuse_without_components
from scaffolder.errors import UsageError, shown
from scaffolder.spec.problems import suggest
from scaffolder.spec.write import Edits

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.report import Report


def update(console: Console, *, to: str | None, dry_run: bool) -> Report:
    """Writes the version of the templates into the platform document, and brings everything in step.

    Raises:
        UsageError: there is no such version.
    """
    version = to if to is not None else releases.newest()
    if version not in releases.versions():
        raise UsageError(f"no templates {shown(version)}{suggest(version, releases.versions())}")
    session = Session.open(console)
    spec = documents(session)
    before, edits = spec.platform.templates, Edits(spec)
    edits.put(("platform", spec.platform.name), ("templates",), version)
    console.step(f"bringing the repository to templates {version}")
    obtain = Obtain(console)
    wanted = planned(session.tree, edits.files, obtain)
    refuse_without_components(wanted.todo, obtain)
    made = session.carry_out("update", wanted, dry_run=dry_run)
    if not made.documents and wanted.todo.empty:
        return told(made, f"the templates are {version} already", "")
    verb = "would be updated" if dry_run else "are updated"
    step = f" from {before}" if before not in {None, version} else ""
    summary = f"the templates {verb}{step} to {version}: {count(len(made.files), 'file')} changed"
    return told(made, summary, f"Update templates to {version}")
