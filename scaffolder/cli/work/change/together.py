"""A temporary clone of what is committed here, brought together with what is on the forge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from scaffolder import git
from scaffolder.cli.work.remote import follow
from scaffolder.errors import GitError
from scaffolder.git.remote import BehindError, default_branch
from scaffolder.spec.load import APART, TOGETHER

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.session import Session
    from scaffolder.forge.base import Hosted

T = TypeVar("T")

LOCKS: Final = ".scaffolder"
DOCUMENTS: Final = (TOGETHER, APART, LOCKS)
ATTEMPTS: Final = 4  # at a push: others may push at the same time


def again(console: Console, attempt: Callable[[], T]) -> T:
    """What an attempt answers; where others push meanwhile, it is made all over again."""
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except BehindError:
            console.step("git conflict detected, retrying with a fresh clone")
    return attempt()


def refuse_unfinished(here: Session, branch: str, documents: Sequence[str] = DOCUMENTS) -> None:
    """What people have not committed yet must not slip into a commit of ours, and is not to be left out unnoticed."""
    if git.current_branch(here.repo) != branch:
        raise GitError(f"the branch `{branch}` is not checked out", hint=f"git switch {branch}")
    if git.tip(here.repo, branch) is None:
        raise GitError(f"the branch `{branch}` has no commits", hint="commit first")
    refuse_changed(git.changed(here.repo, documents))


def refuse_changed(paths: Sequence[str]) -> None:
    if paths:
        raise GitError(f"{paths[0]} is not committed yet", hint="commit or stash your changes, then run this again")


def fill(clone: Session, here: Session | None, hosted: Hosted | None, branch: str) -> None:
    """Brings what is here and what is on the forge together in the clone."""
    repo, console = clone.repo, clone.console
    if here is None and hosted is None:
        git.init(repo, branch)
        return
    url = str(here.tree.root) if here else hosted.git_url if hosted else ""
    console.step(f'cloning branch "{branch}" from Git repository "{url}"')
    git.as_committed(repo)
    if here:
        git.clone(repo, url, branch)
        if git.tip(repo, branch) != git.tip(here.repo, branch):
            raise GitError("this clone is shallow", hint="git fetch --unshallow, then run this again")
        if hosted and git.remote_tip(repo, hosted.git_url, branch, hosted.access):
            follow(repo, hosted.git_url, branch, hosted.access)
    elif hosted:
        start = default_branch(hosted.git_url, hosted.access)
        git.clone(repo, url, branch, hosted.access, start=start)
    console.done("cloned repository")
