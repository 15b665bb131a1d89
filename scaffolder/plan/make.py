"""Planning: render what is wanted, lay it over what was written last and what is there now, decide on each path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaffolder import lock as locks
from scaffolder.errors import TemplateError
from scaffolder.lock import Entry, Lock
from scaffolder.merge import (
    EDITED,
    IN_THE_WAY,
    KEEP,
    MARKERS,
    MERGE,
    WHOLE,
    Decision,
    Prints,
    decide,
    has_markers,
)
from scaffolder.plan.records import Change, Plan, Tools
from scaffolder.plan.vendor import Vendored, vendored_file
from scaffolder.render.engine import Rendered, render
from scaffolder.render.inputs import inputs
from scaffolder.render.units import LOCKS, Scope, Unit, units_in
from scaffolder.templates import newest
from scaffolder.tree import File

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffolder.spec.load import Spec
    from scaffolder.tree import Source


@dataclass
class _Work:
    """The state of one planning: locks as they are, files as they should be."""

    source: Source
    tools: Tools
    bases: dict[str, list[Entry]] = field(default_factory=dict)
    wanted: dict[str, File] = field(default_factory=dict)
    owners: dict[str, Unit] = field(default_factory=dict)
    seeded: set[str] = field(default_factory=set)
    plan: Plan = field(default_factory=Plan)


_Later = tuple[Unit, Rendered | None, Vendored | None]


def make(spec: Spec, source: Source, tools: Tools, *, scope: Scope | None = None, thorough: bool = False) -> Plan:
    """The plan for a repository.

    Args:
        spec: its documents, checked.
        source: its files.
        tools: git's merge, and where Flux's components come from.
        scope: what a command touched; None for the whole repository.
        thorough: also look at files whose template has no news, for people's edits.
    """
    work = _Work(source, tools)
    version = spec.platform.templates or newest()
    here = _read_locks(source, scope)
    wanted = set(units_in(spec, scope))
    later: list[_Later] = []
    for unit in sorted(wanted | set(here)):
        rendered, vendored = _render(spec, work, version, unit, here.get(unit)) if unit in wanted else (None, None)
        _claim(work, unit, rendered, vendored)
        if rendered and not thorough and _in_step(here.get(unit), rendered, vendored):
            continue
        later.append((unit, rendered, vendored))
        for path, entry in here.get(unit, {}).items():
            work.bases.setdefault(path, []).append(entry)
    decided = {path: _decide(work, path) for path in _paths(work, later)}
    for unit, rendered, vendored in sorted(later, key=lambda item: item[1] is not None):
        _new_lock(work, unit, rendered, vendored, decided)
    return work.plan


def _read_locks(source: Source, scope: Scope | None) -> dict[Unit, Lock]:
    found = {}
    for unit in _locked(source, scope):
        file = source.read(unit.lock)
        if file is not None:
            found[unit] = locks.parse(file.content, unit.lock)
    return found


def _locked(source: Source, scope: Scope | None) -> Iterator[Unit]:
    """The units that may have locks."""
    if scope is None:
        pairs = [(kind, name) for kind in source.names(LOCKS) for name in source.names(f"{LOCKS}/{kind}")]
        scope = {(kind, name, None) for kind, name in pairs}
    for kind, name, part in scope:
        parts = [part] if part else source.names(f"{LOCKS}/{kind}/{name}")
        yield from (Unit(kind, name, part) for part in parts)


def _render(spec: Spec, work: _Work, version: str, unit: Unit, known: Lock | None) -> tuple[Rendered, Vendored | None]:
    vendored = vendored_file(spec, unit, known, work.source, work.tools.components) if unit.kind == "cluster" else None
    data = inputs(spec, unit, vendored=vendored is None or vendored.present)
    if vendored and not vendored.in_step:
        work.plan.unvendored[unit.name] = vendored
    return render(version, unit, data), vendored


def _claim(work: _Work, unit: Unit, rendered: Rendered | None, vendored: Vendored | None) -> None:
    """Notes whose each path is; two units at one path is an error of the templates or the documents."""
    if rendered is None:
        return
    for path in (*rendered.files, *([vendored.path] if vendored else [])):
        if path in work.owners:
            raise TemplateError(f"`{path}` is claimed by {_told(work.owners[path])} and by {_told(unit)}")
        work.owners[path] = unit


def _told(unit: Unit) -> str:
    return f"{unit.kind} `{unit.name}`"


def _in_step(known: Lock | None, rendered: Rendered, vendored: Vendored | None) -> bool:
    """Whether the lock says that exactly this was written last; then there is no news from the templates."""
    if known is None or (vendored is not None and vendored.news):
        return False
    return locks.dump(known) == locks.dump(_lock_of(known, rendered, vendored))


def _lock_of(known: Lock, rendered: Rendered, vendored: Vendored | None) -> dict[str, Entry]:
    """The lock of a unit that is just as its template has it."""
    fresh = {}
    for path, file in rendered.files.items():
        if path in rendered.seeded:
            fresh[path] = known.get(path) or Entry(locks.WHOLE, (locks.digest(file.content),))
        else:
            fresh[path] = Entry(locks.MANAGED, locks.prints(file.content), file.executable)
    if vendored and vendored.entry:
        fresh[vendored.path] = vendored.entry
    return fresh


def _paths(work: _Work, later: Sequence[_Later]) -> list[str]:
    """All paths to decide on, once what should be there is known."""
    settled = set()
    for _, rendered, vendored in later:
        if rendered:
            work.wanted |= rendered.files
            work.seeded |= rendered.seeded
        if vendored and vendored.text is not None:
            work.wanted[vendored.path] = File(vendored.text.encode())
        elif vendored:
            settled.add(vendored.path)
    return sorted((work.bases.keys() | work.wanted.keys()) - settled)


def _decide(work: _Work, path: str) -> Decision:
    actual, desired = work.source.read(path), work.wanted.get(path)
    entries = work.bases.get(path, [])
    if path in work.seeded and (entries or actual):
        return Decision(KEEP, actual)
    if actual and entries and has_markers(actual.content):
        decision = Decision(KEEP, actual, MARKERS)
    elif actual and any(_edited_whole(entry, actual) for entry in entries):
        decision = Decision(KEEP, actual, WHOLE if desired else EDITED)
    else:
        bases: list[Prints] = [_base(entry, actual) for entry in entries] or [None]
        decision = decide(bases, actual, desired, work.tools.merge_file)
    if decision.file is None and any(entry.sign == locks.DELETED for entry in entries):
        decision = Decision(KEEP, None)  # they were told
    _note(work, path, decision, actual)
    return decision


def _edited_whole(entry: Entry, actual: File) -> bool:
    """Whether a file that is taken whole differs from what was taken."""
    return entry.sign == locks.WHOLE and entry.prints[:1] != (locks.digest(actual.content),)


def _base(entry: Entry, actual: File | None) -> tuple[str, ...]:
    """An entry's fingerprint in the form that the actual file's has."""
    return locks.prints(actual.content) if entry.sign == locks.WHOLE and actual else entry.prints


def _note(work: _Work, path: str, decision: Decision, actual: File | None) -> None:
    if decision.conflict:
        work.plan.conflicts[path] = decision.conflict
    elif decision.what in {KEEP, MERGE} and path in work.wanted:
        work.plan.edits.append(path)
    if decision.file != actual:
        owner = work.owners.get(path, Unit("", ""))
        work.plan.files[path] = Change(decision.file, actual, owner)


def _new_lock(
    work: _Work, unit: Unit, rendered: Rendered | None, vendored: Vendored | None, decided: Mapping[str, Decision]
) -> None:
    file = work.source.read(unit.lock)
    before = file.content if file else None
    after = None
    if rendered is not None:
        fresh = _lock_of(_first_entries(work, unit), rendered, vendored)
        for path in rendered.files:
            _mark_special(work, fresh, path, decided[path])
        after = locks.dump(fresh)
    if after != before and not (before and after and locks.parse(before, "") == locks.parse(after, "")):
        work.plan.locks[unit.lock] = after


def _first_entries(work: _Work, unit: Unit) -> dict[str, Entry]:
    return {path: entries[0] for path, entries in work.bases.items() if entries and work.owners.get(path) == unit}


def _mark_special(work: _Work, fresh: dict[str, Entry], path: str, decision: Decision) -> None:
    """Changes the entry of a file that is not simply as its template has it."""
    known = work.bases.get(path, [])
    base = known[0].prints if known else ()
    if decision.conflict == IN_THE_WAY:
        del fresh[path]
    elif decision.conflict == MARKERS:
        fresh[path] = Entry(locks.MARKED, base)
    elif decision.file is not None and decision.conflict and has_markers(decision.file.content):
        fresh[path] = Entry(locks.MARKED, fresh[path].prints)
    elif decision.file is None and path not in work.seeded and (decision.conflict or _was_told(known)):
        fresh[path] = Entry(locks.DELETED, base)


def _was_told(known: Sequence[Entry]) -> bool:
    return any(entry.sign == locks.DELETED for entry in known)
