"""`--change-request`: a command's work as a change request. What people have checked out stays as it is.

The command runs in a temporary clone of what is committed here, brought together with what is on the forge.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder import git
from scaffolder.cli.work.change import forges, together
from scaffolder.cli.work.change.delivery import PREFIX, Asked, Offer, deliver
from scaffolder.cli.work.session import Session
from scaffolder.errors import ConflictError, UsageError
from scaffolder.report import DocumentChange
from scaffolder.spec.load import APART, TOGETHER

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.report import Report

EDITED: Final = (TOGETHER, APART)  # what people edit, and `sync` takes along as it is

Work = Callable[..., "Report"]


@dataclass(frozen=True)
class Change:
    """A command whose work is to be proposed; `what` tells it from others of its name, e.g. the app that it adds."""

    command: str
    what: str
    work: Work
    asked: Asked

    @property
    def head(self) -> str:
        words = re.sub(r"[^A-Za-z0-9-]+", "-", f"{self.command}-{self.what}").strip("-")
        return f"{PREFIX}/{words}"

    @property
    def carries(self) -> bool:
        """Whether it is about documents that people have edited, and perhaps not committed."""
        return self.command == "sync"


def propose(console: Console, *, change: Change, dry_run: bool) -> Report:
    """Opens a change request, or brings the one of this command up to date.

    Raises:
        ForgeError: the repository's forge refuses it.
        GitError: there is something here that is not committed, and would be left out.
    """
    git.check_version()
    return together.again(console, partial(_attempt, console, change, dry_run=dry_run))


def _attempt(console: Console, change: Change, *, dry_run: bool) -> Report:
    here = Session.at(git.find(Path.cwd()), console)
    platform = forges.platform_of(here.repo)
    branch = platform.repository.branch if platform else git.current_branch(here.repo)
    if branch is None:
        raise UsageError("no branch is checked out that a change could come into", hint="git switch BRANCH")
    together.refuse_unfinished(here, branch, (together.LOCKS,) if change.carries else together.DOCUMENTS)
    edits = _edits(here) if change.carries else []
    with (
        forges.opened(console, here.repo, platform) as home,
        tempfile.TemporaryDirectory(prefix="scaffolder-") as scratch,
    ):
        place = Path(scratch, here.tree.root.name)  # `adopt` names a platform after its folder
        place.mkdir()
        clone = Session.at(git.Repo(place / ".git", place), console)
        together.fill(clone, here, home.hosted, branch)
        _take_refs(clone.repo, here)
        build = partial(_build, clone, git.identity(here.repo), change, edits)
        return deliver(Offer(change.asked, clone, home, branch, change.head, build), dry_run=dry_run)


@dataclass(frozen=True)
class Edit:
    """A document as it was committed here, and as it is now; None where there is none."""

    path: str
    before: bytes | None
    now: bytes | None

    @property
    def told(self) -> DocumentChange:
        return DocumentChange(
            path=self.path, change="create" if self.before is None else "delete" if self.now is None else "update"
        )


def _edits(here: Session) -> list[Edit]:
    committed, found = git.CommitFiles(here.repo, "HEAD"), []
    for path in git.changed(here.repo, EDITED):
        before, now = committed.read(path), here.tree.read(path)
        found.append(Edit(path, before.content if before else None, now.content if now else None))
    return found


def _take_refs(repo: git.Repo, here: Session) -> None:
    """What environments may be pinned to."""
    refs = [f"+refs/{name}/*:refs/{name}/*" for name in ("tags", "remotes/origin")]
    git.run(repo, "fetch", "--quiet", "--no-tags", "--", str(here.tree.root), *refs)


def _build(clone: Session, author: git.Person, change: Change, edits: list[Edit], last: str) -> Report:
    """Runs the command in the clone, and commits what it did; `last` is what it did before, if others went on then."""
    carried = []
    for edit in edits:
        before = git.CommitFiles(clone.repo, last).read(edit.path) if last else None
        if _write(clone, replace(edit, before=before.content) if before else edit):
            carried.append(edit.told)
    made = change.work(replace(clone.console, folder=clone.tree.root), dry_run=False)
    if made.conflicts:
        lines = "\n".join(f"{each.path}: {each.reason}" for each in made.conflicts)
        hint = "without --change-request, the same command writes them out here: solve and commit them"
        raise ConflictError(f"{lines}\nnothing is pushed", hint=hint)
    git.add(clone.repo, ["."])
    listed = git.run(clone.repo, "diff", "--cached", "--name-only", "--no-renames", "-z", "HEAD").out
    if paths := [path for path in listed.split("\0") if path]:
        files = {path: clone.tree.read(path) for path in paths}
        branch = git.current_branch(clone.repo) or ""
        git.commit(clone.repo, branch, [git.Commit(made.message, author, files)])
        git.fill(clone.repo)
    return made.model_copy(update={"documents": (*carried, *made.documents)})


def _write(clone: Session, edit: Edit) -> bool:
    """Brings a person's edit into the clone, where the document may have changed, too; False where it has it already.

    Raises:
        ConflictError: both changed the same lines.
    """
    there = clone.tree.read(edit.path)
    theirs, place = there.content if there else None, clone.tree.root / edit.path
    if theirs == edit.now:
        return False
    if theirs != edit.before:
        now, before, other = ((side or b"").decode("utf-8", "replace") for side in (edit.now, edit.before, theirs))
        text, clean = git.merge_file(now, before, other)
        if not clean or None in (theirs, edit.before, edit.now):
            hint = "git pull, solve it here, then run this again"
            raise ConflictError(f"{edit.path}: you and others changed the same lines", hint=hint)
        place.write_text(text, encoding="utf-8", newline="")
    elif edit.now is None:
        place.unlink(missing_ok=True)
    else:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(edit.now)
    return True
