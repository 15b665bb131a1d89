"""What is Gitea's own about change requests: required checks, reviewers, teams."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaffolder import git
from scaffolder.errors import ForgeError
from scaffolder.forge.base import Action, Hosted, Repository
from scaffolder.forge.changes import Checks, Proposal, State
from scaffolder.forge.gitea import GiteaForge
from scaffolder.tree import File
from tests.forge.support import gitea_forge
from tests.support.gitea import ADMIN, Gitea
from tests.testbed.processes import eventually

ADA = git.Person("Ada", "ada@example.com")
WANTED = Proposal("scaffolder/update", "main", "Update templates", "What changes.")


@pytest.fixture
def forge(gitea: Gitea, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> GiteaForge:
    monkeypatch.setenv("no_proxy", "localhost")
    return gitea_forge(gitea, request)


@pytest.fixture
def hosted(gitea: Gitea, forge: GiteaForge, tmp_path: Path) -> Hosted:
    """A repository of an organisation, with `main` and a branch that goes on from it."""
    found = forge.ensure_repository(Repository(gitea.organisation(), "fleet")).value
    repo = git.Repo(tmp_path / ".git", tmp_path)
    git.init(repo, "main")
    git.commit(repo, "main", [git.Commit("One", ADA, {"a": File(b"a\n")})])
    git.push(repo, found.git_url, "main", found.access)
    git.commit(repo, "main", [git.Commit("Two", ADA, {"b": File(b"b\n")})])
    git.push(repo, found.git_url, "main", found.access, to=WANTED.head, lease="")
    return found


def test_a_check_that_has_to_pass_holds_a_merge_back_until_it_does(
    gitea: Gitea, forge: GiteaForge, hosted: Hosted
) -> None:
    rule = {"rule_name": "main", "enable_push": False, "enable_status_check": True, "status_check_contexts": ["ci"]}
    gitea.done("POST", f"repos/{hosted.owner}/fleet/branch_protections", rule)
    made = forge.changes.ensure(hosted, WANTED).value
    with pytest.raises(ForgeError, match=rf"^#{made.number} cannot be merged: .*checks"):
        forge.changes.merge(hosted, made.number)

    asked = Proposal(**{**vars(WANTED), "auto_merge": True})
    assert forge.changes.ensure(hosted, asked).action is Action.UPDATED
    assert forge.changes.ensure(hosted, asked).action is Action.UNCHANGED
    for state, known in (("pending", Checks.PENDING), ("failure", Checks.FAILED), ("success", Checks.PASSED)):
        said = {"context": "ci", "state": state}
        gitea.done("POST", f"repos/{hosted.owner}/fleet/statuses/{made.commit}", said)
        assert forge.changes.get(hosted, made.number).checks is known

    eventually(lambda: forge.changes.get(hosted, made.number).state is State.MERGED, 20, lambda: "not merged")


def test_people_and_teams_are_asked_once_to_review_it(gitea: Gitea, forge: GiteaForge, hosted: Hosted) -> None:
    user = gitea.user()
    units = {"repo.code": "read", "repo.pulls": "write"}
    team = {"name": "devs", "permission": "write", "units_map": units, "can_create_org_repo": False}
    number = gitea.done("POST", f"orgs/{hosted.owner}/teams", team)["id"]
    gitea.done("PUT", f"teams/{number}/members/{user}")
    gitea.done("PUT", f"repos/{hosted.owner}/fleet/teams/devs")
    wanted = Proposal(**{**vars(WANTED), "reviewers": (user, f"{hosted.owner}/devs")})

    assert forge.changes.ensure(hosted, wanted).value.reviewers == wanted.reviewers

    assert forge.changes.ensure(hosted, wanted).action is Action.UNCHANGED
    shouted = Proposal(**{**vars(WANTED), "reviewers": (user.upper(), ADMIN)})
    assert forge.changes.ensure(hosted, shouted).action is Action.UNCHANGED
    nobody = Proposal(**{**vars(WANTED), "reviewers": ("nobody",)})
    with pytest.raises(ForgeError, match="`nobody` cannot be asked to review #1") as said:
        forge.changes.ensure(hosted, nobody)
    assert said.value.hint.startswith("--reviewer is a user's name")
