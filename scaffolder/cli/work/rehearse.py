"""`rehearse`: a repository on a disposable cluster, before anybody relies on it; what comes there goes again."""

from __future__ import annotations

import secrets
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scaffolder import git
from scaffolder.bridge.gitserver import Served, serving
from scaffolder.cli.work.bootstrap.install import install
from scaffolder.cli.work.bootstrap.target import Apply, Target, on_cluster, refuse_without_rights
from scaffolder.cli.work.commits import commits_of
from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.pinned import followed
from scaffolder.cli.work.session import Session, count, planned
from scaffolder.errors import ClusterError, ConflictError, UsageError, shown
from scaffolder.flux.versions import SOURCE
from scaffolder.git.credentials import Access
from scaffolder.git.served import Borrowed
from scaffolder.kube import rehearsal
from scaffolder.kube.kubectl import DEFINITIONS, Kubectl
from scaffolder.kube.progress import Progress, look, watched
from scaffolder.kube.removal import Removal, left_by_flux
from scaffolder.kube.waiting import Deadline
from scaffolder.report import Finding, Layer, Report
from scaffolder.spec.load import Spec
from scaffolder.spec.write import changed

if TYPE_CHECKING:
    from scaffolder.cli.console import Console

WAITS: Final = 3  # times that one cluster may take as long as --timeout: to install, to get ready, to go
USER: Final = "rehearsal"
US: Final = git.Person("scaffolder", "")
NAME: Final = "fleet.git"


@dataclass(frozen=True)
class Wanted:
    """What the flags say."""

    clusters: Sequence[str]
    branch: str | None
    listen: str
    replace_flux: str | None
    keep: bool


def rehearse(console: Console, *, wanted: Wanted, flags: Mapping[str, Any]) -> Report:
    """Brings one cluster of the documents after the other to a real one; reports, and takes each away again.

    `flags` are those about the cluster, see `target.on_cluster`.

    Raises:
        UsageError: the flags cannot be meant.
        ClusterError: the cluster cannot be reached, or is not to be touched.
    """
    apply = on_cluster(flags)
    session = Session.open(console)
    access = Access(USER, secrets.token_urlsafe())
    with tempfile.TemporaryDirectory(prefix="scaffolder-") as scratch:
        folder = Path(scratch, NAME)
        stage = _Stage(session, wanted, Borrowed.made(git.Repo(folder), session.repo, "main"), access)
        spec, commit = stage.opened()
        names = _names(spec, wanted.clusters)
        console.step("connecting to the cluster")
        kubectl = Kubectl.opened(apply.kubeconfig, apply.context)
        _ready_to_use(console, kubectl, spec.platform.flux.namespace, wanted, apply)
        with serving(Served(folder, access.username, access.password), wanted.listen) as url:
            tip = stage.prepared(spec, commit, url, names)
            first = Target(console, kubectl, spec, names[0], url, access, apply, silent=True)
            source = git.CommitFiles(stage.borrowed.bare, tip)
            kept = names[-1] if wanted.keep else None
            rehearsed = (_one(replace(first, cluster=name), source, keep=name == kept) for name in names)
            layers = [layer for found in rehearsed for layer in found]
    return _report(layers, names, wanted, kubectl)


@dataclass(frozen=True)
class _Stage:
    session: Session
    wanted: Wanted
    borrowed: Borrowed
    access: Access

    def opened(self) -> tuple[Spec, str]:
        """The documents of the work tree as it is, or of a branch, and a commit of it."""
        if self.wanted.branch is None:
            commit = self.borrowed.as_it_is()
        elif found := git.commit_at(self.session.repo, f"refs/heads/{self.wanted.branch}"):
            commit = found.name
        else:
            hint = f"git fetch origin {self.wanted.branch}"
            raise UsageError(f"--branch {shown(self.wanted.branch)}: there is no such branch here", hint=hint)
        return Spec(git.CommitFiles(self.borrowed.bare, commit)), commit

    def prepared(self, spec: Spec, commit: str, url: str, names: Sequence[str]) -> str:
        """Everything that these clusters follow, with the URL that they find it at; the branch's commit."""
        branch = f"refs/heads/{spec.platform.repository.branch}"
        refs = {followed(spec, spec.cluster(name), spec.cluster(name).environment) for name in names} - {branch}
        for ref in sorted(refs):
            found = git.commit_at(self.session.repo, ref)
            if found is None:
                raise UsageError(f"{ref} is followed, and is not here", hint="git fetch --tags")
            self._moved(found.name, url, ref)
        return self._moved(commit, url, branch)

    def _moved(self, commit: str, url: str, ref: str) -> str:
        """A commit upon another one, in which the repository is at a URL; a ref points to it."""
        bare, source = self.borrowed.bare, git.CommitFiles(self.borrowed.bare, commit)
        key = ("platform", Spec(source).platform.name)
        made = planned(source, changed(source, key, ("repository", "url"), url), Obtain(self.session.console))
        if made.todo.conflicts:
            path = min(made.todo.conflicts)
            raise ConflictError(f"{path}: {made.todo.conflicts[path]}", hint="`scaffolder sync` shows all conflicts")
        self.borrowed.point("refs/heads/scaffolder", commit)
        commits = list(commits_of(made, lambda: US).values())
        tip = git.commit(bare, "scaffolder", commits)[-1] if commits else commit
        self.borrowed.point(ref, tip)
        return tip


def _names(spec: Spec, asked: Sequence[str]) -> list[str]:
    known = spec.names("cluster")
    for name in asked:
        if name not in known:
            raise UsageError(f"there is no cluster {shown(name)}", hint=f"there are: {', '.join(known) or 'none'}")
    if not known:
        raise UsageError("there is no cluster to rehearse", hint="`scaffolder add-cluster` adds one")
    return list(dict.fromkeys(asked)) or list(known)


def _ready_to_use(console: Console, kubectl: Kubectl, namespace: str, wanted: Wanted, apply: Apply) -> None:
    """A cluster with a Flux of its own is left alone unless it is named; an earlier rehearsal is taken away."""
    if wanted.replace_flux is not None and wanted.replace_flux != kubectl.context:
        message = f"--replace-flux {shown(wanted.replace_flux)}: this is the cluster `{kubectl.context}`"
        raise UsageError(message, hint="--context chooses the other one")
    refuse_without_rights(kubectl)
    if wanted.replace_flux is None:
        _refuse_running(kubectl, namespace)
    _taken_away(console, kubectl, namespace, apply.timeout)
    if wanted.replace_flux is None and _has_flux(kubectl, namespace):
        hint = f"use an empty one; or, if all of its Flux may go, --replace-flux {kubectl.context}"
        raise ClusterError(f"the cluster `{kubectl.context}` has Flux already, or what one left", hint=hint)


def _has_flux(kubectl: Kubectl, namespace: str) -> bool:
    """Whether there is a Flux, or what one left that is gone: with the rehearsal, that would go as well."""
    known = kubectl.get(DEFINITIONS, f"gitrepositories.{SOURCE}") or kubectl.get("namespaces", namespace)
    return known is not None or left_by_flux(kubectl)


def _refuse_running(kubectl: Kubectl, namespace: str) -> None:
    known = rehearsal.found(kubectl, namespace)
    if known and known.runs:
        hint = f"wait until it has ended; if it is gone for good, --replace-flux {kubectl.context}"
        raise ClusterError(f"a rehearsal from `{known.runs}` runs on the cluster `{kubectl.context}`", hint=hint)


def _taken_away(console: Console, kubectl: Kubectl, namespace: str, timeout: float) -> list[str] | None:
    """Removes a rehearsal; what is left of it, or None where there is none."""
    found = rehearsal.found(kubectl, namespace)
    if found is None:
        return None
    console.step(f"taking the rehearsal away from `{kubectl.context}`")
    left = Removal(kubectl, namespace, found.before, Deadline(timeout, console.step)).run()
    console.done("nothing of it is left" if not left else f"left: {', '.join(left)}")
    return left


def _one(target: Target, source: git.CommitFiles, *, keep: bool) -> list[Layer]:
    """Installs, waits and looks; takes away whatever comes between."""
    console, kubectl, cluster = target.console, target.kubectl, target.cluster
    console.step(f"rehearsing `{cluster}` on `{kubectl.context}`")
    start, times = time.monotonic(), dict[str, float]()

    def told(layer: str) -> None:
        times[layer] = time.monotonic() - start
        console.done(f"{cluster}: {layer} is ready ({times[layer]:.0f} s)")

    deadline = Deadline(target.apply.timeout, console.step)
    try:
        rehearsal.marked(kubectl, target.namespace, WAITS * target.apply.timeout)
        failed = _installed(target, source)
        deadline.until(watched(lambda: look(kubectl, target.namespace), told))
        found = look(kubectl, target.namespace)
    finally:
        left = None if keep else _taken_away(console, kubectl, target.namespace, target.apply.timeout)
    if keep:
        rehearsal.ended(kubectl, target.namespace)
    return _layers(cluster, found, times, [*failed, *(f"{what} is left" for what in left or ())])


def _installed(target: Target, source: git.CommitFiles) -> list[str]:
    """Does `bootstrap`'s part; its problem is one more of the cluster's, for the rest to be seen beside it."""
    try:
        install(target, source, source.name)
    except ClusterError as error:
        return [error.message]
    return []


def _layers(cluster: str, found: Progress, times: dict[str, float], others: list[str]) -> list[Layer]:
    layers = [
        Layer(cluster=cluster, name=name, ready=not lines, seconds=round(times.get(name, 0.0), 1), problems=lines)
        for name, lines in found.problems.items()
    ]
    return [*layers, *([Layer(cluster=cluster, name="bootstrap", problems=tuple(others))] if others else ())]


def _report(layers: list[Layer], names: Sequence[str], wanted: Wanted, kubectl: Kubectl) -> Report:
    findings = tuple(
        Finding(level="error", code="not-ready", message=f"{layer.cluster}: {layer.name}: {problem}")
        for layer in layers
        for problem in layer.problems
    )
    well = [name for name in names if not any(layer.problems for layer in layers if layer.cluster == name)]
    kept = ("kubectl get kustomizations,helmreleases --all-namespaces",) if wanted.keep else ()
    return Report(
        command="rehearse",
        exit_code=int(bool(findings)),
        layers=tuple(layers),
        findings=findings,
        next=kept,
        summary=f"{len(well)} of {count(len(names), 'cluster')} came up whole on `{kubectl.context}`",
    )
