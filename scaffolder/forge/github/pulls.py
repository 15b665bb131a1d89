"""Pull requests as GitHub tells them, read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from scaffolder.forge.base import Hosted
from scaffolder.forge.changes import ChangeRequest, Checks, State

GOOD: Final = frozenset({"success", "neutral", "skipped"})
STATES: Final = {"success": Checks.PASSED, "pending": Checks.PENDING, "failure": Checks.FAILED, "error": Checks.FAILED}


def of(hosted: Hosted) -> str:
    return f"/repos/{hosted.owner}/{hosted.name}"


def of_number(hosted: Hosted, number: int) -> str:
    return f"{of(hosted)}/pulls/{number}"


def of_run(run: dict[str, Any]) -> Checks:
    if run["status"] != "completed":
        return Checks.PENDING
    return Checks.PASSED if run["conclusion"] in GOOD else Checks.FAILED


def together(found: Iterable[Checks]) -> Checks:
    seen = set(found)
    return next((each for each in (Checks.FAILED, Checks.PENDING, Checks.PASSED) if each in seen), Checks.NONE)


def author(found: dict[str, Any]) -> str:
    """GitHub puts a ghost in the place of users that are gone."""
    return str(found["user"]["login"]) if found["user"] else "ghost"


def reviewers(found: dict[str, Any]) -> list[str]:
    people = [each["login"] for each in found.get("requested_reviewers") or ()]
    owner = found["base"]["repo"]["owner"]["login"]
    return people + [f"{owner}/{each['slug']}" for each in found.get("requested_teams") or ()]


def read(found: dict[str, Any], checks: Checks | None = None) -> ChangeRequest:
    state = State.OPEN if found["state"] == "open" else State.MERGED if found["merged_at"] else State.CLOSED
    return ChangeRequest(
        number=found["number"],
        url=found["html_url"],
        state=state,
        head=found["head"]["ref"],
        base=found["base"]["ref"],
        title=found["title"],
        body=found["body"] or "",
        commit=found["head"]["sha"],
        author=author(found),
        labels=tuple(label["name"] for label in found["labels"]),
        reviewers=tuple(reviewers(found)),
        draft=bool(found.get("draft")),
        checks=checks,
        mergeable=found.get("mergeable") if state is State.OPEN else None,
    )
