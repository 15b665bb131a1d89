"""What python-gitlab's tests ask of a GitLab and scaffolder does not: to set up, to look, and to clear away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.support.forges import gitlab_contents
from tests.support.forges.gitlab_state import DEVELOPER, MAINTAINER, OWNER, GitLab, RefusedError, given
from tests.support.forges.wire import Answer, Asked


def end_project(lab: GitLab, asked: Asked, user: str) -> Answer:
    found = lab.found(asked, user, OWNER)
    lab.store.delete(found.full)
    del lab.projects[found.data["id"]]
    return Answer(202, {"message": "202 Accepted"})


def new_file(lab: GitLab, asked: Asked, user: str) -> Answer:
    """A commit of one file."""
    said, path = given(asked, "branch", "commit_message", "content"), asked.names["file_path"]
    action = {"action": "create", "file_path": path, "content": said["content"]}
    body = {"branch": said["branch"], "commit_message": said["commit_message"], "actions": [action]}
    gitlab_contents.new_commit(lab, replace(asked, body=body), user)
    return Answer(201, {"file_path": path, "branch": said["branch"]})


def end_branch(lab: GitLab, asked: Asked, user: str) -> Answer:
    lab.found(asked, user, DEVELOPER).bare.delete(asked.names["branch"])
    return Answer(204)


def rules(lab: GitLab, asked: Asked, user: str) -> Answer:
    return asked.page(list(lab.protected(lab.found(asked, user, DEVELOPER)).values()), 20)


def end_approvals(lab: GitLab, asked: Asked, user: str) -> Answer:
    del lab.found(asked, user, MAINTAINER).approvals[int(asked.names["rule_id"])]
    return Answer(204)


def token(lab: GitLab, asked: Asked, user: str) -> Answer:
    found = lab.found(asked, user, MAINTAINER).tokens.get(int(asked.names["token_id"]))
    if found is None:
        raise RefusedError(404, "404 Deploy Token Not Found")
    return Answer(200, _without_secret(found))


def tokens(lab: GitLab, asked: Asked, _user: str) -> Answer:
    return asked.page([_without_secret(each) for project in lab.projects.values() for each in project.tokens.values()])


def _without_secret(token: dict[str, Any]) -> dict[str, Any]:
    return {**token, "token": None}


BESIDE = {
    "DELETE /projects/{id}": end_project,
    "POST /projects/{id}/repository/files/{file_path}": new_file,
    "DELETE /projects/{id}/repository/branches/{branch}": end_branch,
    "GET /projects/{id}/protected_branches": rules,
    "DELETE /projects/{id}/approval_rules/{rule_id}": end_approvals,
    "GET /projects/{id}/deploy_tokens/{token_id}": token,
    "GET /deploy_tokens": tokens,
}
