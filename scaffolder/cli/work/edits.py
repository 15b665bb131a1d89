"""What the commands share that edit documents which are there: names that must be known, and the way to the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.session import count, planned, refuse_without_components
from scaffolder.errors import DocumentError, UsageError, shown
from scaffolder.spec.load import Spec
from scaffolder.spec.problems import suggest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scaffolder.cli.work.session import Documents, Session
    from scaffolder.report import Finding, Report
    from scaffolder.spec.load import Key


def documents(session: Session) -> Spec:
    """The documents; raises `DocumentError` where they are such that one could be missed."""
    spec = Spec(session.tree)
    if spec.bad or spec.doubled:
        raise DocumentError([*spec.bad, *spec.doubled])
    return spec


def must_be_there(spec: Spec, kind: str, name: str, hint: str = "") -> None:
    """Raises `UsageError` where there is no such document."""
    if (kind, name) not in spec:
        raise UsageError(f"no {kind} {shown(name)}{suggest(name, spec.names(kind))}", hint=hint)


def carry_out(session: Session, command: str, documents: Documents, touched: Sequence[Key], *, dry_run: bool) -> Report:
    """Writes edited documents, and brings in step what reads them."""
    obtain = Obtain(session.console)
    wanted = planned(session.tree, documents, obtain, touched=list(touched))
    refuse_without_components(wanted.todo, obtain)
    return session.carry_out(command, wanted, dry_run=dry_run)


def outcome(summary: str, made: Report) -> str:
    """The last line of a report, which must not sound finished where conflicts are left."""
    return f"{summary}, with {count(len(made.conflicts), 'conflict')} to solve" if made.conflicts else summary


def told(
    made: Report, summary: str, message: str, steps: Sequence[str] = (), findings: Sequence[Finding] = ()
) -> Report:
    """The report with its last line, more to know, and what comes next: a commit with a message, then these steps."""
    found = {"summary": outcome(summary, made), "findings": (*made.findings, *findings), "message": message}
    if made.dry_run or made.conflicts or not (made.documents or made.files):
        return made.model_copy(update=found)
    return made.model_copy(update={**found, "next": (f"git add -A && git commit -m '{message}'", *steps)})
