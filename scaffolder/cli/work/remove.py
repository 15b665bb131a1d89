"""`remove`: a document that nothing depends on, and what followed from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scaffolder import undo
from scaffolder.cli.work.edits import carry_out, documents, must_be_there, told
from scaffolder.cli.work.session import Session, count
from scaffolder.cli.work.uses import USES, Use
from scaffolder.errors import DocumentError, UsageError
from scaffolder.render.units import LOCKS, implied_tenant
from scaffolder.report import Finding, Report
from scaffolder.spec.load import Spec
from scaffolder.spec.problems import Problem, ordered
from scaffolder.spec.reach import is_furnished
from scaffolder.spec.rules import folder
from scaffolder.spec.write import Edits

if TYPE_CHECKING:
    from scaffolder.cli.console import Console


class _InUseError(DocumentError):
    """Others depend on the document: each with its place, though not they are at fault but the command."""

    code = UsageError.code


def remove(
    console: Console, *, kind: str, name: str, force: bool, delete_namespace: bool = False, dry_run: bool
) -> Report:
    """Removes a document; from others only what `force` allows.

    Raises:
        UsageError: there is none of that name.
        DocumentError: others depend on it; with the exit code of a usage error.
    """
    session = Session.open(console)
    spec = documents(session)
    must_be_there(spec, kind, name, _hint(session, spec, kind, name))
    if delete_namespace:
        _refuse_to_delete_namespace(spec, kind, name)
    uses = list(USES[kind](spec, name))
    _refuse(spec, kind, name, uses, force=force)
    edits = Edits(spec)
    for use in reversed(uses):  # the last of a list first: the others keep their places
        _free(edits, use, name)
    _drop(edits, kind, name)
    touched = [(kind, name), *(use.key for use in uses)]
    findings, steps = _afterwards(spec, kind, name, delete_namespace=delete_namespace)
    made = carry_out(session, "remove", edits.files, touched, dry_run=dry_run)
    verb = "would be removed" if dry_run else "is removed"
    return told(made, f"{kind} `{name}` {verb}", f"Remove {kind} {name}", steps, findings)


def _hint(session: Session, spec: Spec, kind: str, name: str) -> str:
    """What to do where there is no such document."""
    if kind == "tenant" and implied_tenant(spec, name):
        return f"the namespace is app `{name}`'s own: `scaffolder remove app {name} --delete-namespace`"
    begun = undo.killed(session.tree.git_dir) or session.tree.names(f"{LOCKS}/{kind}/{name}")
    return "`scaffolder sync` finishes what was begun" if begun else ""


def _refuse_to_delete_namespace(spec: Spec, kind: str, name: str) -> None:
    if kind != "app":
        raise UsageError(f"--delete-namespace goes with an app: a {kind} has no namespace of its own")
    home = spec.app(name).home
    if is_furnished(spec, home):
        raise UsageError(f"the namespace `{home}` is not ours to delete")
    if others := [use for use in USES["tenant"](spec, home) if use.key != ("app", name)]:
        lines = [spec.line(Problem(*use.key, use.path, use.message)) for use in others]
        raise _InUseError([*ordered(lines), f"the namespace `{home}` cannot go with app `{name}`: others live in it"])


def _refuse(spec: Spec, kind: str, name: str, uses: Sequence[Use], *, force: bool) -> None:
    fixed = [use for use in uses if not (use.free if force else use.silent)]
    if not fixed:
        return
    lines = ordered(spec.line(Problem(*use.key, use.path, use.message)) for use in fixed)
    number = len({use.key for use in fixed})
    depend = f"{count(number, 'document')} depend{'s' if number == 1 else ''} on it"
    all_free = all(use.free for use in fixed)
    hint = "--force takes these out as well" if all_free else "change or remove these first"
    raise _InUseError([*lines, f"{kind} `{name}` cannot be removed: {depend}"], hint=hint)


def _free(edits: Edits, use: Use, name: str) -> None:
    """Takes a name out; what came after an environment that goes comes after the one before it."""
    if use.path == ("after",) and (before := edits.spec.environment(name).after) is not None:
        edits.put(use.key, use.path, before)
    elif use.free:
        edits.take(use.key, use.path)


def _drop(edits: Edits, kind: str, name: str) -> None:
    """Drops the document; an app's own namespace stays, as a tenant of its name."""
    app = implied_tenant(edits.spec, name) if kind == "app" else None
    if app is None:
        edits.drop((kind, name))
        return
    places = {"environments": app.environments, "clusters": app.clusters}
    edits.swap(("app", name), "tenant", {field: list(names) for field, names in places.items() if names is not None})


def _afterwards(spec: Spec, kind: str, name: str, *, delete_namespace: bool) -> tuple[list[Finding], tuple[str, ...]]:
    """What a person should know, and what is to be done later."""
    if kind == "app":
        return _after_app(spec, name, delete_namespace=delete_namespace)
    if kind == "cluster":
        at = folder(spec.cluster(name)) or "the root"
        message = f"nothing goes from the cluster itself: its Flux finds no {at} any more, and leaves all as it is"
        finding = Finding(level="note", code="cluster-stays", message=message)
        return [finding], (f"flux uninstall    on cluster {name}, to take Flux away; workloads stay",)
    if kind == "tenant":
        message = f"namespace `{name}` and all that is in it, volumes too, go with the next reconciliation"
        gone = not is_furnished(spec, name) and ("app", name) not in spec
        return ([Finding(level="note", code="namespace-goes", message=message)] if gone else []), ()
    return [], ()


def _after_app(spec: Spec, name: str, *, delete_namespace: bool) -> tuple[list[Finding], tuple[str, ...]]:
    home = spec.app(name).home
    if delete_namespace:
        message = f"namespace `{home}` goes in a second step: in one, Helm's uninstall would race it"
        step = f"scaffolder remove tenant {home}    when Flux has pruned the app everywhere"
        return [Finding(level="note", code="second-step", message=message)], (step,)
    message = f"namespace `{home}` stays, with volumes of StatefulSets; a PVC among the app's own manifests goes"
    return [Finding(level="note", code="namespace-stays", message=message)], ()
