"""One new document, and what follows from it; asked for again, the same command finishes or does nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from scaffolder.cli.work import app, faults
from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.copies import copied
from scaffolder.cli.work.edits import outcome
from scaffolder.cli.work.pairs import named
from scaffolder.cli.work.session import Session, planned, refuse_without_components
from scaffolder.errors import UsageError
from scaffolder.spec.app import App
from scaffolder.spec.load import Spec, own_file
from scaffolder.spec.model import Tenant
from scaffolder.spec.reach import clusters_of, environments_of
from scaffolder.spec.write import added
from scaffolder.tree import File, Memory
from scaffolder.yamlio import dump

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.session import Documents
    from scaffolder.report import Report
    from scaffolder.spec.load import Key
    from scaffolder.tree import Source


@dataclass(frozen=True)
class Asked:
    """A document in flags. `fields` are the document's own; those that are empty are left out."""

    kind: str
    name: str
    fields: app.Fields
    variables: tuple[str, ...] = ()  # NAME=VALUE


def add_app(console: Console, *, asked: app.App, dry_run: bool) -> Report:
    """Adds an app, and the tenant and the manifests that were asked for with it."""
    session = Session.open(console)
    key = ("app", faults.named("an app", asked.name))
    here = Spec(session.tree)
    with faults.of_copy(own_file(*key), asked.source):
        own = taken(asked) if asked.source else added(*key, app.fields(asked, here.names("environment")))
        more: Documents = {}
        beside: tuple[Key, ...] = ()
        if asked.create_namespace:
            document = Spec(Memory(own)).app(asked.name)
            more |= _home(here, document)
            beside = (("tenant", document.home),)
        if asked.manifests is not None:
            one = asked.target_namespace != ""
            copies = copied(asked.manifests, f"apps/base/{asked.name}", one_namespace=one)
            more |= _new(session.tree, copies, known=key in here)
        fresh = Fresh(own, more, beside, of_flags=asked.source is None)
        return _add(session, key, fresh, Obtain(console), dry_run=dry_run)


def _home(here: Spec, document: App) -> Documents:
    """The tenant of an app's namespace, wherever the app is; nothing where there is one."""
    if ("tenant", document.home) in here:
        return {}
    places = {"environments": document.environments, "clusters": document.clusters}
    where = {field: list(names) for field, names in places.items() if names is not None}  # `[]` is nowhere, not all
    text = dump({"kind": "tenant", "name": document.home, **where})
    return {own_file("tenant", document.home): File(text.encode())}


def taken(asked: app.App) -> Documents:
    """A document from a file, as it is there.

    Raises:
        UsageError: other flags say something of the app as well, or the file cannot be read.
        DocumentError: the file is not this app's document.
    """
    more = [name for name in asked.given if name not in {"source", "create_namespace"}]
    if more:
        raise UsageError(f"{app.flag(more[0])} does not go with --from: the document says it all")
    try:
        content = Path(asked.source or "").read_bytes()
    except OSError as error:
        raise UsageError(f"--from {asked.source} cannot be read: {(error.strerror or '').lower()}") from None
    fresh: Documents = {own_file("app", asked.name): File(content)}
    Spec(Memory(fresh)).app(asked.name)  # by itself it must be right
    return fresh


def _new(tree: Source, copies: Documents, *, known: bool) -> Documents:
    """The files that are not there yet; of an app that is `known`, what people made of the others stays."""
    found: Documents = {}
    for path, file in copies.items():
        there = tree.read(path)
        if there is None and not tree.names(path):
            found[path] = file
        elif not known and (there is None or file is None or there.content != file.content):
            raise UsageError(f"{path} is there already, and says something else")
    return found


def add(console: Console, *, asked: Asked, manifests: str | None = None, dry_run: bool) -> Report:
    """Adds a document of any other kind; only of a cluster, Flux's components may be fetched."""
    session = Session.open(console)
    obtain = Obtain(console, manifests, network=asked.kind == "cluster")
    key = (asked.kind, faults.named(f"{_an(asked.kind)} {asked.kind}", asked.name))
    fresh = added(*key, {**asked.fields, "variables": named("--variable", asked.variables)})
    return _add(session, key, Fresh(fresh), obtain, dry_run=dry_run)


@dataclass(frozen=True)
class Fresh:
    """What is to be there: the document, the files that come with it and are missing, the documents beside it."""

    own: Documents
    more: Documents = field(default_factory=dict)
    beside: tuple[Key, ...] = ()
    of_flags: bool = True  # or a file says so


def _add(session: Session, key: Key, fresh: Fresh, obtain: Obtain, *, dry_run: bool) -> Report:
    """Writes the document and what follows; one that is there and says the same is only brought in step."""
    kind, name = key
    here = Spec(session.tree)
    place = here.places.get(key)
    there = here[key] if place else None
    with faults.of_flags({**(fresh.own if fresh.of_flags else {}), **fresh.more}):
        if place and there != Spec(Memory(fresh.own))[key]:
            hint = f"edit {place.file}, then `scaffolder sync`"
            raise UsageError(f"{kind} `{name}` is there already, and says something else", hint=hint)
        documents = {**fresh.more, **({} if place else fresh.own)}  # what it needs first
        wanted = planned(session.tree, documents, obtain, touched=[key, *fresh.beside])
    refuse_without_components(wanted.todo, obtain)
    done = session.carry_out(f"add-{kind}", wanted, dry_run=dry_run)
    summary = (
        _told(wanted.spec, key, done) if done.documents or done.files else f"{kind} `{name}` is there, and in step"
    )
    message = f"Add {key[0]} {key[1]}"
    return done.model_copy(update={"summary": summary, "message": message, "next": _next(message, done)})


def _an(kind: str) -> str:
    return "an" if kind[0] in "aeiou" else "a"


def _told(spec: Spec, key: Key, done: Report) -> str:
    verb = "would be added" if done.dry_run else "is added" if done.documents else "is finished"
    document, where = spec[key], ""
    if isinstance(document, App | Tenant):
        places = [*environments_of(spec, document), *(f"cluster {name}" for name in clusters_of(document))]
        where = f" in {', '.join(places) or 'no environment yet'}"
    return outcome(f"{key[0]} `{key[1]}` {verb}{where}", done)


def _next(message: str, done: Report) -> tuple[str, ...]:
    if done.dry_run or done.conflicts or not (done.documents or done.files):
        return ()
    return (f"git add -A && git commit -m '{message}'",)
