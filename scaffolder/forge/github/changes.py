"""Pull requests on GitHub."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from scaffolder.errors import ForgeError
from scaffolder.forge import pace
from scaffolder.forge.base import Action, Ensured, Hosted
from scaffolder.forge.changes import ChangeRequest, Checks, Proposal, State
from scaffolder.forge.github.api import Api, telling
from scaffolder.forge.github.pulls import STATES, author, of, of_number, of_run, read, reviewers, together
from scaffolder.forge.http import RefusedError

CLEAN: Final = "clean status"  # GitHub waits for nothing: it can be merged now
NOT_OURS: Final = "not allowed for this repository"
METHODS: Final = {"merge": "allow_merge_commit", "squash": "allow_squash_merge", "rebase": "allow_rebase_merge"}
MOVED: Final = 409


@dataclass(frozen=True)
class PullRequests:
    """`pause` waits, while GitHub finds out whether a request can be merged."""

    api: Api
    pause: Callable[[float], None] = field(default=time.sleep, repr=False)

    def find(self, hosted: Hosted, head: str) -> ChangeRequest | None:
        found = [read(each) for each in self._of_head(hosted, head)]
        return next((each for each in found if each.state is State.OPEN), found[0] if found else None)

    def each(self, hosted: Hosted, state: State = State.OPEN) -> Iterator[ChangeRequest]:
        asked = "open" if state is State.OPEN else "closed"
        with telling(f"the change requests of {hosted.owner}/{hosted.name} cannot be read"):
            for found in self.api.each(f"{of(hosted)}/pulls", state=asked, sort="created", direction="desc"):
                if (change := read(found)).state is state:
                    yield change

    def get(self, hosted: Hosted, number: int) -> ChangeRequest:
        found = self._settled(hosted, number)
        with telling(f"the checks of #{number} cannot be read"):
            checks = self._checks(hosted, found["head"]["sha"])
        return read(found, checks)

    def ensure(self, hosted: Hosted, wanted: Proposal) -> Ensured[ChangeRequest]:
        open_one = next((each for each in self._of_head(hosted, wanted.head) if each["state"] == "open"), None)
        action = Action.UNCHANGED
        with telling(f"no change request can be opened from `{wanted.head}`"):
            if open_one is None:
                action, open_one = Action.CREATED, self._opened(hosted, wanted)
            elif self._edited(hosted, open_one, wanted):
                action = Action.UPDATED
            more = [each(hosted, open_one, wanted) for each in (self._labelled, self._reviewed, self._awaited)]
            if any(more) and action is Action.UNCHANGED:
                action = Action.UPDATED
            if action is not Action.UNCHANGED:
                open_one = self.api.get(of_number(hosted, open_one["number"]))
        return Ensured(read(open_one), action)

    def merge(self, hosted: Hosted, number: int) -> Ensured[ChangeRequest]:
        found = self._settled(hosted, number)
        if not found["merged"]:
            _refuse_unfit(found)
            self._merged(hosted, found)
        self._without_branch(hosted, found)
        return Ensured(read(self._one(hosted, number)), Action.UNCHANGED if found["merged"] else Action.UPDATED)

    def close(self, hosted: Hosted, number: int) -> Ensured[ChangeRequest]:
        change = read(found := self._one(hosted, number))
        if change.state is State.MERGED:
            raise ForgeError(f"#{number} is merged already")
        if change.state is State.CLOSED:
            return Ensured(change, Action.UNCHANGED)
        with telling(f"#{number} cannot be closed"):
            found = self.api.send("PATCH", of_number(hosted, number), {"state": "closed"})
        return Ensured(read(found), Action.UPDATED)

    def _of_head(self, hosted: Hosted, head: str) -> list[Any]:
        """The newest first. Forks of the same owner may have a branch of this name too."""
        query = {"state": "all", "head": f"{hosted.owner}:{head}", "sort": "created", "direction": "desc"}
        with telling(f"the change requests of {hosted.owner}/{hosted.name} cannot be read"):
            found = list(self.api.each(f"{of(hosted)}/pulls", **query))
        return [each for each in found if (each["head"]["repo"] or {}).get("id") == each["base"]["repo"]["id"]]

    def _one(self, hosted: Hosted, number: int) -> Any:
        with telling(f"#{number} cannot be read"):
            found = self.api.find(of_number(hosted, number))
        if found is None:
            raise ForgeError(f"there is no change request #{number}", hint="`scaffolder change list` shows all")
        return found

    def _settled(self, hosted: Hosted, number: int) -> Any:
        """The same, once GitHub knows whether it can be merged."""
        found = self._one(hosted, number)
        for wait in pace.PAUSES:
            if found["state"] != "open" or found["mergeable"] is not None:
                break
            self.pause(wait)
            found = self._one(hosted, number)
        return found

    def _opened(self, hosted: Hosted, wanted: Proposal) -> Any:
        body = {"head": wanted.head, "base": wanted.base, "title": wanted.title, "body": wanted.body}
        return self.api.send("POST", f"{of(hosted)}/pulls", {**body, "draft": wanted.draft})

    def _edited(self, hosted: Hosted, found: Any, wanted: Proposal) -> bool:
        said = {"title": wanted.title, "body": wanted.body, "base": wanted.base}
        is_now = {"title": found["title"], "body": found["body"] or "", "base": found["base"]["ref"]}
        if change := {name: value for name, value in said.items() if value != is_now[name]}:
            self.api.send("PATCH", of_number(hosted, found["number"]), change)
        if turned := bool(found.get("draft")) != wanted.draft:
            mutation = "convertPullRequestToDraft" if wanted.draft else "markPullRequestReadyForReview"
            self.api.graphql(mutation, pullRequestId=found["node_id"])
        return bool(change) or turned

    def _labelled(self, hosted: Hosted, found: Any, wanted: Proposal) -> bool:
        has = {label["name"].lower() for label in found["labels"]}
        missing = [name for name in wanted.labels if name.lower() not in has]
        if missing:
            self.api.send("POST", f"{of(hosted)}/issues/{found['number']}/labels", {"labels": missing})
        return bool(missing)

    def _reviewed(self, hosted: Hosted, found: Any, wanted: Proposal) -> bool:
        """Whoever has reviewed it is asked no more, and its author cannot be."""
        asked = {each.lower() for each in (*reviewers(found), author(found))}
        missing = [name for name in wanted.reviewers if name.lower() not in asked]
        if missing:
            reviews = self.api.each(f"{of_number(hosted, found['number'])}/reviews")
            done = {each["user"]["login"].lower() for each in reviews if each["user"]}
            missing = [name for name in missing if name.lower() not in done]
        if missing:
            people = [name for name in missing if "/" not in name]
            teams = [name.rpartition("/")[2] for name in missing if "/" in name]
            path = f"{of_number(hosted, found['number'])}/requested_reviewers"
            self.api.send("POST", path, {"reviewers": people, "team_reviewers": teams})
        return bool(missing)

    def _awaited(self, hosted: Hosted, found: Any, wanted: Proposal) -> bool:
        """GitHub merges it itself, or at once where there is nothing to wait for. Drafts are not merged."""
        if not wanted.auto_merge or wanted.draft or found.get("auto_merge"):
            return False
        method = self._method(hosted).upper()
        try:
            self.api.graphql("enablePullRequestAutoMerge", pullRequestId=found["node_id"], mergeMethod=method)
        except RefusedError as error:
            if NOT_OURS in error.said:
                hint = "allow it in the repository's settings, or leave auto-merge out"
                raise ForgeError(f"{hosted.owner}/{hosted.name} allows no auto-merge", hint=hint) from None
            if CLEAN not in error.said:
                raise
            self._merged(hosted, found)
            self._without_branch(hosted, found)
        return True

    def _method(self, hosted: Hosted) -> str:
        """One that the repository allows; what it does not tell is allowed."""
        settings = self.api.get(of(hosted))
        return next((method for method, allowed in METHODS.items() if settings.get(allowed, True)), "merge")

    def _merged(self, hosted: Hosted, found: Any) -> None:
        number = found["number"]
        with telling(f"#{number} cannot be merged"):
            body = {"merge_method": self._method(hosted), "sha": found["head"]["sha"]}
            try:
                self.api.send("PUT", f"{of_number(hosted, number)}/merge", body)
            except RefusedError as error:
                if error.status != MOVED:
                    raise
                hint = "look at it again, then merge it"
                raise ForgeError(f"#{number} has new commits", hint=hint) from None

    def _without_branch(self, hosted: Hosted, found: Any) -> None:
        """Deletes what was merged, if nobody has put anything else there since."""
        if (found["head"]["repo"] or {}).get("id") != found["base"]["repo"]["id"]:
            return
        branch = quote(found["head"]["ref"])
        with telling(f"the branch {found['head']['ref']} cannot be deleted"):
            now = self.api.find(f"{of(hosted)}/git/ref/heads/{branch}")
            if now and now["object"]["sha"] == found["head"]["sha"]:
                self._deleted(f"{of(hosted)}/git/refs/heads/{branch}")

    def _deleted(self, path: str) -> None:
        try:
            self.api.delete(path)
        except RefusedError as error:
            if "does not exist" not in error.said:  # GitHub itself was quicker
                raise

    def _checks(self, hosted: Hosted, commit: str) -> Checks:
        """Of what apps found, and of what others reported."""
        runs = self.api.each(f"{of(hosted)}/commits/{commit}/check-runs", of="check_runs")
        found = [of_run(each) for each in runs]
        status = self.api.get(f"{of(hosted)}/commits/{commit}/status")
        if status["total_count"]:
            found.append(STATES[status["state"]])
        return together(found)


def _refuse_unfit(found: dict[str, Any]) -> None:
    number, base = found["number"], found["base"]["ref"]
    if found["state"] != "open":
        raise ForgeError(f"#{number} is closed", hint="open it again first")
    if found.get("draft"):
        raise ForgeError(f"#{number} is a draft", hint="run the command that opened it with --no-draft")
    if found["mergeable"] is False:
        hint = f"git merge origin/{base} on {found['head']['ref']}, and push it"
        raise ForgeError(f"#{number} is in conflict with `{base}`", hint=hint)
