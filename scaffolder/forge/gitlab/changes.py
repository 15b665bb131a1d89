"""Merge requests, as change requests."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from gitlab.exceptions import GitlabAuthenticationError, GitlabError

from scaffolder.errors import ForgeError, shown
from scaffolder.forge.base import Action, Ensured, Hosted
from scaffolder.forge.changes import ChangeRequest, Checks, Proposal, State
from scaffolder.forge.gitlab.api import Api
from scaffolder.forge.gitlab.read import DRAFT, READY, REASONS, THINKING, WORDS, Data, change_of, checks_of, whole

NEWEST: Final[dict[str, Any]] = {"order_by": "created_at", "sort": "desc"}
LOOKS, PAUSE = 20, 0.5  # how often to look until GitLab knows whether it can be merged, and the seconds between
NOT_YET: Final = frozenset({HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.UNPROCESSABLE_ENTITY})
WAITING: Final = "merge_when_pipeline_succeeds"


@dataclass(frozen=True)
class GitlabChanges:
    """`pause` waits between two looks."""

    api: Api
    pause: Callable[[float], None] = field(default=time.sleep, repr=False)

    def find(self, hosted: Hosted, head: str) -> ChangeRequest | None:
        found = self._newest(hosted, head, WORDS[State.OPEN]) or self._newest(hosted, head, "all")
        return change_of(found) if found else None

    def each(self, hosted: Hosted, state: State = State.OPEN) -> Iterator[ChangeRequest]:
        with self._telling(hosted, "read"):
            for each in self.api.of(hosted).mergerequests.list(state=WORDS[state], iterator=True, **NEWEST):
                yield change_of(each.attributes)

    def get(self, hosted: Hosted, number: int) -> ChangeRequest:
        return whole(self._settled(hosted, number))

    def ensure(self, hosted: Hosted, wanted: Proposal) -> Ensured[ChangeRequest]:
        found = self._newest(hosted, wanted.head, WORDS[State.OPEN])
        made = found
        if body := self._difference(wanted, found):
            requests = self.api.of(hosted).mergerequests
            with self.api.telling(f"`{wanted.head}` cannot be proposed for `{wanted.base}`"):
                made = requests.update(found["iid"], body) if found else requests.create(body).attributes
        assert made is not None  # noqa: S101  a new one differs in everything
        if wanted.auto_merge and not made[WAITING]:
            made = self._auto_merged(hosted, made)
        return Ensured(change_of(made), _action(found, made))

    def merge(self, hosted: Hosted, number: int) -> Ensured[ChangeRequest]:
        found = self._settled(hosted, number)
        if found["state"] == WORDS[State.MERGED]:
            return Ensured(whole(found), Action.UNCHANGED)
        if found["state"] == WORDS[State.CLOSED]:
            raise ForgeError(f"#{number} is closed", hint="reopen it there, or propose the change anew")
        _refuse_unready(found)
        with self.api.telling(f"#{number} cannot be merged"):
            try:
                made = self._merge(hosted, found, at_once=True)
            except GitlabError as error:
                if error.response_code not in NOT_YET:
                    raise
                _refuse_unready(self._get(hosted, number))
                raise
        if made["state"] != WORDS[State.MERGED]:  # GitLab goes on with it in the background
            made = self._looked(hosted, number, lambda now: now["state"] == WORDS[State.MERGED])
        return Ensured(whole(made), Action.UPDATED)

    def close(self, hosted: Hosted, number: int) -> Ensured[ChangeRequest]:
        found = self._get(hosted, number)
        if found["state"] == WORDS[State.MERGED]:
            raise ForgeError(f"#{number} is merged already")
        if found["state"] == WORDS[State.CLOSED]:
            return Ensured(whole(found), Action.UNCHANGED)
        with self._telling(hosted, "closed"):
            made = self.api.of(hosted).mergerequests.update(number, {"state_event": "close"})
        return Ensured(whole(made), Action.UPDATED)

    def _telling(self, hosted: Hosted, what: str) -> AbstractContextManager[None]:
        return self.api.telling(f"the merge requests of {hosted.owner}/{hosted.name} cannot be {what}")

    def _newest(self, hosted: Hosted, head: str, state: str) -> Data | None:
        """The newest from a branch of the repository itself: a fork may have one of the same name."""
        with self._telling(hosted, "read"):
            for each in self.api.of(hosted).mergerequests.list(
                source_branch=head, state=state, iterator=True, **NEWEST
            ):
                if each.source_project_id == each.target_project_id:
                    found: Data = each.attributes
                    return found
        return None

    def _get(self, hosted: Hosted, number: int) -> Data:
        with self._telling(hosted, "read"):
            found = self.api.found(lambda: self.api.of(hosted).mergerequests.get(number))
        if found is None:
            raise ForgeError(f"there is no change request #{number}", hint="`scaffolder change list` shows all")
        attributes: Data = found.attributes
        return attributes

    def _settled(self, hosted: Hosted, number: int) -> Data:
        """A merge request, as soon as GitLab knows whether it can be merged."""
        opened = WORDS[State.OPEN]
        return self._looked(
            hosted, number, lambda now: now["state"] != opened or now.get("detailed_merge_status") not in THINKING
        )

    def _looked(self, hosted: Hosted, number: int, enough: Callable[[Data], bool]) -> Data:
        """A merge request as soon as it is as wanted, or as it is in the end."""
        for _ in range(LOOKS):
            found = self._get(hosted, number)
            if enough(found):
                break
            self.pause(PAUSE)
        return found

    def _difference(self, wanted: Proposal, found: Data | None) -> dict[str, Any]:
        """What has to be said so that it becomes what is wanted."""
        said = {
            "title": f"{DRAFT if wanted.draft else ''}{wanted.title}",
            "description": wanted.body,
            "target_branch": wanted.base,
        }
        people = self._reviewers(wanted, found)
        if found is None:
            return {**said, "source_branch": wanted.head, "labels": list(wanted.labels), **people}
        now = change_of(found)
        same = {
            "title": (now.title, now.draft) == (wanted.title, wanted.draft),
            "description": now.body.strip() == wanted.body.strip(),
            "target_branch": now.base == wanted.base,
        }
        labels = [each for each in wanted.labels if each not in now.labels]
        changed = {name: value for name, value in said.items() if not same[name]}
        return {**changed, **({"add_labels": labels} if labels else {}), **people}

    def _reviewers(self, wanted: Proposal, found: Data | None) -> dict[str, Any]:
        """Those that are wanted beside those that are there; GitLab's free edition keeps one of them."""
        there = {each["username"].lower(): each["id"] for each in found["reviewers"]} if found else {}
        missing = [each for each in wanted.reviewers if each.lower() not in there]
        return {"reviewer_ids": [*there.values(), *map(self._user, missing)]} if missing else {}

    def _user(self, login: str) -> int:
        with self.api.telling(f"the user {shown(login)} cannot be read"):
            for each in self.api.library.users.list(username=login, iterator=True):
                return int(each.id)
        raise ForgeError(f"{self.api.host} has no user {shown(login)}", hint="reviewers go by their user names")

    def _auto_merged(self, hosted: Hosted, made: Data) -> Data:
        """Merges it if that may be now, else asks GitLab to; where it cannot wait for what is missing, people merge."""
        now = self._settled(hosted, made["iid"])
        checks = checks_of(now)
        if now["draft"] or checks is Checks.FAILED:
            return made
        at_once = checks is not Checks.PENDING and now.get("detailed_merge_status") == READY
        with self.api.telling(f"#{made['iid']} cannot be merged by itself"):
            try:
                return self._merge(hosted, now, at_once=at_once)
            except GitlabError as error:
                if error.response_code in NOT_YET:
                    return made
                raise

    def _merge(self, hosted: Hosted, found: Data, *, at_once: bool) -> Data:
        """Merges the commit that was looked at, and no other."""
        request = self.api.of(hosted).mergerequests.get(found["iid"], lazy=True)
        body = {"should_remove_source_branch": True, WAITING: not at_once, "sha": found["sha"]}
        try:
            return request.merge(**body)
        except GitlabAuthenticationError:  # so GitLab tells who may not
            hint = "let the token's user be a Maintainer, or whom the branch's rules name"
            raise ForgeError(f"#{found['iid']} may not be merged by the token's user", hint=hint) from None


def _action(found: Data | None, made: Data) -> Action:
    if found is None:
        return Action.CREATED
    same = change_of(found) == change_of(made) and found[WAITING] == made[WAITING]
    return Action.UNCHANGED if same else Action.UPDATED


def _refuse_unready(found: Data) -> None:
    if reason := REASONS.get(found.get("detailed_merge_status") or ""):
        said = reason.format(base=found["target_branch"])
        raise ForgeError(f"#{found['iid']} cannot be merged: {said}", hint=f"see {found['web_url']}")
