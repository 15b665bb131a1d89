"""A change as a change request: which commits are pushed to its branch, and when nothing is.

Only what is known to be ours is ever replaced: the branch is where the mark in the request's body says that we left
it, and what we began at then is in what we begin at now. On all else, commits are added.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from scaffolder import git
from scaffolder.cli.work.change import wording
from scaffolder.cli.work.change.wording import Mark
from scaffolder.errors import GitError, ScaffolderError, UsageError
from scaffolder.forge.base import Action
from scaffolder.forge.changes import ChangeRequest, Proposal, State
from scaffolder.git.remote import fetched
from scaffolder.report import Finding, Made

if TYPE_CHECKING:
    from scaffolder.cli.work.session import Session
    from scaffolder.forge.base import Hosted
    from scaffolder.forge.changes import ChangeRequests
    from scaffolder.report import Report

KIND: Final = "change request"
PREFIX: Final = "scaffolder"  # of their branches


@dataclass(frozen=True)
class Home:
    """A repository on its forge, and its change requests."""

    hosted: Hosted
    changes: ChangeRequests


@dataclass(frozen=True)
class Asked:
    """What the flags say of a change request; texts are None where they say nothing."""

    title: str | None = None
    body: str | None = None
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    draft: bool | None = None
    auto_merge: bool = False


@dataclass(frozen=True)
class Offer:
    """A change to be offered: `build` makes its commits in the clone, on top of what is checked out there.

    It is told what we pushed there last, where others have gone on from that; else nothing.
    """

    asked: Asked
    clone: Session
    home: Home
    base: str
    head: str
    build: Callable[[str], Report]

    def at(self, branch: str) -> str | None:
        """Where a branch is on the forge; its commits are in the clone then."""
        hosted = self.home.hosted
        return fetched(self.clone.repo, hosted.git_url, branch, hosted.access)

    def tree(self, commit: str) -> str:
        return git.run(self.clone.repo, "rev-parse", f"{commit}^{{tree}}").out.strip()

    def holds(self, commit: str, other: str) -> bool:
        """Whether a commit, if this clone has it at all, is in the history of another one."""
        words = ("merge-base", "--is-ancestor", commit, other)
        return bool(commit) and not git.run(self.clone.repo, *words, ok=(0, 1, 128)).status

    def meets(self, commit: str, other: str) -> bool:
        """Whether the histories of two commits have anything in common."""
        return not git.run(self.clone.repo, "merge-base", commit, other, ok=(0, 1)).status

    def shape(self, start: str, commit: str) -> str:
        """All that commits are, but for when they were made."""
        return git.run(self.clone.repo, "log", "--format=%T %an %ae %B", f"{start}..{commit}").out


@dataclass(frozen=True)
class Ready:
    """What is to be done: `commit` is where the branch will be; `lease`, see `git.push`, is there for ours alone."""

    made: Report
    commit: str
    mark: Mark
    pushes: bool
    lease: str | None = None


def deliver(offer: Offer, *, dry_run: bool) -> Report:
    """Pushes a change to a branch of its own, and opens its request or brings it up to date.

    Raises:
        UsageError: there is nothing yet that a change could come into.
        BehindError: somebody has pushed to the branch meanwhile.
        ConflictError: the change is in conflict with what is there; nothing is pushed.
        GitError: the branch is somebody else's, in a way that our change cannot go on from.
    """
    start, target = _tip(offer), offer.at(offer.base)
    if target is None:
        hint = "the first push goes to it: `scaffolder bootstrap` without --change-request"
        raise UsageError(f"there is no branch `{offer.base}` on the forge that a change could come into", hint=hint)
    known = offer.home.changes.find(offer.home.hosted, offer.head)
    ready = _ready(offer, known)
    if ready.lease is None and not offer.meets(ready.commit, target):
        message = f"`{offer.head}` is there already, and has nothing in common with `{offer.base}`"
        raise GitError(message, hint="delete that branch, or rename it, then run this again")
    if offer.tree(ready.commit) == offer.tree(target):
        return _nothing(offer, ready.made, known, dry_run=dry_run)
    ready = replace(ready, made=_with_own(offer, ready.made, start, target))
    wanted = _proposal(offer, ready, known, target)
    if dry_run:
        return _told(ready.made, offer, _foreseen(ready, known, wanted), known, dry_run=True)
    if ready.pushes:
        hosted = offer.home.hosted
        offer.clone.console.step(f'pushing "{offer.head}" to "{hosted.git_url}"')
        git.push(offer.clone.repo, hosted.git_url, offer.base, hosted.access, to=offer.head, lease=ready.lease)
        offer.clone.console.record(Action.UPDATED, "branch", offer.head)
    done = offer.home.changes.ensure(offer.home.hosted, wanted)
    action = Action.UPDATED if ready.pushes and done.action is Action.UNCHANGED else done.action
    return _told(ready.made, offer, action, done.value, dry_run=False)


def _ready(offer: Offer, known: ChangeRequest | None) -> Ready:
    repo = offer.clone.repo
    start = _tip(offer)
    made = offer.build("")
    ours, tip = _tip(offer), offer.at(offer.head)
    fresh = Mark(offer.head, start, ours)
    if tip is None:
        return Ready(made, ours, fresh, pushes=True, lease="")
    before = wording.mark_of(known.body, offer.head) if known else Mark(offer.head)
    is_ours = before.commit == tip and offer.holds(before.start, start)
    same = offer.holds(start, tip) and offer.tree(tip) == offer.tree(ours)
    if same and (is_ours or offer.shape(start, tip) == offer.shape(start, ours)):
        return Ready(made, tip, replace(fresh, commit=tip), pushes=False)
    if is_ours:
        return Ready(made, ours, fresh, pushes=True, lease=tip)
    last = before.commit if offer.holds(before.commit, tip) else ""
    if same or (last and offer.tree(last) == offer.tree(ours)):
        return Ready(made, tip, before, pushes=False)  # others have gone on from just this change
    if not (offer.holds(start, tip) or offer.holds(start, offer.at(offer.base) or "")):
        message = f"`{offer.base}` has commits here that are nowhere else, and others have pushed to `{offer.head}`"
        raise GitError(message, hint=f"bring them into `{offer.head}` first, or close its change request")
    git.run(repo, "update-ref", f"refs/heads/{offer.base}", tip)
    git.fill(repo)
    try:
        made = offer.build(last)
    except ScaffolderError as error:
        error.hint = f"on the branch `{offer.head}`, where others have pushed: {error.hint or 'see there'}"
        raise
    return Ready(made, _tip(offer), before, pushes=_tip(offer) != tip)


def _with_own(offer: Offer, made: Report, start: str, target: str) -> Report:
    """The report, with how many commits go along that people have made here and not pushed yet."""
    number = int(git.run(offer.clone.repo, "rev-list", "--count", "--no-merges", f"{target}..{start}").out)
    if not number:
        return made
    commits = "1 commit" if number == 1 else f"{number} commits"
    message = f"{commits} of `{offer.base}` that had not been pushed: part of this change request"
    hint = f"git log {target[:8]}..{offer.base}"
    found = Finding(level="note", code="unpushed", message=message, hint=hint)
    return made.model_copy(update={"findings": (*made.findings, found)})


def _tip(offer: Offer) -> str:
    return git.tip(offer.clone.repo, offer.base) or ""


def _nothing(offer: Offer, made: Report, known: ChangeRequest | None, *, dry_run: bool) -> Report:
    left = known if known and known.state is State.OPEN else None
    update = {
        "dry_run": dry_run,
        "summary": f"there is nothing to propose: `{offer.base}` has all of it"
        + (f"; #{left.number} is open, and has nothing left" if left else ""),
        "next": (f"scaffolder change close {left.number}",) if left else (),
    }
    return made.model_copy(update=update)


def _proposal(offer: Offer, ready: Ready, known: ChangeRequest | None, target: str) -> Proposal:
    """What the request is to say; one that others go on from, or that needs no push, goes on saying what it says."""
    repo, asked = offer.clone.repo, offer.asked
    kept = known if known and known.state is State.OPEN and ready.lease is None else None
    title = kept.title if kept else git.run(repo, "log", "-1", "--format=%s", ready.commit).out.strip()
    text = asked.body
    if text is None and kept is None:
        text = wording.body(ready.made, git.CommitFiles(repo, target), git.CommitFiles(repo, ready.commit))
    said = kept.body if text is None and kept else text or ""
    return Proposal(
        head=offer.head,
        base=offer.base,
        title=asked.title or title,
        body=wording.marked(said, ready.mark),
        labels=asked.labels,
        reviewers=asked.reviewers,
        draft=_is_draft(asked, known),
        auto_merge=asked.auto_merge,
    )


def _is_draft(asked: Asked, known: ChangeRequest | None) -> bool:
    """One that people made a draft, or none, stays so until it is said otherwise."""
    if asked.draft is not None:
        return asked.draft
    return bool(known and known.state is State.OPEN and known.draft)


def _foreseen(ready: Ready, known: ChangeRequest | None, wanted: Proposal) -> Action:
    if known is None or known.state is not State.OPEN:
        return Action.CREATED
    says = (known.base, known.title, known.body, known.draft) == (wanted.base, wanted.title, wanted.body, wanted.draft)
    has = set(wanted.labels) <= set(known.labels) and set(wanted.reviewers) <= set(known.reviewers)
    return Action.UNCHANGED if says and has and not ready.pushes else Action.UPDATED


def _told(made: Report, offer: Offer, action: Action, found: ChangeRequest | None, *, dry_run: bool) -> Report:
    created = action is Action.CREATED
    name = f"#{found.number}" if found and not (created and dry_run) else offer.head
    verb = {Action.CREATED: "opened", Action.UPDATED: "updated"}.get(action, "")
    would = "would be" if dry_run else "is"
    summary = f"{KIND} {name} {would} {verb}" if verb else f"{KIND} {name} says it all already"
    where = "" if dry_run or found is None else f": {found.url}"
    after = () if dry_run or found is None else (f"scaffolder change show {found.number}",)
    forge = (*made.forge, Made(action=action.value, kind=KIND, name=name))
    update = {"dry_run": dry_run, "forge": forge, "summary": summary + where, "next": after}
    nothing = {} if verb else {"documents": (), "files": ()}
    return made.model_copy(update={**update, **nothing})
