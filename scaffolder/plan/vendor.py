"""Files that are taken whole from a named source: of each cluster, its `gotk-components.yaml`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scaffolder import lock as locks
from scaffolder.flux import components
from scaffolder.flux.options import install
from scaffolder.lock import Entry, Lock
from scaffolder.render.inputs import COMPONENTS
from scaffolder.render.units import LOCKS, Unit
from scaffolder.spec.rules import folder

if TYPE_CHECKING:
    from scaffolder.flux.components import Install
    from scaffolder.spec.load import Spec
    from scaffolder.tree import Source

ENTRY_LENGTH: Final = 2  # digest of the file, digest of what asked for it


@dataclass(frozen=True)
class Vendored:
    """One cluster's components: what is asked for, and the text that is to be written, if it can be had."""

    path: str
    asked: Install
    text: str | None  # to be written; None: nothing is written
    entry: Entry | None  # the lock's entry afterwards
    present: bool  # whether the file is there afterwards
    in_step: bool  # whether it is what was asked for

    @property
    def news(self) -> bool:
        return self.text is not None


def path_of(spec: Spec, cluster: str) -> str:
    return f"{folder(spec.cluster(cluster))}/{spec.platform.flux.namespace}/{COMPONENTS}".lstrip("/")


def vendored_file(
    spec: Spec, unit: Unit, known: Lock | None, source: Source, fetch: Callable[[Install], str | None]
) -> Vendored:
    """A cluster's components, from an equal request elsewhere in the repository, or from `fetch`."""
    path, asked = path_of(spec, unit.name), install(spec, spec.cluster(unit.name))
    request = components.digest(asked)
    there = source.read(path)
    entry = (known or {}).get(path)
    if entry and there and entry.prints[1:] == (request,):
        return Vendored(path, asked, None, entry, present=True, in_step=True)
    text = _elsewhere(source, request, path) or fetch(asked)
    if text is not None:
        fresh = Entry(locks.WHOLE, (locks.digest(text.encode()), request))
        return Vendored(path, asked, text, fresh, present=True, in_step=True)
    return Vendored(path, asked, None, entry if there else None, present=there is not None, in_step=False)


def _elsewhere(source: Source, request: str, path: str) -> str | None:
    """The text of another cluster that asked for the same, if it is as it was written."""
    for name in source.names(f"{LOCKS}/cluster"):
        lock = source.read(Unit("cluster", name).lock)
        for other, entry in locks.parse(lock.content, "").items() if lock and request.encode() in lock.content else ():
            file = source.read(other)
            if (
                other != path
                and entry.prints[1:] == (request,)
                and file
                and locks.digest(file.content) == entry.prints[0]
            ):
                return file.content.replace(b"\r\n", b"\n").decode()
    return None
