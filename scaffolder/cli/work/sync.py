"""`sync`, `diff` and `check`: bring a repository in step with its documents, or see how far it is from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scaffolder import apply, plan, report
from scaffolder.cli.work.builds import build_findings
from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.session import Session, checked, notes, tools
from scaffolder.report import Finding, Report

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.plan import Plan
    from scaffolder.spec.load import Spec


def sync(console: Console, *, dry_run: bool) -> Report:
    """Brings the repository in step with its documents."""
    session = Session.open(console)
    spec = checked(session.tree)
    todo = plan.make(spec, session.tree, tools(Obtain(console)))
    made = session.report("sync", spec, todo, {}, dry_run=dry_run)
    if not dry_run:
        apply.carry_out(session.tree, todo)
    findings = tuple(f for f in made.findings if f.code != "not-vendored" or f.level == "warning")
    code = report.exit_code(made) if made.conflicts else 0
    return made.model_copy(update={"summary": _outcome(todo, dry_run=dry_run), "exit_code": code, "findings": findings})


def _outcome(todo: Plan, *, dry_run: bool) -> str:
    if todo.conflicts:
        return f"{_count(len(todo.conflicts), 'conflict')}; everything else is in step"
    if todo.empty:
        return "everything is in step"
    changes = _count(len(todo.files), "file") + (" would change" if dry_run else " changed")
    return changes if todo.files else "the locks are in step"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def diff(console: Console) -> Report:
    """Shows what `sync` would change, as a patch."""
    session = Session.open(console)
    spec = checked(session.tree)
    todo = plan.make(spec, session.tree, tools(Obtain(console)))
    for path, change in sorted(todo.files.items()):
        console.out(report.unified(path, change.before, change.after))
    made = session.report("diff", spec, todo, {}, dry_run=True)
    return (
        made.model_copy(update={"exit_code": 0}) if console.json else Report(command="diff", conflicts=made.conflicts)
    )


def check(console: Console) -> Report:
    """Compares the repository with its documents, and builds it."""
    session = Session.open(console)
    console.step("reading the documents")
    spec = checked(session.tree)
    console.step("comparing the repository with what they ask for")
    todo = plan.make(spec, session.tree, tools(Obtain(console)), thorough=True)
    findings = [*_findings(spec, todo), *notes(spec, todo)]
    findings += build_findings(session.tree, spec, console)
    made = Report(command="check", conflicts=report.conflicts_of(todo), findings=tuple(findings))
    wrong = len(made.conflicts) + sum(finding.level != "note" for finding in findings)
    summary = f"{_count(wrong, 'finding')}" if wrong else "everything is in step"
    return made.model_copy(update={"exit_code": 1 if wrong else 0, "summary": summary})


def _findings(spec: Spec, todo: Plan) -> list[Finding]:
    found = []
    hint = "`scaffolder sync` brings it in step; `scaffolder diff` shows what would change"
    for number, (path, change) in enumerate(sorted(todo.files.items())):
        verb = {"create": "is missing", "update": "is out of step", "delete": "is no longer generated"}[change.verb]
        shown = hint if number == len(todo.files) - 1 else ""
        found.append(Finding(level="error", code="out-of-step", message=verb, path=path, hint=shown))
    if todo.locks and not todo.files and not todo.conflicts:
        path = min(todo.locks)
        found.append(
            Finding(level="error", code="lock", message="the lock is out of step", path=path, hint="`scaffolder sync`")
        )
    if todo.edits:
        paths = ", ".join(todo.edits[:3]) + (f" and {len(todo.edits) - 3} more" if len(todo.edits) > 3 else "")  # noqa: PLR2004
        found.append(Finding(level="note", code="edits", message=f"edits by hand, which stay: {paths}"))
    if spec.platform.repository.url is None or "//git.invalid/" in spec.platform.repository.url:
        message = "the repository has no URL yet, so no cluster can fetch it"
        hint = "set `repository.url` in the platform document, then `scaffolder sync`"
        found.append(Finding(level="note", code="no-url", message=message, hint=hint))
    return found
