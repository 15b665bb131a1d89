"""`adopt`: takes a repository as it is. Documents, locks and files of ours come to it; no file in it is changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder import git, plan
from scaffolder import lock as locks
from scaffolder.cli.work import found, starter
from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.session import Planned, Session, checked, count, has_documents, refuse_without_components
from scaffolder.cli.work.taken import Taken
from scaffolder.errors import GitError, UsageError, shown
from scaffolder.flux.components import digest
from scaffolder.flux.options import install
from scaffolder.flux.read import install_of
from scaffolder.lock import WHOLE, Entry
from scaffolder.plan.vendor import path_of
from scaffolder.render.units import Unit
from scaffolder.spec.rules import folder
from scaffolder.tree import File, Memory

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.session import Documents
    from scaffolder.report import Report
    from scaffolder.spec.load import Spec
    from scaffolder.tree import Source

MESSAGE: Final = "Adopt scaffolder"
NEXT: Final = ("scaffolder diff --against HEAD", f"git add -A && git commit -m '{MESSAGE}'")


@dataclass(frozen=True)
class Asked:
    """What to adopt it with; None where that is to be found out."""

    file: Path | None
    name: str | None
    manifests: str | None


def adopt(console: Console, *, asked: Asked, dry_run: bool) -> Report:
    """Takes the repository that the working directory is in.

    Raises:
        UsageError: no cluster is found, or there are documents both here and in the file.
        GitError: a merge is not finished.
    """
    session = Session.at(git.find(console.place), console)
    if left := git.unfinished(session.repo):
        raise GitError("a merge is not finished here", hint=f"finish it first: {left.go_on}")
    known = found.bootstrapped(session.repo, session.tree)
    documents = _documents(session, known, asked)
    console.step("comparing what is there with what the documents ask for")
    after = Memory(documents, session.tree)
    spec = checked(after)
    _refuse_other_namespaces(known, spec)
    obtain = Obtain(console, asked.manifests, network=_lacks_components(session.tree, spec))
    fresh = plan.make(spec, _alone(after, spec, obtain), plan.Tools(git.merge_file, obtain))
    refuse_without_components(fresh, obtain)
    taken = Taken(session.tree, spec, fresh)
    taken.decide()
    made = session.carry_out("adopt", Planned(documents, spec, taken.todo), dry_run=dry_run)
    findings = tuple(taken.notes) if documents or not taken.todo.empty else ()
    return made.model_copy(
        update={
            "summary": _summary(taken, documents, dry_run=dry_run),
            "exit_code": made.exit_code if made.conflicts else 0,
            "message": MESSAGE,
            "findings": (*(known for known in made.findings if known.code != "lock"), *findings),
            "next": NEXT if (documents or not taken.todo.empty) and not (dry_run or made.conflicts) else (),
        }
    )


def _summary(taken: Taken, documents: Documents, *, dry_run: bool) -> str:
    if not documents and taken.todo.empty:
        return "everything is adopted already"
    verb = "would be" if dry_run else "are"
    ours, edited = count(taken.equal, "file"), count(len(taken.todo.edits), "file")
    return f"{ours} {verb} taken as generated, {edited} as edited by you; nothing that was here is changed"


def _documents(session: Session, known: Sequence[found.Found], asked: Asked) -> Documents:
    if has_documents(session.tree):
        if asked.file or asked.name:
            flag = "--file" if asked.file else "--name"
            raise UsageError(f"{flag} is of no use here: the repository has documents", hint="`scaffolder adopt` does")
        return {}
    if asked.file:
        return starter.given(asked.file)
    return found.documents(session.tree, known, asked.name, git.current_branch(session.repo))


def _refuse_other_namespaces(known: Sequence[found.Found], spec: Spec) -> None:
    """A second Flux beside the one that is there would be the end of both."""
    ours, folders = spec.platform.flux.namespace, {folder(spec.cluster(name)) for name in spec.names("cluster")}
    for each in known:
        if each.folder in folders and each.sync and each.sync.namespace != ours:
            message = f"in {each.folder or '.'} Flux is in the namespace {shown(each.sync.namespace)}, not in `{ours}`"
            raise UsageError(message, hint="a platform has one namespace for Flux: `flux.namespace`")


def _lacks_components(tree: Source, spec: Spec) -> bool:
    """Whether Flux has to be fetched for a cluster, as it is for a new one."""
    return any(tree.read(path_of(spec, name)) is None for name in spec.names("cluster"))


def _alone(after: Source, spec: Spec, obtain: Obtain) -> Memory:
    """The documents in a repository that holds nothing else but the components that cannot be had from elsewhere."""
    files: dict[str, File | None] = {place.file: after.read(place.file) for place in spec.places.values()}
    for name in spec.names("cluster"):
        path, asked = path_of(spec, name), install(spec, spec.cluster(name))
        there = after.read(path)
        if there is None or obtain(asked) is not None:
            continue
        files[path] = there
        if install_of(there.content.decode("utf-8", "replace")) == asked:
            entry = Entry(WHOLE, (locks.digest(there.content), digest(asked)))
            files[Unit("cluster", name).lock] = File(locks.dump({path: entry}))
    return Memory(files)
