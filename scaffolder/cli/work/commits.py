"""How changes become commits: what `flux bootstrap` would commit first, in its words, then what is ours."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from scaffolder import git
from scaffolder.errors import UsageError
from scaffolder.flux.options import install
from scaffolder.render.inputs import COMPONENTS as GOTK_COMPONENTS
from scaffolder.spec.rules import folder
from scaffolder.tree import File

if TYPE_CHECKING:
    from scaffolder.cli.work.session import Documents, Planned
    from scaffolder.spec.load import Spec

FLUX: Final = git.Person("Flux", "")
COMPONENTS: Final = "component manifests"
SYNC: Final = "sync manifests"
OURS: Final = "documents and what follows from them"
KUSTOMIZATION: Final = "kustomization.yaml"
FROM_HERE_OURS: Final = b"components:\n"  # in a flux-system/kustomization.yaml; what stands before is bootstrap's


@dataclass(frozen=True)
class Author:
    """Who makes our commit; git's own identity unless given."""

    name: str | None = None
    email: str | None = None

    def person(self, repo: git.Repo) -> git.Person:
        if self.name and self.email:
            return git.Person(_clean(self.name), _clean(self.email))
        if self.name or self.email:
            missing = "--author-email" if self.name else "--author-name"
            raise UsageError(f"{missing} is missing: an author has a name and an address")
        return git.identity(repo)

    @property
    def of_all(self) -> git.Person | None:
        """Who makes every commit, Flux's too, as `flux bootstrap` has its flags: one of them is enough."""
        if not (self.name or self.email):
            return None
        return git.Person(_clean(self.name or FLUX.name), _clean(self.email or FLUX.email))


def _clean(text: str) -> str:
    if not text.isprintable() or set("<>") & set(text):
        raise UsageError(f"{text!r} cannot name an author: no <, > or line breaks")
    return text


def commits_of(
    wanted: Planned, author: Callable[[], git.Person], appendix: str = "", flux: git.Person = FLUX
) -> dict[str, git.Commit]:
    """The commits for a plan, by what they bring; those that would be empty are left out.

    `author` makes ours, `flux` those that `flux bootstrap` would make.
    """
    files = _files(wanted)
    components, sync = _flux_files(wanted, files)
    ours = {path: file for path, file in files.items() if path not in components and sync.get(path) != file}
    made = {}
    if components:
        made[COMPONENTS] = git.Commit(f"Add Flux {_versions(wanted.spec)} component manifests", flux, components)
    if sync:
        made[SYNC] = git.Commit("Add Flux sync manifests", flux, sync)
    if ours:
        made[OURS] = git.Commit(_message(wanted), author(), ours)
    tail = f"\n\n{appendix}" if appendix else ""
    return {what: replace(commit, message=commit.message + tail) for what, commit in made.items()}


def _files(wanted: Planned) -> Documents:
    """Everything that a plan writes or deletes: documents, files and locks."""
    locks = {path: None if lock is None else File(lock) for path, lock in wanted.todo.locks.items()}
    return {**wanted.documents, **{path: change.after for path, change in wanted.todo.files.items()}, **locks}


def _flux_files(wanted: Planned, files: Documents) -> tuple[Documents, Documents]:
    """What `flux bootstrap` would commit of these files: first the components, then the rest of its folders."""
    spec, todo = wanted.spec, wanted.todo
    homes = {posixpath.join(folder(c), spec.platform.flux.namespace) for c in map(spec.cluster, spec.names("cluster"))}
    components, sync = {}, {}
    for path, file in files.items():
        at, name = posixpath.split(path)
        if at not in homes:
            continue
        if name == GOTK_COMPONENTS:
            components[path] = file
        elif name != KUSTOMIZATION:
            sync[path] = file
        elif file and path in todo.files and todo.files[path].before is None:
            sync[path] = File(file.content.split(FROM_HERE_OURS)[0], file.executable)
    return components, sync


def _versions(spec: Spec) -> str:
    found = {install(spec, spec.cluster(name)).version for name in spec.names("cluster")}
    return ", ".join(sorted(found)) or install(spec).version


def _message(wanted: Planned) -> str:
    name, files = wanted.spec.platform.name, wanted.todo.files
    fresh = any(change.verb == "create" and path == "stacks/base/layers.yaml" for path, change in files.items())
    if fresh:
        return f"Add platform {name}"
    return f"Update platform {name}" if wanted.documents else f"Bring platform {name} in step"
