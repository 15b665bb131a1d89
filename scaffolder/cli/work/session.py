"""One repository, one command: open it, read its documents, plan, write, report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder import apply, git, plan, report
from scaffolder.cli.work.components import Obtain
from scaffolder.errors import DocumentError, UsageError
from scaffolder.flux import rules as flux_rules
from scaffolder.flux.components import Install
from scaffolder.render.units import Scope, affected
from scaffolder.report import Finding, Report
from scaffolder.spec import rules
from scaffolder.spec.load import APART, TOGETHER, Key, Spec
from scaffolder.templates import versions
from scaffolder.tree import File, Memory

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.plan import Plan
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
    return spec


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
        repo = git.find(Path.cwd())
        session = cls.at(repo, console)
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
        return cls(repo, apply.WorkTree(repo.root, repo.git_dir), console)

    def change(
        self, command: str, documents: Documents, touched: list[Key], *, dry_run: bool, obtain: Obtain
    ) -> Report:
        """An edit of documents, and what follows from it. Only what reads the touched documents is looked at."""
        source = Memory(documents, self.tree)
        spec = checked(source, touched)
        todo = plan.make(spec, source, tools(obtain), scope=_scope(spec, touched))
        fallback(todo, obtain)
        made = self.report(command, spec, todo, documents, dry_run=dry_run)
        if not dry_run:
            apply.carry_out(self.tree, todo, documents)
        return made

    def report(self, command: str, spec: Spec, todo: Plan, documents: Documents, *, dry_run: bool) -> Report:
        """What a plan would do; to be made before it is carried out."""
        made = Report(
            command=command,
            dry_run=dry_run,
            documents=report.documents_of(documents, self.tree),
            files=report.files_of(todo),
            conflicts=report.conflicts_of(todo),
            findings=tuple(notes(spec, todo)),
        )
        return made.model_copy(update={"exit_code": report.exit_code(made)})


def _scope(spec: Spec, touched: list[Key]) -> Scope | None:
    scope: Scope = set()
    for kind, name in touched:
        part = affected(spec, kind, name)
        if part is None:
            return None
        scope |= part
    return scope


def tools(obtain: Obtain) -> plan.Tools:
    return plan.Tools(git.merge_file, obtain)


def has_documents(source: Source) -> bool:
    return source.read(TOGETHER) is not None or bool(source.names(APART))


def fallback(todo: Plan, obtain: Obtain) -> None:
    """Whether clusters can do without their components: the release is then referenced by its URL.

    Raises:
        UsageError: the options are not Flux's defaults, so that the release as it is would not be what was asked for.
    """
    for cluster, file in sorted(todo.unvendored.items()):
        if not file.present and file.asked != Install(file.asked.version):
            raise UsageError(
                f"Flux {file.asked.version} for cluster `{cluster}` cannot be had: {obtain.reason(file.asked)}",
                hint="its options are not Flux's defaults, so it must be vendored: --manifests DIR with the release's "
                "unpacked manifests.tar.gz, or run this where github.com can be reached",
            )


def notes(spec: Spec, todo: Plan) -> list[Finding]:
    """What a person should know after any command."""
    found = []
    missing = [cluster for cluster, file in todo.unvendored.items() if not file.present]
    behind = [cluster for cluster, file in todo.unvendored.items() if file.present]
    if missing:
        message = f"{clusters(missing)} by URL from its release: its manifests could not be had"
        hint = "the repository works as it is; `scaffolder check` reminds of it"
        found.append(Finding(level="note", code="not-vendored", message=f"Flux is taken for {message}", hint=hint))
    if behind:
        message = f"gotk-components.yaml of {clusters(behind)} is not what the documents ask for"
        hint = "run this where github.com can be reached, or give the release's manifests"
        found.append(Finding(level="warning", code="not-vendored", message=message, hint=hint))
    pinned = {ref for name in spec.names("environment") if (ref := spec.environment(name).ref) and "refs/tags/" in ref}
    if pinned and todo.files:
        tags = ", ".join(sorted(ref.removeprefix("refs/tags/") for ref in pinned))
        message = f"what is pinned to a tag ({tags}) gets this with the next pin"
        found.append(Finding(level="note", code="pinned", message=message))
    return found


def clusters(names: list[str]) -> str:
    """Clusters told in a few words."""
    shown = ", ".join(f"`{name}`" for name in sorted(names)[:FEW])
    return f"{shown} and {len(names) - FEW} more clusters" if len(names) > FEW else shown
