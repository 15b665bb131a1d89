"""One new document, and what follows from it; asked for again, the same command finishes or does nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.cli.work import app, faults
from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.pairs import named
from scaffolder.cli.work.session import Session, planned, refuse_without_components
from scaffolder.errors import UsageError
from scaffolder.spec.load import Spec
from scaffolder.spec.rules import environments_of
from scaffolder.spec.write import added
from scaffolder.tree import Memory

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.report import Report


@dataclass(frozen=True)
class Asked:
    """A document in flags. `fields` are the document's own; those that are empty are left out."""

    kind: str
    name: str
    fields: app.Fields
    variables: tuple[str, ...] = ()  # NAME=VALUE


def add_app(console: Console, *, asked: app.App, dry_run: bool) -> Report:
    """Adds an app."""
    session = Session.open(console)
    known = Spec(session.tree).names("environment")
    fields = app.fields(asked, known)
    return _add(session, Asked("app", asked.name, fields), Obtain(console), dry_run=dry_run)


def add(console: Console, *, asked: Asked, manifests: Path | None = None, dry_run: bool) -> Report:
    """Adds a document of any other kind; only of a cluster, Flux's components may be fetched."""
    session = Session.open(console)
    obtain = Obtain(console, manifests, network=asked.kind == "cluster")
    return _add(session, asked, obtain, dry_run=dry_run)


def _add(session: Session, asked: Asked, obtain: Obtain, *, dry_run: bool) -> Report:
    """Writes the document and what follows; one that is there and says the same is only brought in step."""
    kind, name = asked.kind, faults.named(f"{_an(asked.kind)} {asked.kind}", asked.name)
    fresh = added(kind, name, {**asked.fields, "variables": named("--variable", asked.variables)})
    here, key = Spec(session.tree), (kind, name)
    place = here.places.get(key)
    there = here[key] if place else None
    with faults.of_flags(fresh):
        if place and there != Spec(Memory(fresh))[key]:
            hint = f"edit {place.file}, then `scaffolder sync`"
            raise UsageError(f"{kind} `{name}` is there already, and says something else", hint=hint)
        wanted = planned(session.tree, {} if place else fresh, obtain, touched=[key])
    refuse_without_components(wanted.todo, obtain)
    done = session.carry_out(f"add-{kind}", wanted, dry_run=dry_run)
    summary = (
        _told(wanted.spec, asked, done) if done.documents or done.files else f"{kind} `{name}` is there, and in step"
    )
    return done.model_copy(update={"summary": summary, "next": _next(asked, done)})


def _an(kind: str) -> str:
    return "an" if kind[0] in "aeiou" else "a"


def _told(spec: Spec, asked: Asked, done: Report) -> str:
    verb = "would be added" if done.dry_run else "is added" if done.documents else "is finished"
    where = ""
    if asked.kind in {"app", "tenant"}:
        document = spec.app(asked.name) if asked.kind == "app" else spec.tenant(asked.name)
        where = f" in {', '.join(environments_of(spec, document)) or 'no environment yet'}"
    return f"{asked.kind} `{asked.name}` {verb}{where}"


def _next(asked: Asked, done: Report) -> tuple[str, ...]:
    if done.dry_run or done.conflicts or not (done.documents or done.files):
        return ()
    return (f"git add -A && git commit -m 'Add {asked.kind} {asked.name}'",)
