"""Planning: what is wanted is laid over what was written last and what is there now, and each path is decided on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scaffolder import lock as locks
from scaffolder.errors import TemplateError
from scaffolder.lock import Entry
from scaffolder.merge import IN_THE_WAY, KEEP, LINES, MARKERS, MERGE, TAKE, Decision, decide, has_markers
from scaffolder.plan.records import Change, Plan, Tools
from scaffolder.plan.state import State, states
from scaffolder.plan.unfinished import OF_PEOPLE, ONE_DELETED, UNSOLVED, Settling, Unfinished
from scaffolder.plan.vendor import Vendor
from scaffolder.render.units import LOCKS, Scope, Unit
from scaffolder.tree import File

if TYPE_CHECKING:
    from scaffolder.spec.load import Spec
    from scaffolder.tree import Source


@dataclass
class _Work:
    """What is known of each path while a plan is made."""

    source: Source
    tools: Tools
    owners: dict[str, Unit] = field(default_factory=dict)  # who wants it, or else who had it
    bases: dict[str, list[Entry]] = field(default_factory=dict)
    wanted: dict[str, File] = field(default_factory=dict)
    seeded: set[str] = field(default_factory=set)
    moved: dict[str, str] = field(default_factory=dict)  # where a file is to stand -> where it stands
    left: set[str] = field(default_factory=set)  # where those stand
    settling: Settling | None = None  # of a merge that git could not finish
    before: dict[str, list[str]] = field(default_factory=dict)  # where files may have stood, whoever moved them
    plan: Plan = field(default_factory=Plan)


def make(
    spec: Spec,
    source: Source,
    tools: Tools,
    *,
    scope: Scope | None = None,
    thorough: bool = False,
    left: Unfinished | None = None,
) -> Plan:
    """The plan for a repository.

    Args:
        spec: its documents, checked.
        source: its files.
        tools: git's merge, and where Flux's components come from.
        scope: what a command touched; None for the whole repository.
        thorough: also look at files whose template has no news, for people's edits.
        left: a merge that git could not finish, if there is one.
    """
    work = _Work(source, tools, settling=Settling(left) if left else None)
    open_units = []
    for state in states(spec, source, Vendor(spec, source, tools.components, tools.named), scope):
        _claim(work, state)
        stuck = work.settling is not None and work.settling.concerns(state)
        if thorough or stuck or not state.in_step:
            open_units.append(state)
    paths = _paths(work, open_units)
    _find_moved(work, open_units)
    decided = {path: _decide(work, path) for path in paths}
    for state in open_units:
        _look_at_vendored(work, state, thorough=thorough)
        _new_lock(work, state, decided)
    if work.settling:
        _tell_unsolved(work, work.settling)
    return work.plan


def _claim(work: _Work, state: State) -> None:
    """Notes whose each path is; two units at one path is an error of the templates or the documents."""
    for path in state.claimed:
        if path in work.owners:
            raise TemplateError(f"`{path}` is claimed by {_told(work.owners[path])} and by {_told(state.unit)}")
        work.owners[path] = state.unit
    if state.vendored and not state.vendored.in_step:
        work.plan.unvendored[state.unit.name] = state.vendored


def _told(unit: Unit) -> str:
    return f"{unit.kind} `{unit.name}`"


def _paths(work: _Work, open_units: Sequence[State]) -> list[str]:
    """All paths to decide on; not those whose own unit is in step, whatever an old lock of another says."""
    units, settled = {state.unit for state in open_units}, set()
    for state in open_units:
        work.wanted |= state.wanted
        work.seeded |= state.seeded
        for path, entry in state.known.items():
            work.bases.setdefault(path, []).append(entry)
            if work.owners.setdefault(path, state.unit) not in units:
                settled.add(path)
        if state.vendored and not state.vendored.file:
            settled.add(state.vendored.path)
    return sorted((work.bases.keys() | work.wanted.keys() | _to_settle(work, units)) - settled)


def _to_settle(work: _Work, units: Collection[Unit]) -> set[str]:
    """What a merge that git could not finish left, and that no lock here may know any more."""
    paths = work.settling.paths if work.settling else {}
    return {path for path, unit in paths.items() if work.owners.setdefault(path, unit) in units}


def _find_moved(work: _Work, open_units: Sequence[State]) -> None:
    """A file that is wanted where nothing was written yet, and that was written where it stood before."""
    for state in open_units:
        for new, old in state.before:
            work.before.setdefault(new, []).append(old)
            free = new in work.wanted and new not in work.bases and new not in work.moved
            if free and old in work.bases and work.source.read(new) is None:
                work.moved[new] = old
                work.left.add(old)


def _written(work: _Work, path: str) -> list[Entry]:
    """What was written last of a file, wherever it stood then."""
    return work.bases.get(work.moved.get(path, path), [])


def _decide(work: _Work, path: str) -> Decision:
    there, desired = work.source.read(path), work.wanted.get(path)
    if work.settling and work.settling.is_for(path):
        return _settled(work, work.settling, path, there)
    if path in work.left:  # with all that people did to it, it stands elsewhere from now on
        decision = Decision(TAKE, desired)
        _note(work, path, decision, there)
        return decision
    actual, entries = work.source.read(work.moved.get(path, path)), _written(work, path)
    if path in work.seeded and (entries or actual):
        return Decision(KEEP, actual)
    if actual and entries and has_markers(actual.content):
        decision = Decision(KEEP, actual, MARKERS)
    else:
        decision = decide(entries or [None], actual, desired, work.tools.merge_file, path)
    if not decision.conflict and any(entry.sign == locks.MARKED for entry in entries):
        work.plan.solved.append(path)
    if decision.file is None and _was_told(entries):
        decision = Decision(KEEP, None)
    _note(work, path, decision, there)
    return decision


def _settled(work: _Work, settling: Settling, path: str, there: File | None) -> Decision:
    """A file of a merge that git could not finish."""
    desired, at = work.wanted.get(path), [path, *work.before.get(path, ())]
    if settling.unsolved(path, there):
        decision = Decision(KEEP, there, UNSOLVED)
    elif desired is None and any(path in work.before.get(new, ()) for new in work.wanted):
        decision = Decision(TAKE, None)  # what people did to it is laid over the file that stands for it now
    else:
        decision = settling.settle(at, desired, work.tools.merge_file)
    _note(work, path, decision, there)
    if not decision.conflict and path in settling.left.stuck:
        work.plan.solved.append(path)
    return decision


def _tell_unsolved(work: _Work, settling: Settling) -> None:
    """Files that git could not merge and that no unit has: people's own, or generated before."""
    done = {*work.plan.solved, *work.plan.conflicts, *work.plan.locks}
    for path in settling.left.stuck:
        if path not in done and not path.startswith(LOCKS):
            work.plan.conflicts[path] = ONE_DELETED if settling.was_generated(path) else OF_PEOPLE


def _note(work: _Work, path: str, decision: Decision, actual: File | None) -> None:
    if decision.conflict:
        work.plan.conflicts[path] = decision.conflict
        if decision.conflict == LINES and path in work.wanted:
            work.plan.theirs[path] = work.wanted[path]
    elif decision.what in {KEEP, MERGE} and path in work.wanted:
        work.plan.edits.append(path)
    if decision.file != actual:
        work.plan.files[path] = Change(decision.file, actual, work.owners[path])


def _look_at_vendored(work: _Work, state: State, *, thorough: bool) -> None:
    """Finds people's edits of a vendored file of which there is no news."""
    vendored = state.vendored
    if not thorough or vendored is None or vendored.file or vendored.entry is None:
        return
    actual = work.source.read(vendored.path)
    if actual and has_markers(actual.content):
        work.plan.conflicts[vendored.path] = MARKERS
    elif actual is None or locks.digest(actual.content) != vendored.entry.prints[0]:
        work.plan.edits.append(vendored.path)


def _new_lock(work: _Work, state: State, decided: Mapping[str, Decision]) -> None:
    stuck = work.settling is not None and state.unit.lock in work.settling.left.stuck
    if any(decided[path].conflict == UNSOLVED for path in state.wanted if path in decided):
        return
    if stuck:
        work.plan.solved.append(state.unit.lock)
    if state.rendered is None:
        work.plan.locks[state.unit.lock] = None
        return
    fresh = state.fresh({path: known[0] for path in state.seeded if (known := _written(work, path))})
    for path in state.wanted:
        _mark_special(work, fresh, path, decided[path])
    if state.lock is None or stuck or not locks.says(state.lock, fresh):
        work.plan.locks[state.unit.lock] = locks.dump(fresh)


def _mark_special(work: _Work, fresh: dict[str, Entry], path: str, decision: Decision) -> None:
    """Changes the entry of a file that is not simply as its template has it."""
    known = _written(work, path)
    vendored = fresh[path].sign == locks.WHOLE
    if path in work.seeded:
        return
    if decision.conflict == IN_THE_WAY:
        del fresh[path]
    elif decision.conflict == MARKERS:
        fresh[path] = known[0] if vendored else replace(known[0], sign=locks.MARKED)
    elif decision.conflict == LINES:
        fresh[path] = replace(fresh[path], sign=locks.MARKED)
    elif decision.file is None and (decision.conflict or _was_told(known)):
        fresh[path] = replace(fresh[path] if vendored else known[0], sign=locks.DELETED)


def _was_told(known: Sequence[Entry]) -> bool:
    return any(entry.sign == locks.DELETED for entry in known)
