"""A repository from documents: everything is made in memory, checked, and only then put on the disk."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder import git
from scaffolder.apply import WorkTree
from scaffolder.cli.work import questions, starter
from scaffolder.cli.work.commits import Author, commits_of
from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.session import count, planned, refuse_without_components
from scaffolder.cli.work.starter import Starter
from scaffolder.errors import ScaffolderError, UsageError
from scaffolder.tree import Memory

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.session import Documents, Planned
    from scaffolder.report import Report
    from scaffolder.spec.load import Spec

BUILDING: Final = ".git.new"  # the git folder until everything is in place


@dataclass(frozen=True)
class Asked:
    """What `new` is to make, and where."""

    folder: str
    file: Path | None
    starter: Starter
    manifests: str | None
    author: Author
    ask: bool = True  # whether to ask, if somebody is there to answer, and there is no file


def new(console: Console, *, asked: Asked, dry_run: bool) -> Report:
    """Makes the repository and commits it: Flux's two commits, then ours."""
    if not asked.folder:
        raise UsageError("DIR is empty", hint="`scaffolder new .` is for the folder that you are in")
    folder = Path(os.path.abspath(asked.folder))  # noqa: PTH100  `..` is to go away, links are to stay
    _refuse_used(folder)
    git.check_version()
    asking = asked.ask and asked.file is None and questions.possible(console)
    if asking:
        asked = replace(asked, starter=questions.answered(asked.starter, folder.name))
    documents = _documents(asked, folder)
    console.step("generating the repository")
    obtain = Obtain(console, asked.manifests, network=True)
    wanted = planned(Memory({}), documents, obtain)
    refuse_without_components(wanted.todo, obtain)
    made = _report(folder, wanted, dry_run=True)
    if dry_run:
        return made
    if asking:
        questions.confirm(made)
    _create(folder, wanted, asked.author)
    done = _report(folder, wanted, dry_run=False).model_copy(update={"next": _next(asked, wanted.spec)})
    return done.model_copy(update={"documents": (), "files": (), "findings": ()}) if asking else done


def _report(folder: Path, wanted: Planned, *, dry_run: bool) -> Report:
    """What is made, or would be."""
    made = wanted.report("new", Memory({}), dry_run=dry_run)
    summary = f"{folder} {'would hold' if dry_run else 'holds'} {_told(wanted.spec)}"
    return made.model_copy(update={"summary": summary})


def _told(spec: Spec) -> str:
    return " and ".join(count(len(spec.names(kind)), kind) for kind in ("environment", "cluster"))


def _next(asked: Asked, spec: Spec) -> tuple[str, ...]:
    folder, example = Path(asked.folder), "podinfo --chart podinfo --repo https://stefanprodan.github.io/podinfo"
    return (
        *([f"cd {shlex.quote(str(folder))}"] if str(folder) != "." else []),
        *([] if spec.names("app") else [f"scaffolder add-app {example}"]),
        "scaffolder bootstrap local",
    )


def _documents(asked: Asked, folder: Path) -> Documents:
    if asked.file is None:
        return starter.documents(asked.starter, folder.name)
    if asked.starter.given:
        raise UsageError(f"{asked.starter.given[0]} does not go with --file: write it into the documents")
    return starter.given(asked.file)


def _refuse_used(folder: Path, ours: Collection[str] = ()) -> None:
    """Refuses a folder in which something else is than what an earlier run, cut off, may have put there.

    Raises:
        UsageError: it is not to be used.
    """
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is not a folder")
    try:
        names = {entry.name for entry in folder.iterdir()} if folder.exists() else set()
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {(error.strerror or '').lower()}") from None
    if names and BUILDING not in names:
        raise UsageError(f"{folder} is not empty", hint="choose another folder")
    if ours and (others := sorted(_files(folder) - set(ours))):
        hint = "an earlier run was cut off here; choose another folder, or empty this one"
        raise UsageError(f"{folder} is not empty: {others[0]}", hint=hint)


def _files(folder: Path) -> set[str]:
    """All files but those of the git folder that is being built."""
    found = set()
    for at, names, files in os.walk(folder):
        if Path(at) == folder:
            names[:] = [name for name in names if name != BUILDING]
        found |= {Path(at, name).relative_to(folder).as_posix() for name in files}
    return found


def _create(folder: Path, wanted: Planned, author: Author) -> None:
    """Puts the repository down; a `.git` is there when all of it is, and an error leaves nothing behind.

    A run that is killed leaves the folder `.git.new`, and perhaps files of ours beside it: the next one starts afresh.
    """
    _refuse_used(folder, wanted.paths)
    building, branch = folder / BUILDING, wanted.spec.platform.repository.branch
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        building.mkdir(parents=True, exist_ok=True)
        _empty(building)
        repo = git.Repo(building, folder)
        git.init(repo, branch)
        git.commit(repo, branch, list(commits_of(wanted, partial(author.person, repo)).values()))
        git.fill(repo)
        building.rename(folder / ".git")
    except BaseException as error:
        _undo(folder, wanted.paths, missing)
        if not isinstance(error, OSError):
            raise
        raise UsageError(f"{folder} cannot be written: {(error.strerror or '').lower()}") from None


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _undo(folder: Path, paths: Collection[str], made: list[Path]) -> None:
    """Takes away what was put down: the files before `.git.new`, which says whose they are."""
    building = folder / BUILDING
    tree = WorkTree(folder, building)
    for path in paths if building.exists() else ():
        with contextlib.suppress(ScaffolderError):
            tree.write(path, None)
    shutil.rmtree(building, ignore_errors=True)
    for place in made:
        with contextlib.suppress(OSError):
            place.rmdir()
