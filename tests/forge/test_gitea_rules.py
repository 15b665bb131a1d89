"""What a protected branch of a real Gitea holds its administrator to."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from scaffolder import git
from scaffolder.forge.base import Hosted, Repository
from scaffolder.forge.rules import Protection
from scaffolder.tree import File
from tests.forge.support import gitea_forge
from tests.support.gitea import ADMIN, Gitea

ADA = git.Person("Ada", "ada@example.com")


def merged(gitea: Gitea, hosted: Hosted, number: int) -> bool:
    """Whether the administrator can merge a pull request, by force if need be."""
    path = f"repos/{hosted.owner}/{hosted.name}/pulls/{number}"
    for _ in range(40):  # a moment after it was opened, Gitea is still checking it
        if gitea.done("GET", path)["mergeable"]:
            break
        time.sleep(0.1)
    return gitea.ask("POST", f"{path}/merge", {"Do": "merge", "force_merge": True}).status == 200


def approve(gitea: Gitea, hosted: Hosted, number: int, user: str) -> None:
    body = {"event": "APPROVED", "body": "fine"}
    said = gitea.ask("POST", f"repos/{hosted.owner}/{hosted.name}/pulls/{number}/reviews", body, as_user=user)
    assert said.status == 200, said


def test_nothing_is_merged_without_an_approval_and_that_of_the_code_owner(
    gitea: Gitea, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("no_proxy", "localhost")
    forge = gitea_forge(gitea, request)
    hosted = forge.ensure_repository(Repository(gitea.organisation(), "fleet")).value
    owner, other = gitea.user(), gitea.user()
    for user in (owner, other):
        gitea.done("PUT", f"repos/{hosted.owner}/fleet/collaborators/{user}", {"permission": "write"})
    clone = git.Repo(tmp_path / ".git", tmp_path)
    git.init(clone, "main")
    git.commit(clone, "main", [git.Commit("One", ADA, {"CODEOWNERS": File(f".* @{owner}\n".encode())})])
    git.run(clone, "branch", "change", "main")
    git.commit(clone, "change", [git.Commit("Two", ADA, {"a": File(b"x\n")})])
    for branch in ("main", "change"):
        git.push(clone, hosted.git_url, branch, hosted.access)
    forge.rules.ensure_protection(hosted, Protection("main", (), 1, code_owners=True))
    request_for = {"head": "change", "base": "main", "title": f"Two, of {ADMIN}"}
    number = gitea.done("POST", f"repos/{hosted.owner}/fleet/pulls", request_for)["number"]

    outcomes = [merged(gitea, hosted, number)]
    for user in (other, owner):
        approve(gitea, hosted, number, user)
        outcomes.append(merged(gitea, hosted, number))

    assert outcomes == [False, False, True]
