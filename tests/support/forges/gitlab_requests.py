"""What the fake GitLab answers about merge requests. What becomes of them is in the repositories."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.support.forges.gitlab_state import DEVELOPER, GitLab, Project, RefusedError, given, route
from tests.support.forges.wire import Answer, Asked

RUNNING = {"created", "pending", "running"}
DRAFTS = ("draft:", "[draft]", "(draft)")
STATES = {"opened": "opened", "closed": "closed", "merged": "merged"}


@route("GET /projects/{id}/merge_requests")
def listed(lab: GitLab, asked: Asked, user: str) -> Answer:
    found = lab.found(asked, user)
    state, branch = asked.query.get("state", "all"), asked.query.get("source_branch")
    each = [each for each in found.requests if state in {"all", each["state"]}]
    each = [each for each in each if branch in {None, each["source_branch"]}]
    assert asked.query.get("order_by", "created_at") == "created_at"
    ordered = each if asked.query.get("sort") == "asc" else each[::-1]
    return asked.page([told(lab, found, each) for each in ordered], 20)


@route("POST /projects/{id}/merge_requests")
def new(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, said = lab.found(asked, user, DEVELOPER), given(asked, "title", "source_branch", "target_branch")
    head, base = said["source_branch"], said["target_branch"]
    for each in found.requests:
        if (each["state"], each["source_branch"], each["target_branch"]) == ("opened", head, base):
            message = f"Another open merge request already exists for this source branch: !{each['iid']}"
            raise RefusedError(409, {"message": [message]})
    missing = [
        f"{what} branch {name} does not exist"
        for what, name in (("Source", head), ("Target", base))
        if not found.bare.tip(name)
    ]
    if missing:
        raise RefusedError(400, {"message": {"validate_branches": missing}})
    made = {
        "iid": len(found.requests) + 1,
        "state": "opened",
        "source_branch": head,
        "source_project_id": found.data["id"],
        "target_project_id": found.data["id"],
        "author": user,
        "labels": _names(said.get("labels") or ()),
        "merge_when_pipeline_succeeds": False,
        "merged_at": None,
        "seen": False,
        "sha": "",
    }
    found.requests.append(_changed(lab, made, said))
    return Answer(201, told(lab, found, made))


@route("GET /projects/{id}/merge_requests/{merge_request_iid}")
def one(lab: GitLab, asked: Asked, user: str) -> Answer:
    """GitLab looks whether it can be merged only when somebody asks, and says so the next time."""
    project, found = _of(lab, asked, user)
    said = told(lab, project, found)
    found["seen"] = True
    return Answer(200, said)


@route("PUT /projects/{id}/merge_requests/{merge_request_iid}")
def change(lab: GitLab, asked: Asked, user: str) -> Answer:
    project, found = _of(lab, asked, user)
    said = given(asked)
    if event := said.get("state_event"):
        found["state"] = {"close": "closed", "reopen": "opened"}[event]
    return Answer(200, told(lab, project, _changed(lab, found, said)))


@route("PUT /projects/{id}/merge_requests/{merge_request_iid}/merge")
def merge(lab: GitLab, asked: Asked, user: str) -> Answer:
    project, found = _of(lab, asked, user)
    said = given(asked)
    rule = lab.protected(project).get(found["target_branch"])
    least = rule["merge_access_levels"][0]["access_level"] if rule else DEVELOPER
    if lab.level(project, user) < (least or 99):
        raise RefusedError(401, "401 Unauthorized")
    if said.get("sha", found["sha"]) != told(lab, project, found)["sha"]:
        raise RefusedError(409, "SHA does not match HEAD of source branch: " + found["sha"])
    if found["state"] != "opened":
        raise RefusedError(405, "405 Method Not Allowed")
    pipeline = project.pipelines.get(found["sha"])
    if said.get("merge_when_pipeline_succeeds") and pipeline in RUNNING:
        found["merge_when_pipeline_succeeds"] = True
        found["remove"] = bool(said.get("should_remove_source_branch"))
        return Answer(200, told(lab, project, found))
    if _status(project, found) != "mergeable":
        raise RefusedError(405, "405 Method Not Allowed")
    _merged(project, found, remove=bool(said.get("should_remove_source_branch")))
    return Answer(200, {**told(lab, project, found), "state": "locked"})  # it is still at it


def finish(project: Project, branch: str, status: str) -> None:
    """Ends, or starts, the pipeline of a branch's commit; what waits for its success is merged."""
    tip = project.bare.tip(branch) or ""
    project.pipelines[tip] = status
    for each in project.requests:
        if each["source_branch"] == branch and each["merge_when_pipeline_succeeds"] and status == "success":
            _merged(project, each, remove=each["remove"])


def told(lab: GitLab, project: Project, found: dict[str, Any]) -> dict[str, Any]:
    """A merge request, as the API says it."""
    found["sha"] = project.bare.tip(found["source_branch"]) or found["sha"]
    names = {number: name for name, number in lab.users.items()}
    pipeline = project.pipelines.get(found["sha"])
    return {
        **{name: value for name, value in found.items() if name not in {"seen", "remove", "approved"}},
        "web_url": f"https://{lab.server.host}/{project.full}/-/merge_requests/{found['iid']}",
        "author": {"id": lab.users[found["author"]], "username": found["author"]},
        "reviewers": [{"id": number, "username": names[number]} for number in found["reviewer_ids"]],
        "draft": found["title"].lower().startswith(DRAFTS),
        "head_pipeline": pipeline and {"status": pipeline},
        "detailed_merge_status": _status(project, found) if found["seen"] else "checking",
    }


def _of(lab: GitLab, asked: Asked, user: str) -> tuple[Project, dict[str, Any]]:
    project = lab.found(asked, user)
    number = int(asked.names["merge_request_iid"])
    if not 0 < number <= len(project.requests):
        raise RefusedError(404, "404 Not found")
    return project, project.requests[number - 1]


def _names(said: str | Iterable[str]) -> list[str]:
    """Of labels: a list, or one text with commas."""
    return [each for each in (said.split(",") if isinstance(said, str) else said) if each]


def _changed(lab: GitLab, found: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """Without a licence, only one reviewer stays."""
    ids = said.get("reviewer_ids", found.get("reviewer_ids")) or []
    found["reviewer_ids"] = ids if lab.paid else ids[:1]
    for name in ("title", "description", "target_branch"):
        found[name] = said.get(name, found.get(name))
    found["labels"] += [each for each in said.get("add_labels", ()) if each not in found["labels"]]
    return found


def _status(project: Project, found: dict[str, Any]) -> str:
    pipeline = project.pipelines.get(found["sha"])
    needed = max((each["approvals_required"] for each in project.approvals.values()), default=0)
    reasons = {
        "not_open": found["state"] != "opened",
        "commits_status": not project.bare.tip(found["source_branch"]),
        "draft_status": found["title"].lower().startswith(DRAFTS),
    }
    if not any(reasons.values()):
        checked = project.data["only_allow_merge_if_pipeline_succeeds"]
        reasons |= {
            "conflict": project.bare.conflicts(found["target_branch"], found["source_branch"]),
            "ci_still_running": checked and pipeline in RUNNING,
            "ci_must_pass": checked and pipeline != "success",
            "not_approved": found.get("approved", 0) < needed,
        }
    return next((reason for reason, holds in reasons.items() if holds), "mergeable")


def _merged(project: Project, found: dict[str, Any], *, remove: bool) -> None:
    head, base = found["source_branch"], found["target_branch"]
    project.bare.merge(base, head, f"Merge branch '{head}' into '{base}'")
    found |= {"state": "merged", "merge_when_pipeline_succeeds": False, "merged_at": "2026-01-01T00:00:00.000Z"}
    if remove:
        project.bare.delete(head)
