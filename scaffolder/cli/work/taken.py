"""What becomes of each file when a repository is adopted: ours as it is, people's edit of ours, or in the way."""

from __future__ import annotations

import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING

from scaffolder import lock as locks
from scaffolder.bridge.kustomize import NAMES
from scaffolder.cli.work.wiring import KUSTOMIZATION, stack_of, unwired, wired
from scaffolder.lock import WHOLE, is_whole
from scaffolder.merge import IN_THE_WAY, has_markers
from scaffolder.plan import Plan
from scaffolder.report import Finding
from scaffolder.spec.rules import folder
from scaffolder.tree import File

if TYPE_CHECKING:
    from scaffolder.lock import Entry, Lock
    from scaffolder.spec.load import Spec
    from scaffolder.spec.model import Cluster
    from scaffolder.tree import Source


class Taken:
    """Compares a repository with what its documents ask for, path by path; what a lock knows already is left alone.

    Args:
        tree: the repository as it is.
        spec: its documents.
        fresh: the plan of an empty repository with these documents.
    """

    def __init__(self, tree: Source, spec: Spec, fresh: Plan) -> None:
        self.todo = Plan(unvendored=fresh.unvendored)
        self.equal = 0  # files that are as they would be generated
        self.notes: list[Finding] = []
        self._tree, self._spec, self._fresh = tree, spec, fresh
        self._locks: dict[str, Lock] = {path: locks.parse(text or b"", path) for path, text in fresh.locks.items()}
        self._sound = {path: self._known(path) for path in fresh.locks}

    def _known(self, path: str) -> Lock:
        """What a lock knows; one that is damaged knows nothing."""
        file = self._tree.read(path)
        known = locks.parse(file.content, path) if file else {}
        return known if file and locks.says(file.content, known) else {}

    def decide(self) -> None:
        """Goes through all that the documents ask for; afterwards `todo` is what is to be written."""
        known = {path for lock in self._sound.values() for path in lock}
        for lock in self._locks.values():
            for path, entry in lock.items():
                if path not in known:
                    self._decide(path, entry)
        for cluster in map(self._spec.cluster, self._spec.names("cluster")):
            self._wire(cluster)
            self._tell_component(cluster)
        told = {note.path for note in self.notes}
        self.notes += [_edit(path) for path in self.todo.edits if path not in told]
        for path, lock in self._locks.items():
            fresh = {name: lock[name] for name in lock.keys() - self.todo.conflicts.keys() - known}
            after, before = locks.dump({**fresh, **self._sound[path]}), self._tree.read(path)
            if before is None or before.content.replace(b"\r\n", b"\n") != after:
                self.todo.locks[path] = after

    def _decide(self, path: str, entry: Entry) -> None:
        change, there = self._fresh.files.get(path), self._tree.read(path)
        if change is None or change.after is None:  # components that are what was asked for
            self.equal += 1
        elif there is None:
            self.todo.files[path] = replace(change, before=None)
        elif locks.prints(there.content) == locks.prints(change.after.content):
            self.equal += 1
        elif entry.sign == WHOLE:  # a seeded file is theirs anyhow
            self.todo.edits += [path] if len(entry.prints) > 1 else []
        elif is_whole(there.content) or has_markers(there.content):
            self.todo.conflicts[path] = IN_THE_WAY
        else:
            self.todo.edits.append(path)

    def _wire(self, cluster: Cluster) -> None:
        """Keeps all that a cluster gets, and leads it to our layers where nothing speaks against it."""
        path = posixpath.join(folder(cluster), KUSTOMIZATION)
        own = next((name for name in NAMES if name in self._tree.names(folder(cluster))), None)
        change = self.todo.files.get(path)
        if change is None or change.after is None:
            if path in self.todo.edits and stack_of(cluster) not in self._text(path):
                self.notes.append(unwired(path, cluster, "the file is yours"))
        elif own:  # there is one of another name, and two would be too many
            del self.todo.files[path]
            self.notes.append(unwired(posixpath.join(folder(cluster), own), cluster, "the file is yours"))
        else:
            made = wired(self._tree, self._spec, cluster, change.after.content.decode())
            self.todo.files[path] = replace(change, after=File(made.text.encode()))
            self.notes += [unwired(path, cluster, made.hindrance)] if made.hindrance else []

    def _tell_component(self, cluster: Cluster) -> None:
        """The line for what we ask of Flux's controllers, which people write into a file that is theirs."""
        path = posixpath.join(folder(cluster), self._spec.platform.flux.namespace, KUSTOMIZATION)
        change = self._fresh.files.get(path)
        if change is None or change.after is None or self._tree.read(path) is None:
            return
        line = next(line for line in change.after.content.decode().splitlines() if line.endswith("stacks/flux"))
        if line.removeprefix("- ") not in self._text(path):
            message = f"is yours, and stays: add `components: [{line.removeprefix('- ')}]`"
            hint = "with it, the controllers are asked for what we rely on; see stacks/flux"
            self.notes.append(Finding(level="note", code="component", path=path, message=message, hint=hint))

    def _text(self, path: str) -> str:
        file = self._tree.read(path)
        return file.content.decode("utf-8", "replace") if file else ""


def _edit(path: str) -> Finding:
    message = "differs from what would be generated: taken for your edit, and stays"
    return Finding(level="note", code="edit", path=path, message=message)
