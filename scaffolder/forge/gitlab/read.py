"""What GitLab says of a merge request, read as a change request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from scaffolder.forge.changes import ChangeRequest, Checks, State

Data = Mapping[str, Any]  # a merge request, as the API has it

DRAFT: Final = "Draft: "
MARK: Final = re.compile(r"(\[draft\]|\(draft\)|draft:)\s*", re.IGNORECASE)
WORDS: Final = {State.OPEN: "opened", State.MERGED: "merged", State.CLOSED: "closed"}
STATES: Final = {word: state for state, word in WORDS.items()} | {"locked": State.OPEN}  # while it is being merged

# a pipeline's status -> ours; all others are on their way
PIPELINES: Final = {
    "success": Checks.PASSED,
    "failed": Checks.FAILED,
    "canceled": Checks.FAILED,
    "skipped": Checks.NONE,
}

# detailed_merge_status: what is ready, while GitLab does not know yet, and what else it may mean
READY: Final = "mergeable"
THINKING: Final = frozenset({"unchecked", "checking", "preparing", "approvals_syncing", "cannot_be_merged_recheck"})
REASONS: Final = {
    "broken_status": "it is in conflict with `{base}`",
    "conflict": "it is in conflict with `{base}`",
    "need_rebase": "its branch has to be rebased first",
    "ci_must_pass": "its pipeline has not succeeded",
    "ci_still_running": "its pipeline is still running",
    "discussions_not_resolved": "it has threads that are not resolved",
    "draft_status": "it is a draft",
    "not_approved": "it has not been approved",
    "requested_changes": "a reviewer requested changes",
    "blocked_status": "another merge request has to be merged first",
    "merge_request_blocked": "another merge request has to be merged first",
    "external_status_checks": "its status checks have not passed",
    "status_checks_must_pass": "its status checks have not passed",
    "commits_status": "its branch is gone, or has no commits of its own",
    "jira_association_missing": "its title names no Jira issue",
    "locked_paths": "it changes what somebody has locked",
    "security_policy_violations": "it violates a security policy",
    "merge_time": "its time has not come yet",
}


def change_of(found: Data) -> ChangeRequest:
    """One out of a list, of which GitLab does not tell all."""
    return ChangeRequest(
        number=found["iid"],
        url=found["web_url"],
        state=STATES[found["state"]],
        head=found["source_branch"],
        base=found["target_branch"],
        title=MARK.sub("", found["title"], count=1) if MARK.match(found["title"]) else found["title"],
        body=found["description"] or "",
        commit=found["sha"] or "",
        author=found["author"]["username"],
        labels=tuple(found["labels"]),
        reviewers=tuple(each["username"] for each in found["reviewers"]),
        draft=found["draft"],
    )


def whole(found: Data) -> ChangeRequest:
    """One that was asked for alone, with its checks, and whether it can be merged."""
    status = found.get("detailed_merge_status")
    mergeable = None if status is None or status in THINKING else status == READY
    return replace(change_of(found), checks=checks_of(found), mergeable=mergeable)


def checks_of(found: Data) -> Checks:
    pipeline = found.get("head_pipeline")
    return PIPELINES.get(pipeline["status"], Checks.PENDING) if pipeline else Checks.NONE
