"""Each unit as it is and as it should be: its lock, what it renders to, and whether the two are in step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from scaffolder import lock as locks
from scaffolder.lock import Entry, Lock
from scaffolder.plan.moves import stated
from scaffolder.plan.vendor import Vendor, Vendored
from scaffolder.releases import newest
from scaffolder.render.engine import Rendered, render
from scaffolder.render.inputs import inputs
from scaffolder.render.units import LOCKS, Scope, Unit, units_in
from scaffolder.tree import File

if TYPE_CHECKING:
    from scaffolder.spec.load import Spec
    from scaffolder.tree import Source


@dataclass(frozen=True)
class State:
    """One unit; `rendered` is None where no document asks for it any more."""

    unit: Unit
    lock: bytes | None
    rendered: Rendered | None = None
    vendored: Vendored | None = None
    before: Sequence[tuple[str, str]] = ()  # where its files are, and where they may have been

    @cached_property
    def known(self) -> Lock:
        return locks.parse(self.lock, self.unit.lock) if self.lock is not None else {}

    @cached_property
    def wanted(self) -> Mapping[str, File]:
        """The files that should be there; a vendored one only where there is news of it."""
        files = self.rendered.files if self.rendered else {}
        news = self.vendored.file if self.vendored else None
        return {**files, self.vendored.path: news} if self.vendored and news else files

    @property
    def seeded(self) -> frozenset[str]:
        return self.rendered.seeded if self.rendered else frozenset()

    @property
    def claimed(self) -> Iterator[str]:
        """The paths that are this unit's."""
        yield from self.rendered.files if self.rendered else ()
        if self.vendored:
            yield self.vendored.path

    @property
    def in_step(self) -> bool:
        """Whether the lock says that exactly this was written last; then there is no news from the templates."""
        if self.rendered is None or self.lock is None or (self.vendored and self.vendored.file):
            return False
        return locks.says(self.lock, self.fresh(self.known if self.seeded or self.vendored else {}))

    def fresh(self, known: Mapping[str, Entry]) -> dict[str, Entry]:
        """The lock of a unit that is just as its template has it; of seeded files what was known before stays."""
        found = {}
        for path, file in self.rendered.files.items() if self.rendered else ():
            if path in self.seeded:
                found[path] = known.get(path) or Entry(locks.WHOLE, (locks.digest(file.content),))
            else:
                found[path] = Entry(locks.MANAGED, locks.prints(file.content), file.executable)
        if self.vendored and self.vendored.entry:
            found[self.vendored.path] = self.vendored.entry
        return found


def states(spec: Spec, source: Source, vendor: Vendor, scope: Scope | None) -> Iterator[State]:
    """The units that documents ask for, and those that only have locks, in order; one at a time, as they are many."""
    known = dict(_locks(source, scope))
    wanted = set(units_in(spec, scope))
    version = spec.platform.templates or newest()
    for unit in sorted(wanted | known.keys()):
        state = State(unit, known.get(unit))
        yield _asked_for(spec, vendor, version, state) if unit in wanted else state


def _asked_for(spec: Spec, vendor: Vendor, version: str, state: State) -> State:
    unit = state.unit
    vendored = vendor.components(unit.name, state.known) if unit.kind == "cluster" else None
    data = inputs(spec, unit, vendored=vendored is None or vendored.present)
    rendered = render(version, unit, data)
    return State(unit, state.lock, rendered, vendored, tuple(stated(spec, version, unit, data)))


def _locks(source: Source, scope: Scope | None) -> Iterator[tuple[Unit, bytes]]:
    if scope is None:
        pairs = [(kind, name) for kind in source.names(LOCKS) for name in source.names(f"{LOCKS}/{kind}")]
        scope = {(kind, name, None) for kind, name in pairs}
    for kind, name, part in scope:
        for known in [part] if part else source.names(f"{LOCKS}/{kind}/{name}"):
            unit = Unit(kind, name, known)
            if (file := source.read(unit.lock)) is not None:
                yield unit, file.content
