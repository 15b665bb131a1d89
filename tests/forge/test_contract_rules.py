"""What the rules of every forge with an API do. Another one joins by a line in FORGES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from scaffolder import git
from scaffolder.errors import GitError
from scaffolder.forge.base import Action, Forge, Hosted, Repository
from scaffolder.forge.rules import Label, MergeSettings, Protection, Rules
from scaffolder.tree import File
from tests.forge.support import gitea_forge, github_forge, gitlab_forge
from tests.support.forges.github import GitHub
from tests.support.forges.gitlab import GitLab
from tests.support.gitea import Gitea

ADA = git.Person("Ada", "ada@example.com")
FLEET = Repository("rules", "fleet")
SETTINGS = MergeSettings()
LABEL = Label("scaffolder", "1d76db", "Made by scaffolder")


class Ruled(Forge, Protocol):
    @property
    def rules(self) -> Rules: ...


def of_gitea(request: pytest.FixtureRequest) -> Ruled:
    gitea: Gitea = request.getfixturevalue("gitea")
    request.getfixturevalue("monkeypatch").setenv("no_proxy", "localhost")
    gitea.organisation(FLEET.owner)
    return gitea_forge(gitea, request)


def of_github(request: pytest.FixtureRequest) -> Ruled:
    github: GitHub = request.getfixturevalue("github")
    github.organisation(FLEET.owner)
    return github_forge(github, request)


def of_gitlab(request: pytest.FixtureRequest) -> Ruled:
    gitlab: GitLab = request.getfixturevalue("gitlab")
    request.getfixturevalue("monkeypatch").setenv("no_proxy", "localhost")
    gitlab.group(FLEET.owner)
    gitlab.usual["remove_source_branch_after_merge"] = False
    return gitlab_forge(gitlab, request)


FORGES: dict[str, Callable[[pytest.FixtureRequest], Ruled]] = {
    "gitea": of_gitea,
    "github": of_github,
    "gitlab": of_gitlab,
}


@dataclass(frozen=True)
class Fleet:
    """A repository with a commit on `main` and on `release/1`, and its rules; pushed from a clone."""

    hosted: Hosted
    rules: Rules
    clone: git.Repo

    def push(self, branch: str, name: str) -> None:
        git.commit(self.clone, branch, [git.Commit(name, ADA, {name: File(b"x\n")})])
        git.push(self.clone, self.hosted.git_url, branch, self.hosted.access)


@pytest.fixture(params=FORGES)
def fleet(request: pytest.FixtureRequest, tmp_path: Path) -> Fleet:
    forge = FORGES[request.param](request)
    hosted = forge.ensure_repository(FLEET).value
    clone = git.Repo(tmp_path / ".git", tmp_path)
    git.init(clone, "main")
    made = Fleet(hosted, forge.rules, clone)
    for branch in ("main", "release/1"):
        made.push(branch, "a")
    return made


@pytest.mark.parametrize("branch", ["main", "release/1"])
def test_a_protected_branch_takes_no_push_from_its_owner_and_another_one_does(fleet: Fleet, branch: str) -> None:
    wanted = Protection(branch, ("check",), 2, code_owners=True)
    before = fleet.rules.find_protection(fleet.hosted, wanted), fleet.rules.may_push(fleet.hosted, branch)

    made = fleet.rules.ensure_protection(fleet.hosted, wanted)

    assert before in {(Action.CREATED, True), (Action.CREATED, None)}
    assert (made.action, made.value) == (Action.CREATED, wanted)
    assert not fleet.rules.may_push(fleet.hosted, branch)
    with pytest.raises(GitError, match=r"protected branch|hook declined"):
        fleet.push(branch, "b")
    git.run(fleet.clone, "branch", "other", branch)
    fleet.push("other", "c")


def test_protected_again_nothing_changes_and_what_is_wanted_otherwise_or_was_changed_is_brought_back(
    fleet: Fleet,
) -> None:
    first = Protection("main", ("check", "build"), 1)
    second = Protection("main", (), 0)

    actions = []
    for wanted in (first, first, second, second, first):
        foreseen = fleet.rules.find_protection(fleet.hosted, wanted)
        made = fleet.rules.ensure_protection(fleet.hosted, wanted)
        assert (made.action, set(made.value.checks)) == (foreseen, set(wanted.checks))
        actions.append(made.action)

    assert actions == [Action.CREATED, Action.UNCHANGED, Action.UPDATED, Action.UNCHANGED, Action.UPDATED]


def test_how_change_requests_are_merged_is_set_once(fleet: Fleet) -> None:
    foreseen = fleet.rules.find_settings(fleet.hosted, SETTINGS)

    actions = [fleet.rules.ensure_settings(fleet.hosted, SETTINGS) for _ in range(2)]

    assert [foreseen, *actions] == [Action.UPDATED, Action.UPDATED, Action.UNCHANGED]


def test_a_label_is_made_once_and_stays_as_people_made_it(fleet: Fleet) -> None:
    foreseen = fleet.rules.find_label(fleet.hosted, LABEL)

    actions = [fleet.rules.ensure_label(fleet.hosted, each) for each in (LABEL, LABEL, Label("scaffolder", "000000"))]

    assert [foreseen, *actions] == [Action.CREATED, Action.CREATED, Action.UNCHANGED, Action.UNCHANGED]


def test_whether_there_is_ci_in_a_repository_is_told(fleet: Fleet, request: pytest.FixtureRequest) -> None:
    kind = request.node.callspec.params["fleet"]
    if kind != "gitea":  # ours has no Actions at all
        assert fleet.rules.runs_checks(fleet.hosted)
    if kind == "gitlab":
        request.getfixturevalue("gitlab").at("rules/fleet").data["builds_access_level"] = "disabled"
    if kind == "github":
        request.getfixturevalue("github").find("rules/fleet").actions = False

    assert fleet.rules.runs_checks(fleet.hosted) is False
