"""What the fake GitLab answers about files, and the commits that it makes of actions."""

from __future__ import annotations

import base64
from typing import Any

from tests.support.forges.gitlab_state import DEVELOPER, GitLab, Project, RefusedError, given, route
from tests.support.forges.store import Bare, data
from tests.support.forges.wire import Answer, Asked


@route("POST /projects/{id}/repository/branches")
def new_branch(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, said = lab.found(asked, user, DEVELOPER), given(asked, "branch", "ref")
    if not found.bare.branches():  # GitLab makes a first commit where there is none
        found.bare.commit(found.data["default_branch"], {"README.md": ""}, "Add README.md")
    if found.bare.tip(said["branch"]):
        raise RefusedError(400, "Branch already exists")
    found.bare.git("update-ref", f"refs/heads/{said['branch']}", said["ref"])
    return Answer(201, {"name": said["branch"]})


@route("GET /projects/{id}/repository/archive.tar.gz")
def archive(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, sha = lab.found(asked, user), asked.query["sha"]
    prefix = f"--prefix={found.data['path']}-{sha}/"
    return Answer(200, found.bare.content("archive", "--format=tar.gz", prefix, sha))


@route("HEAD /projects/{id}/repository/files/{file_path}")
def file(lab: GitLab, asked: Asked, user: str) -> Answer:
    last = _last(lab.found(asked, user).bare, asked.query["ref"], asked.names["file_path"])
    return Answer(200, None, {"X-Gitlab-Last-Commit-Id": last}) if last else Answer(404)


@route("POST /projects/{id}/repository/commits")
def new_commit(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, said = lab.found(asked, user, DEVELOPER), given(asked, "branch", "commit_message", "actions")
    bare, branch = found.bare, said["branch"]
    if bare.branches() and not bare.tip(branch):
        raise RefusedError(400, "You can only create or edit files when you are on a branch")
    if not lab.may_push(found, branch, user):
        raise RefusedError(400, "You are not allowed to push into this branch")
    parent = bare.tip(branch)
    mail = said.get("author_email") or f"{user}@example.invalid"
    author = f"author {said.get('author_name') or user} <{mail}> now\n"
    committer = f"committer {user} <{user}@example.invalid> now\n"
    start = f"from {parent}\n" if parent else ""
    changes = "".join(_change(found, parent, each) for each in said["actions"])
    head = f"commit refs/heads/{branch}\n{author}{committer}{data(said['commit_message'])}{start}"
    bare.git("fast-import", "--quiet", "--date-format=now", stdin=head + changes)
    return Answer(201, {"id": bare.tip(branch), "parent_ids": [parent] if parent else []})


def _change(project: Project, parent: str | None, action: dict[str, Any]) -> str:
    path, does = action["file_path"], action["action"]
    last = _last(project.bare, parent, path) if parent else ""
    if does == "create" and last:
        raise RefusedError(400, "A file with this name already exists")
    if does != "create" and not last:
        raise RefusedError(400, "A file with this name doesn't exist")
    if last and action.get("last_commit_id", last) != last:
        raise RefusedError(400, f"The file has changed since you started editing it: {path}")
    if does == "delete":
        return f"D {path}\n"
    content = action["content"].encode()
    whole = base64.b64decode(content) if action.get("encoding", "text") == "base64" else content
    return f"M 100644 {project.bare.blob(whole)} {path}\n"


def _last(bare: Bare, ref: str, path: str) -> str:
    """The last commit of a file that is there."""
    there = bare.git("ls-tree", ref, "--", path)
    return bare.git("log", "-1", "--format=%H", ref, "--", path) if there else ""
