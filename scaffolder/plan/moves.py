"""Files that stand somewhere else than before: stated by documents and by the templates' releases, never guessed."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from scaffolder.render.engine import paths
from scaffolder.render.inputs import COMPONENTS, former
from scaffolder.templates import moves

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.render.inputs import Inputs
    from scaffolder.render.units import Unit
    from scaffolder.spec.load import Spec


def stated(spec: Spec, version: str, unit: Unit, data: Inputs) -> Iterator[tuple[str, str]]:
    """Where each file of a unit is now, and where it may have been: pairs of paths.

    Releases are read both ways, since a repository may go back to an older version too; and over several releases.
    """
    before = former(spec, unit, data)
    for then in (data, before) if before else (data,):
        pairs = [(old(then), new(then)) for old, new in moves(unit.template)]
        yield from _along([*pairs, *((new, old) for old, new in pairs)])
    if before:
        now, then_ = paths(version, unit, data), paths(version, unit, before)
        yield from ((new, old) for new, old in zip(now, then_, strict=True) if new and old and new != old)
        if unit.kind == "cluster":
            yield _components(data), _components(before)


def _components(data: Inputs) -> str:
    """Of a cluster, the file that is not its template's."""
    return posixpath.normpath(f"{data['folder']}/{data['bare']['namespace']}/{COMPONENTS}")


def _along(pairs: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """All that can be reached by steps, from each end."""
    for start in dict.fromkeys(new for new, _ in pairs):
        seen, here = {start}, [start]
        while here:
            step = here.pop()
            for new, old in pairs:
                if new == step and old not in seen:
                    seen.add(old)
                    here.append(old)
                    yield start, old
