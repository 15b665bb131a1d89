"""Gitea's pull requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from itertools import islice
from typing import Any, Final

from scaffolder.errors import ForgeError, shown
from scaffolder.forge.base import Action, Ensured, Hosted
from scaffolder.forge.changes import ChangeRequest, Checks, Proposal, State
from scaffolder.forge.http import Api, RefusedError

DRAFT: Final = "WIP: "
DRAFTS: Final = ("wip:", "[wip]")  # what Gitea takes for a draft's mark, as it is set up
COLOR: Final = "ededed"  # of a label that nobody has made before
PAUSES: Final = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # seconds until Gitea has seen whether a request can be merged
LATER: Final = "try again later"
CHECKS: Final = {
    "": Checks.NONE,
    "pending": Checks.PENDING,
    "success": Checks.PASSED,
    "warning": Checks.PASSED,
    "skipped": Checks.PASSED,
}
RECENT: Final = 100  # of those that have ended: Gitea cannot be asked for one branch's, and may have thousands


@dataclass(frozen=True)
class GiteaChanges:
    """`telling` makes one line of what Gitea refuses, beginning with the problem that it is given."""

    api: Api
    telling: Callable[[str], AbstractContextManager[None]] = field(repr=False)

    def find(self, hosted: Hosted, head: str) -> ChangeRequest | None:
        for state, most in (("open", None), ("closed", RECENT)):
            for found in islice(self._listed(hosted, state), most):
                if found["head"]["label"] == head and found["head"]["repo_id"] == found["base"]["repo_id"]:
                    return _request(found)
        return None

    def each(self, hosted: Hosted, state: State = State.OPEN) -> Iterator[ChangeRequest]:
        asked = "open" if state is State.OPEN else "closed"
        return (each for each in map(_request, self._listed(hosted, asked)) if each.state is state)

    def get(self, hosted: Hosted, number: int) -> ChangeRequest:
        found = self._settled(hosted, number)
        with self.telling(f"the checks of #{number} cannot be read"):
            said = self.api.get(f"{_path(hosted)}/commits/{found.commit}/status")
        state = said["state"] if said.get("statuses") else ""
        return replace(found, checks=CHECKS.get(state, Checks.FAILED))

    def ensure(self, hosted: Hosted, wanted: Proposal) -> Ensured[ChangeRequest]:
        known = self.find(hosted, wanted.head)
        if known is None or known.state is not State.OPEN:
            made, action = self._opened(hosted, wanted), Action.CREATED
        else:  # a list does not say who has been asked to review
            now = self._found(hosted, known.number) if wanted.reviewers else known
            made, action = self._edited(hosted, now, wanted)
        changed = self._labelled(hosted, made, wanted) | self._reviewed(hosted, made, wanted)
        if wanted.auto_merge and not wanted.draft:
            changed |= self._merged_later(hosted, made.number)
        if changed:
            made = self._found(hosted, made.number)
        return Ensured(made, Action.UPDATED if changed and action is Action.UNCHANGED else action)

    def merge(self, hosted: Hosted, number: int) -> Ensured[ChangeRequest]:
        found = self._settled(hosted, number)
        if found.state is State.MERGED:
            return Ensured(found, Action.UNCHANGED)
        if found.state is State.CLOSED:
            raise ForgeError(f"#{number} is closed")
        if found.draft:
            raise ForgeError(f"#{number} is a draft", hint="run the command that opened it with --no-draft")
        _refuse_conflict(found)
        try:
            with self.telling(f"#{number} cannot be merged"):
                self._merge(hosted, number)
        except ForgeError:
            _refuse_conflict(self._settled(hosted, number))  # with what was pushed a moment ago
            raise
        return Ensured(self._found(hosted, number), Action.UPDATED)

    def close(self, hosted: Hosted, number: int) -> Ensured[ChangeRequest]:
        found = self._found(hosted, number)
        if found.state is State.MERGED:
            raise ForgeError(f"#{number} is merged already")
        if found.state is State.CLOSED:
            return Ensured(found, Action.UNCHANGED)
        with self.telling(f"#{number} cannot be closed"):
            return Ensured(_request(self.api.patch(_pull(hosted, number), {"state": "closed"})), Action.UPDATED)

    def _listed(self, hosted: Hosted, state: str) -> Iterator[Any]:
        with self.telling(f"the pull requests of {hosted.owner}/{hosted.name} cannot be read"):
            try:
                yield from self.api.each(f"{_path(hosted)}/pulls", state=state)
            except RefusedError as error:
                if error.status != HTTPStatus.NOT_FOUND:  # as it says while nothing has been pushed yet
                    raise

    def _found(self, hosted: Hosted, number: int) -> ChangeRequest:
        with self.telling(f"#{number} cannot be read"):
            found = self.api.find(_pull(hosted, number))
        if found is None:
            raise ForgeError(f"there is no change request #{number}", hint="`scaffolder change list` shows all")
        return _request(found)

    def _settled(self, hosted: Hosted, number: int) -> ChangeRequest:
        """The request when Gitea knows whether it can be merged."""
        found = self._found(hosted, number)
        for pause in PAUSES:
            if found.mergeable or found.state is not State.OPEN or found.draft:
                return found
            self.api.pause(pause)
            found = self._found(hosted, number)
        return replace(found, mergeable=bool(found.mergeable))

    def _opened(self, hosted: Hosted, wanted: Proposal) -> ChangeRequest:
        body = {"head": wanted.head, "base": wanted.base, "title": _title(wanted), "body": wanted.body}
        with self.telling(f"no change request can be opened from `{wanted.head}`"):
            return _request(self.api.post(f"{_path(hosted)}/pulls", body))

    def _edited(self, hosted: Hosted, known: ChangeRequest, wanted: Proposal) -> tuple[ChangeRequest, Action]:
        now = (known.base, known.title, known.body.strip(), known.draft)
        if now == (wanted.base, wanted.title, wanted.body.strip(), wanted.draft):
            return known, Action.UNCHANGED
        body = {"title": _title(wanted), "body": wanted.body, "base": wanted.base}
        with self.telling(f"#{known.number} cannot be changed"):
            return _request(self.api.patch(_pull(hosted, known.number), body)), Action.UPDATED

    def _labelled(self, hosted: Hosted, made: ChangeRequest, wanted: Proposal) -> bool:
        missing = [name for name in wanted.labels if name not in made.labels]
        if not missing:
            return False
        with self.telling(f"#{made.number} cannot be labelled"):
            known = {each["name"]: each["id"] for each in self.api.each(f"{_path(hosted)}/labels")}
            for name in missing:
                if name not in known:
                    body = {"name": name, "color": COLOR}
                    known[name] = self.api.post(f"{_path(hosted)}/labels", body)["id"]
            numbers = [known[name] for name in missing]
            self.api.ask(f"{_path(hosted)}/issues/{made.number}/labels", {"labels": numbers})
        return True

    def _reviewed(self, hosted: Hosted, made: ChangeRequest, wanted: Proposal) -> bool:
        """Asks people, or teams (`owner/team`), to look at it; its author cannot be asked."""
        asked = {name.lower() for name in (*made.reviewers, made.author)}  # to ask again would take back an approval
        missing = [name for name in wanted.reviewers if name.lower() not in asked]
        teams = [name.rpartition("/")[2] for name in missing if "/" in name]
        if not missing:
            return False
        body = {"reviewers": [name for name in missing if "/" not in name], "team_reviewers": teams}
        problem = f"{', '.join(map(shown, missing))} cannot be asked to review #{made.number}"
        with self.telling(problem):
            try:
                self.api.ask(f"{_pull(hosted, made.number)}/requested_reviewers", body)
            except RefusedError as error:
                if error.status != HTTPStatus.NOT_FOUND:
                    raise
                hint = "--reviewer is a user's name, or owner/team; the request is open, and the next run asks again"
                raise ForgeError(f"{problem}: {error.said or 'there is none of this name'}", hint=hint) from None
        return True

    def _merged_later(self, hosted: Hosted, number: int) -> bool:
        """Has it merged as soon as its rules allow, which may be now; False where that was asked for before."""
        self._settled(hosted, number)
        try:
            with self.telling(f"#{number} cannot be merged by itself"):
                self._merge(hosted, number, merge_when_checks_succeed=True)
        except _ScheduledError:
            return False
        return True

    def _merge(self, hosted: Hosted, number: int, **more: bool) -> None:
        """Merges as the repository does by default; once more where Gitea has something to see to before."""
        way = self.api.get(_path(hosted)).get("default_merge_style") or "merge"
        body = {"Do": way, "delete_branch_after_merge": True, **more}
        for pause in (*PAUSES, None):
            try:
                return self.api.ask(f"{_pull(hosted, number)}/merge", body)
            except RefusedError as error:
                if more and error.status == HTTPStatus.CONFLICT:
                    raise _ScheduledError(f"#{number} is to be merged already") from None
                if pause is None or error.status != HTTPStatus.METHOD_NOT_ALLOWED or LATER not in error.said.lower():
                    raise
                self.api.pause(pause)
        raise AssertionError  # the last attempt has returned, or raised


class _ScheduledError(ForgeError):
    """Gitea merges it by itself already."""


def _refuse_conflict(found: ChangeRequest) -> None:
    if found.mergeable is False:
        message = f"#{found.number} is in conflict with `{found.base}`"
        raise ForgeError(message, hint=f"git merge origin/{found.base} on {found.head}, and push it")


def _path(hosted: Hosted) -> str:
    return f"repos/{hosted.owner}/{hosted.name}"


def _pull(hosted: Hosted, number: int) -> str:
    return f"{_path(hosted)}/pulls/{number}"


def _title(wanted: Proposal) -> str:
    return f"{DRAFT}{wanted.title}" if wanted.draft else wanted.title


def _request(found: dict[str, Any]) -> ChangeRequest:
    state = State.MERGED if found["merged"] else State.OPEN if found["state"] == "open" else State.CLOSED
    title, draft = found["title"], False
    for mark in DRAFTS:
        if title.lower().startswith(mark):
            title, draft = title[len(mark) :].strip(), True
    people = [each["login"] for each in found.get("requested_reviewers") or ()]
    owner = found["base"]["repo"]["owner"]["login"]
    teams = [f"{owner}/{each['name']}" for each in found.get("requested_reviewers_teams") or ()]
    return ChangeRequest(
        number=found["number"],
        url=found["html_url"],
        state=state,
        head=found["head"]["label"],
        base=found["base"]["ref"],
        title=title,
        body=found["body"],
        commit=found["head"]["sha"],
        author=found["user"]["login"],
        labels=tuple(each["name"] for each in found.get("labels") or ()),
        reviewers=(*people, *teams),
        draft=draft,
        mergeable=found["mergeable"] or None,  # it says no also where it does not know yet
    )
