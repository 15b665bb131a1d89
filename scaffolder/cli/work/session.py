"""One repository, one command: open it, read its documents, plan, write, report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from scaffolder import apply, git, plan, report, undo
from scaffolder.cli.work import pinned, switched, turns
from scaffolder.cli.work.components import WAYS
from scaffolder.cli.work.damage import damaged
from scaffolder.errors import DocumentError, UsageError
from scaffolder.flux import rules as flux_rules
from scaffolder.plan import Change
from scaffolder.releases import versions
from scaffolder.render import support
from scaffolder.render.units import LOCKS, Scope, Unit, affected
from scaffolder.report import Finding, Report
from scaffolder.spec import rules
from scaffolder.spec.load import APART, TOGETHER, Key, Spec
from scaffolder.tree import File, Memory

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.components import Obtain
    from scaffolder.plan import Plan
    from scaffolder.plan.vendor import Vendored
    from scaffolder.tree import Source

FEW: Final = 3  # names that are told before the rest is counted
Documents = dict[str, File | None]


def checked(source: Source, keys: list[Key] | None = None) -> Spec:
    """The documents of a repository, all rules held (or those that concern some documents).

    Raises:
        DocumentError: with every problem.
    """
    spec = Spec(source)
    rules.check(spec, keys)
    flux_rules.check(spec, keys)
    wanted = spec.platform.templates
    if wanted is not None and wanted not in versions():
        key = ("platform", spec.platform.name)
        place = f"{spec.places[key].file}:{spec.parsed(key).at(('templates',))}"
        known = ", ".join(versions())
        raise DocumentError([f"{place}: no templates `{wanted}` in this scaffolder; it has {known}"])
    if lines := support.problems(spec):
        raise DocumentError(lines)
    return spec


@dataclass(frozen=True)
class Planned:
    """Documents that a command writes, all documents as they will be, and the files that follow from them."""

    documents: Documents
    spec: Spec
    todo: Plan

    @property
    def paths(self) -> set[str]:
        """Everything that is written or deleted."""
        return {*self.documents, *self.todo.files, *self.todo.locks}

    def report(self, command: str, before: Source, *, dry_run: bool) -> Report:
        """What carrying this out does; to be asked before it is done."""
        made = Report(
            command=command,
            dry_run=dry_run,
            documents=report.documents_of(self.documents, before),
            files=report.files_of(self.todo),
            conflicts=report.conflicts_of(self.todo),
            findings=(*notes(self.spec, self.todo), *damaged(before, self.todo)),
        )
        return made.model_copy(update={"exit_code": report.exit_code(made)})


def planned(
    source: Source,
    documents: Documents,
    obtain: Obtain,
    *,
    touched: list[Key] | None = None,
    thorough: bool = False,
    left: git.Unfinished | None = None,
) -> Planned:
    """What follows from an edit of the documents.

    Args:
        source: the repository as it is.
        documents: those that are new or changed, by path.
        obtain: where Flux's components come from.
        touched: only what reads these is looked at; everything unless given.
        thorough: also look at files whose template has no news.
        left: a merge that git could not finish, which is to be finished.

    Raises:
        DocumentError: the documents are wrong.
        UsageError: a cluster cannot do without components that cannot be had.
    """
    killed = undo.killed(source.git_dir) if isinstance(source, apply.WorkTree) else None
    before = undo.as_before(source, killed) if isinstance(source, apply.WorkTree) and killed else {}
    if killed:
        touched = None
    after = Memory({**before, **documents}, source)
    spec = checked(after, touched)
    scope = None if touched is None else _scope(spec, touched)
    todo = plan.make(
        spec, after, plan.Tools(git.merge_file, obtain, obtain.named), scope=scope, thorough=thorough, left=left
    )
    _allow_for(todo, before, source, Unit("platform", spec.platform.name))
    return Planned(documents, spec, todo)


def _allow_for(todo: Plan, before: Mapping[str, File | None], source: Source, unit: Unit) -> None:
    """Makes a plan from what was before a killed command one from what that left; its own is done or goes back."""
    for path, file in before.items():
        now = source.read(path)
        if path.startswith(f"{LOCKS}/"):
            lock = todo.locks.pop(path, file.content if file else None)
            if lock != (now and now.content):
                todo.locks[path] = lock
            continue
        change = todo.files.pop(path, Change(file, file, unit))
        if change.after != now:
            todo.files[path] = replace(change, before=now)


def _scope(spec: Spec, touched: list[Key]) -> Scope | None:
    scope: Scope = set()
    for kind, name in touched:
        part = affected(spec, kind, name)
        if part is None:
            return None
        scope |= part
    return scope


@dataclass(frozen=True)
class Session:
    """A work tree with documents in it."""

    repo: git.Repo
    tree: apply.WorkTree
    console: Console

    @classmethod
    def open(cls, console: Console) -> Session:
        """The repository that the working directory is in.

        Raises:
            UsageError: none, or one without documents.
        """
        session = cls.at(git.find(console.place), console)
        if not has_documents(session.tree):
            raise UsageError(
                f"{session.tree.root} holds no documents: neither {TOGETHER} nor {APART}/",
                hint="`scaffolder new DIR` makes a repository with documents",
            )
        return session

    @classmethod
    def at(cls, repo: git.Repo, console: Console) -> Session:
        if repo.root is None:
            raise UsageError(f"{repo.git_dir} has no work tree")
        if git.is_sparse(repo):
            message = f"{repo.root} is a sparse checkout: what is not there cannot be kept"
            raise UsageError(message, hint="git sparse-checkout disable, then run this again")
        turns.take(repo.git_dir, console)
        return cls(repo, apply.WorkTree(repo.root, repo.git_dir), console)

    def carry_out(self, command: str, wanted: Planned, *, dry_run: bool) -> Report:
        """Writes what is planned, unless it is only to be shown; what it overwrites can be had back."""
        made = wanted.report(command, self.tree, dry_run=dry_run)
        if not dry_run and (wanted.documents or not wanted.todo.empty or wanted.todo.solved):
            self._write(command, wanted)
        elif not dry_run and undo.killed(self.tree.git_dir):
            undo.end(self.tree.git_dir)
        return made

    def _write(self, command: str, wanted: Planned) -> None:
        """Writes what is planned; git's index learns of new conflicts before, and of solved ones afterwards."""
        todo = wanted.todo
        effects = apply.effects(todo, wanted.documents)
        known = git.stages(self.repo) if todo.solved or todo.theirs else {}
        solved = [path for path in todo.solved if path in known]
        changed = {path: (todo.files[path].before, file) for path, file in todo.theirs.items() if path in todo.files}
        sides = {path: (ours, file) for path, (ours, file) in changed.items() if ours and path not in known}
        lines = [*(line for path in solved for line in known[path]), *git.indexed(self.repo, list(sides))]
        self.tree.refuse(path for path, _ in effects)
        undo.begin(self.tree, command, effects, lines, wanted.documents)
        git.mark(self.repo, sides)
        self.tree.write_all(effects)
        git.add(self.repo, solved)
        undo.end(self.tree.git_dir)


def has_documents(source: Source) -> bool:
    return source.read(TOGETHER) is not None or bool(source.names(APART))


def refuse_without_components(todo: Plan, obtain: Obtain) -> None:
    """A cluster without its components references the release by URL, which has Flux's defaults and nothing else.

    Raises:
        UsageError: a cluster asks for something else.
    """
    for cluster, file in beyond_the_release(todo):
        raise UsageError(
            f"Flux {file.asked.version} for cluster `{cluster}` cannot be had: {obtain.reason(file.asked)}",
            hint=f"{file.not_by_url}, so its release's URL would not do; {obtain.way_out}",
        )


def refuse_other_components(todo: Plan, obtain: Obtain) -> None:
    """What is pushed must not say one Flux and hold another.

    Raises:
        UsageError: a cluster's components are there, and are not those that its documents ask for.
    """
    for cluster, file in sorted(todo.unvendored.items()):
        if file.present:
            message = f"Flux {file.asked.version} for cluster `{cluster}` cannot be had: {obtain.reason(file.asked)}"
            raise UsageError(message, hint=obtain.way_out)


def beyond_the_release(todo: Plan) -> list[tuple[str, Vendored]]:
    """The clusters for which the release as it is would not do, and that have nothing else."""
    return [(name, file) for name, file in sorted(todo.unvendored.items()) if not file.present and file.not_by_url]


def notes(spec: Spec, todo: Plan) -> list[Finding]:
    """What a person should know after any command."""
    found = []
    if missing := [name for name, file in todo.unvendored.items() if not file.present]:
        message = f"Flux's manifests could not be had: {told(missing)} fetch them from the release's URL"
        hint = f"that works; `scaffolder vendor` puts them into the repository, {WAYS}"
        found.append(Finding(level="note", code="not-vendored", message=message, hint=hint))
    if behind := [name for name, file in todo.unvendored.items() if file.present]:
        message = f"gotk-components.yaml of {told(behind)} is not what the documents ask for"
        hint = f"`scaffolder vendor` gets it, {WAYS}"
        found.append(Finding(level="warning", code="not-vendored", message=message, hint=hint))
    return [*found, *pinned.note(spec, todo), *switched.notes(spec, todo)]


def told(names: Sequence[str]) -> str:
    """Names in a few words."""
    shown = ", ".join(f"`{name}`" for name in sorted(names)[:FEW])
    return f"{shown} and {len(names) - FEW} more" if len(names) > FEW else shown


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
