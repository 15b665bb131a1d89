"""Files that are taken whole from a named source: of each cluster, its `gotk-components.yaml`."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scaffolder import lock as locks
from scaffolder.flux import components
from scaffolder.flux.components import Install
from scaffolder.flux.options import install
from scaffolder.lock import Entry, Lock
from scaffolder.paths import normal
from scaffolder.render.inputs import COMPONENTS
from scaffolder.render.units import LOCKS, Unit
from scaffolder.spec.rules import folder
from scaffolder.tree import File

if TYPE_CHECKING:
    from scaffolder.spec.load import Spec
    from scaffolder.tree import Source

Components = Callable[[Install], str | None]  # gotk-components.yaml for what is asked, or None where it cannot be had


@dataclass(frozen=True)
class Vendored:
    """One cluster's components: what is asked for, and the file that is to be written, if it can be had."""

    path: str
    asked: Install
    file: File | None  # to be written; None: nothing is written
    entry: Entry | None  # the lock's entry afterwards
    present: bool  # whether the cluster's kustomization is to name it
    in_step: bool  # whether it is what was asked for
    lockdown: bool = False  # whether this cluster's Flux builds nothing that comes from the web

    @property
    def not_by_url(self) -> str:
        """Why the URL of Flux's release cannot stand in for the file; empty where it can."""
        if self.lockdown:
            return "under `lockdown` Flux builds nothing from the web"
        return "" if self.asked == Install(self.asked.version) else "its options are not Flux's defaults"


def path_of(spec: Spec, cluster: str) -> str:
    return posixpath.join(folder(spec.cluster(cluster)), spec.platform.flux.namespace, COMPONENTS)


@dataclass
class Vendor:
    """Finds the components of clusters: in another cluster that asked for the same, or where `fetch` has them."""

    spec: Spec
    source: Source
    fetch: Components
    again: bool = False  # also what is in step is fetched: from a place that people name something else may come
    _found: dict[str, File | None] = field(default_factory=dict)  # request -> file; equal ones are one in memory
    _written: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # request -> paths and their digests

    def components(self, cluster: str, known: Lock) -> Vendored:
        """One cluster's. `known` is its lock: what was asked for last, people may have changed or deleted since."""
        path, asked = path_of(self.spec, cluster), install(self.spec, self.spec.cluster(cluster))
        request, entry = components.digest(asked), known.get(path)
        if entry is None and (moved := self._moved(cluster, known, request)):
            return Vendored(path, asked, *moved, present=True, in_step=True)
        if entry and entry.prints[1:] == (request,) and not self._differs(entry, asked, request):
            return Vendored(path, asked, None, entry, present=True, in_step=True)
        if (file := self._file(asked, request)) is not None:
            fresh = Entry(locks.WHOLE, (locks.digest(file.content), request))
            return Vendored(path, asked, file, fresh, present=True, in_step=True)
        there = entry is not None or COMPONENTS in self.source.names(posixpath.dirname(path))
        locked = self.spec.platform.lockdown
        return Vendored(path, asked, None, entry, present=there, in_step=False, lockdown=locked)

    def _moved(self, cluster: str, known: Lock, request: str) -> tuple[File, Entry] | None:
        """The file in the folder that the cluster moves from, as people left it."""
        at = self.spec.cluster(cluster).moved_from
        old = posixpath.join(normal(at), self.spec.platform.flux.namespace, COMPONENTS) if at is not None else ""
        entry, file = known.get(old), self.source.read(old) if old in known else None
        return (file, entry) if entry and file and entry.prints[1:] == (request,) else None

    def _differs(self, entry: Entry, asked: Install, request: str) -> bool:
        """Whether what people name now is not what was written last."""
        file = self._file(asked, request) if self.again else None
        return file is not None and locks.digest(file.content) != entry.prints[0]

    def _file(self, asked: Install, request: str) -> File | None:
        if request not in self._found:
            found = None if self.again else self._elsewhere(request)
            self._found[request] = found or self._fetched(asked)
        return self._found[request]

    def _fetched(self, asked: Install) -> File | None:
        text = self.fetch(asked)
        return None if text is None else File(text.encode())

    def _elsewhere(self, request: str) -> File | None:
        """The file of another cluster that asked for the same, if it is as it was written."""
        if not self._written:
            self._read_requests()
        for path, digest in self._written.get(request, ()):
            file = self.source.read(path)
            if file and locks.digest(file.content) == digest:
                return File(file.content.replace(b"\r\n", b"\n"))
        return None

    def _read_requests(self) -> None:
        for name in self.source.names(f"{LOCKS}/cluster"):
            place = Unit("cluster", name).lock
            lock = self.source.read(place)
            for path, entry in locks.parse(lock.content, place).items() if lock else ():
                for request in entry.prints[1:] if entry.sign == locks.WHOLE else ():
                    self._written.setdefault(request, []).append((path, entry.prints[0]))
