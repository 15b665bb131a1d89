"""`check`: whether a repository is in step with its documents, builds, and shows nothing that is secret."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scaffolder.cli.work.builds import build_findings
from scaffolder.cli.work.components import WAYS, Obtain
from scaffolder.cli.work.schemas import schema_findings
from scaffolder.cli.work.secrets import plaintext_findings
from scaffolder.cli.work.session import Session, beyond_the_release, count, planned, told
from scaffolder.errors import UsageError
from scaffolder.releases import newest
from scaffolder.render.checks import BUILD, DOCUMENTS, SECRETS
from scaffolder.report import Conflict, Finding, Report

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.session import Planned
    from scaffolder.plan import Plan


def check(console: Console, *, only: str | None, schemas: str | None) -> Report:
    """Compares the repository with its documents, builds it, and looks for what is secret.

    Args:
        console: the terminal.
        only: one part, or all of them.
        schemas: where the schemas of Kubernetes are, as kubeconform takes it; objects are not judged without.

    Raises:
        UsageError: what a part that was asked for needs is not on the PATH.
    """
    if schemas is not None and only not in {None, BUILD}:
        raise UsageError(f"--schemas does not go with --only {only}: objects are judged when they are built")
    session = Session.open(console)
    conflicts: tuple[Conflict, ...] = ()
    findings: list[Finding] = []
    if only in {None, DOCUMENTS}:
        conflicts, findings = _in_step(session)
    if only in {None, BUILD}:
        findings += build_findings(session.tree, console, needed=only is not None)
        findings += schema_findings(session, schemas) if schemas is not None else ()
    if only in {None, SECRETS}:
        console.step("looking for secrets in plain text")
        findings += plaintext_findings(session)
    wrong = len(conflicts) + sum(finding.level != "note" for finding in findings)
    return Report(
        command="check",
        exit_code=int(bool(wrong)),
        conflicts=conflicts,
        findings=tuple(findings),
        summary=count(wrong, "finding") if wrong else "everything is in step",
    )


def _in_step(session: Session) -> tuple[tuple[Conflict, ...], list[Finding]]:
    session.console.step("comparing the repository with its documents")
    wanted = planned(session.tree, {}, Obtain(session.console), thorough=True)
    made = wanted.report("check", session.tree, dry_run=False)
    return made.conflicts, [*_findings(wanted), *made.findings]


def _findings(wanted: Planned) -> Iterator[Finding]:
    todo = wanted.todo
    yield from _out_of_step(todo)
    for cluster, file in beyond_the_release(todo):
        message = f"Flux {file.asked.version} for cluster `{cluster}` is missing, and its release's URL would not do"
        hint = f"{file.not_by_url}: `scaffolder vendor` gets it, {WAYS}"
        yield Finding(level="error", code="not-vendored", message=message, hint=hint)
    if todo.edits:
        yield Finding(level="note", code="edits", message=f"edits by hand, which stay: {told(todo.edits)}")
    used = wanted.spec.platform.templates
    if used is not None and used != newest():
        hint = "`scaffolder update` brings them, with all edits; see it first with --dry-run"
        yield Finding(level="note", code="newer-templates", message=f"newer templates: {newest()}", hint=hint)
    url = wanted.spec.platform.repository.url
    if url is None or "//git.invalid/" in url:
        message = "the repository has no URL yet, so no cluster can fetch it"
        hint = "set `repository.url` in the platform document, then `scaffolder sync`"
        yield Finding(level="note", code="no-url", message=message, hint=hint)


def _out_of_step(todo: Plan) -> Iterator[Finding]:
    verbs = {"create": "is missing", "update": "is out of step", "delete": "is no longer generated"}
    hint = "`scaffolder diff` shows what would change, `scaffolder sync` changes it"
    last = max(todo.files, default="")
    for path, change in sorted(todo.files.items()):
        shown = hint if path == last else ""
        yield Finding(level="error", code="out-of-step", message=verbs[change.verb], path=path, hint=shown)
    if todo.locks and not todo.files and not todo.conflicts:
        path, hint = min(todo.locks), "`scaffolder sync` writes it"
        yield Finding(level="error", code="lock", message="the lock is out of step", path=path, hint=hint)
