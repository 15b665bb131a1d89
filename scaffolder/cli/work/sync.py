"""`sync`, `diff` and `check`: bring a repository in step with its documents, or see how far it is from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from scaffolder import git, report, undo
from scaffolder.cli.work.builds import build_findings
from scaffolder.cli.work.components import WAYS, Obtain
from scaffolder.cli.work.session import Session, beyond_the_release, count, planned, refuse_without_components, told
from scaffolder.errors import ConflictError, UsageError
from scaffolder.releases import newest
from scaffolder.report import Finding, Report
from scaffolder.spec.load import APART, TOGETHER

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.session import Planned
    from scaffolder.plan import Plan


def sync(console: Console, *, dry_run: bool) -> Report:
    """Brings the repository in step with its documents."""
    session = Session.open(console)
    left = _unfinished(session)
    console.step("comparing the repository with its documents")
    obtain = Obtain(console)
    wanted = planned(session.tree, {}, obtain, left=left)
    refuse_without_components(wanted.todo, obtain)
    made = session.carry_out("sync", wanted, dry_run=dry_run)
    findings = tuple(f for f in made.findings if f.code != "not-vendored" or f.level == "warning")
    return made.model_copy(
        update={
            "summary": _outcome(wanted.todo, dry_run=dry_run),
            "exit_code": made.exit_code if made.conflicts else 0,
            "findings": findings,
            "next": (f"git add -A && {left.go_on}",) if left and not made.conflicts and not dry_run else (),
        }
    )


def _unfinished(session: Session) -> git.Unfinished | None:
    """What git left of a merge, as it was before a command that was killed since."""
    left = git.unfinished(session.repo)
    if left is None:
        return None
    _refuse_documents(left)
    last = undo.killed(session.tree.git_dir)
    if last is None:
        return left
    ours = {kept.path for kept in last.kept if undo.is_ours(session.tree, kept)}
    return replace(left, touched=left.touched - ours, stuck=left.stuck | git.unmerged(last.index))


def _refuse_documents(left: git.Unfinished) -> None:
    """What documents should say when two people changed one is theirs to decide."""
    stuck = sorted(path for path in left.stuck if path == TOGETHER or path.startswith(f"{APART}/"))
    if stuck:
        lines = "\n".join(f"{path}: git could not merge this document" for path in stuck)
        raise ConflictError(lines, hint="solve it, `git add` it, then `scaffolder sync` does the rest")


def abort(console: Console, *, dry_run: bool) -> Report:
    """Takes back what the last command wrote; what people changed since stays.

    Raises:
        UsageError: there is nothing to take back.
    """
    session = Session.open(console)
    last = undo.load(session.tree.git_dir)
    if last is None:
        raise UsageError("there is no command to take back here")
    if dry_run:
        paths = [kept.path for kept in last.kept if session.tree.read(kept.path) != kept.before]
        return Report(
            command="sync", dry_run=True, summary=f"{last.command}: {count(len(paths), 'file')} would go back"
        )
    back, stay = undo.take_back(session.tree, last)
    git.restore(session.repo, [line for line in last.index if line.partition("\t")[2] not in stay])
    undo.forget(session.tree.git_dir)
    notes = tuple(Finding(level="note", code="changed-since", message="changed since, and stays", path=p) for p in stay)
    return Report(command="sync", findings=notes, summary=f"{last.command}: {count(len(back), 'file')} went back")


def _outcome(todo: Plan, *, dry_run: bool) -> str:
    if todo.conflicts:
        return f"{count(len(todo.conflicts), 'conflict')}; everything else is in step"
    if todo.empty:
        return "everything is in step"
    verb = "would change" if dry_run else "changed"
    return f"{count(len(todo.files), 'file')} {verb}" if todo.files else f"only locks {verb}"


def diff(console: Console) -> Report:
    """Shows what `sync` would change, as a patch."""
    session = Session.open(console)
    console.step("comparing the repository with its documents")
    wanted = planned(session.tree, {}, Obtain(console))
    for path, change in sorted(wanted.todo.files.items()):
        console.out(report.unified(path, change.before, change.after))
    made = wanted.report("diff", session.tree, dry_run=True).model_copy(update={"exit_code": 0})
    return made if console.json else Report(command="diff", conflicts=made.conflicts)


def check(console: Console) -> Report:
    """Compares the repository with its documents, and builds it."""
    session = Session.open(console)
    console.step("comparing the repository with its documents")
    wanted = planned(session.tree, {}, Obtain(console), thorough=True)
    made = wanted.report("check", session.tree, dry_run=False)
    findings = (*_findings(wanted), *made.findings, *build_findings(session.tree, console))
    wrong = len(made.conflicts) + sum(finding.level != "note" for finding in findings)
    return Report(
        command="check",
        exit_code=int(bool(wrong)),
        conflicts=made.conflicts,
        findings=findings,
        summary=count(wrong, "finding") if wrong else "everything is in step",
    )


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
