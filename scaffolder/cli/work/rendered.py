"""`diff --rendered`: which Kubernetes objects change, on which clusters, from what is built and not from text."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import Field
from pydantic.alias_generators import to_camel

from scaffolder import git
from scaffolder.bridge.builder import FREE, Builder, on_path
from scaffolder.bridge.kustomize import Offline
from scaffolder.cli.work.changes import Change, together, told
from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.edits import documents
from scaffolder.cli.work.session import Session, count, has_documents, planned
from scaffolder.cli.work.sides import Builds, Side, compared
from scaffolder.errors import UsageError, shown
from scaffolder.flux.versions import KUSTOMIZE
from scaffolder.report import Report
from scaffolder.spec.load import Spec
from scaffolder.tree import File, Memory

if TYPE_CHECKING:
    from scaffolder.cli.console import Console

ALONE: Final = {"name": "folder", "namespace": "flux-system"}  # a Flux Kustomization that changes nothing


class Rendered(Report):
    """A report with the objects that change: a record for each change, with the names of its clusters."""

    objects: tuple[dict[str, Any], ...] = Field(
        description="Each object that changes: `change` (`added`, `changed`, `removed`), `apiVersion`, `kind`, "
        "`namespace`, `name`, `fields` (the paths of those that differ) and `clusters`."
    )


def diff(console: Console, *, against: str | None) -> Report:
    """Shows which objects differ between the work tree and what `sync` makes of it, or between a commit and it.

    Raises:
        UsageError: nothing to build with is on the PATH, or there is no such commit.
    """
    session = Session.open(console)
    with tempfile.TemporaryDirectory(prefix="scaffolder-") as scratch:
        builder = _builder(Path(scratch))
        made, before, after = _of_sync(session) if against is None else _of_commit(session, against)
        builds = Builds(builder, (before.source, after.source))
        console.step(f"building what the clusters get with {Path(builder.words[0]).name}")
        rows = together(compared(builds, before, after))
    console.out(told(rows))
    errors = tuple(builds.findings())
    return Rendered(
        command="diff",
        dry_run=True,
        exit_code=int(any(found.level == "error" for found in errors)),
        conflicts=made.conflicts,
        findings=(*(found for found in made.findings if found.code == "pinned"), *errors),
        objects=tuple(_record(*row) for row in rows),
        summary=_summary(rows, whole=not errors),
    )


def _of_sync(session: Session) -> tuple[Report, Side, Side]:
    """The work tree as it is, and as `sync` makes it; and what there is to know of that."""
    session.console.step("comparing the repository with its documents")
    wanted = planned(session.tree, {}, Obtain(session.console))
    files: dict[str, File | None] = {path: change.after for path, change in wanted.todo.files.items()}
    before, after = session.tree, Memory(files, session.tree)
    made = wanted.report("diff", session.tree, dry_run=True)
    return made, Side(Offline(before), wanted.spec, past=True), Side(Offline(after), wanted.spec)


def _of_commit(session: Session, ref: str) -> tuple[Report, Side, Side]:
    """The repository at a commit, and the work tree as it is."""
    commit = git.commit_at(session.repo, ref)
    if commit is None:
        raise UsageError(f"--against {shown(ref)}: there is no such commit, branch or tag")
    spec = documents(session)
    then = Spec(commit) if has_documents(commit) else spec
    if then.unreadable(key for key in then.places if key[0] in {"platform", "cluster"}) or then.platform_problems():
        then = spec  # the clusters are looked for where they are now
    return Report(command="diff"), Side(Offline(commit), then, past=True), Side(Offline(session.tree), spec)


def _builder(scratch: Path) -> Builder:
    """What is on the PATH: kustomize or kubectl, or else flux, which is slower."""
    if found := on_path():
        return Builder((*found.words, *FREE))
    flux = shutil.which("flux")
    if flux is None:
        hint = "install one of them; without --rendered, `scaffolder diff` shows what changes in the files"
        raise UsageError("neither kustomize, kubectl nor flux is on the PATH: nothing can be built", hint=hint)
    nothing = {"apiVersion": f"{KUSTOMIZE}/v1", "kind": "Kustomization", "metadata": ALONE, "spec": {}}
    asked = scratch / "kustomization.json"
    asked.write_text(json.dumps(nothing), encoding="utf-8")
    words = (flux, "build", "kustomization", ALONE["name"], "--namespace", ALONE["namespace"], "--dry-run")
    return Builder((*words, "--kustomization-file", str(asked), "--path"))


def _record(change: Change, clusters: list[str]) -> dict[str, Any]:
    return {**{to_camel(name): value for name, value in change._asdict().items()}, "clusters": clusters}


def _summary(rows: list[tuple[Change, list[str]]], *, whole: bool) -> str:
    if not whole:
        return "not all folders build, so there may be more changes than these"
    if not rows:
        return "no Kubernetes object changes"
    clusters = {name for _, names in rows for name in names}
    return f"{count(len(rows), 'change')} of Kubernetes objects on {count(len(clusters), 'cluster')}"
