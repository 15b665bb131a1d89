"""`sync` and `diff`: bring a repository in step with its documents, or see how far it is from it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scaffolder import git, report, undo
from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.session import Session, count, planned, refuse_without_components
from scaffolder.errors import ConflictError, UsageError
from scaffolder.report import Finding, Report
from scaffolder.spec.load import APART, TOGETHER

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
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
            "message": f"Bring platform {wanted.spec.platform.name} in step",
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
