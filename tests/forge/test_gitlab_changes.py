"""Merge requests and rules, on the fake GitLab."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scaffolder.errors import ForgeError
from scaffolder.forge.base import Action, Hosted, Repository
from scaffolder.forge.changes import Checks, Proposal, State
from scaffolder.forge.gitlab import GitlabForge
from scaffolder.forge.gitlab.changes import GitlabChanges
from scaffolder.forge.rules import Label, MergeSettings, Protection
from tests.forge.support import gitlab_forge
from tests.support.forges.gitlab import GitLab, Project
from tests.support.forges.gitlab_requests import finish

WANTED = Proposal("update", "main", "Update Flux", "What changes", ("gitops",))
GUARDED = Protection("main", checks=("check",), approvals=2, code_owners=True)


@pytest.fixture
def forge(gitlab: GitLab, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> GitlabForge:
    monkeypatch.setenv("no_proxy", "localhost")
    gitlab.group("acme")
    return gitlab_forge(gitlab, request)


@pytest.fixture
def project(gitlab: GitLab) -> Project:
    """With a commit on main, and one more on a branch."""
    made = gitlab.project("acme/fleet")
    made.bare.commit("main", {"a": "1\n"})
    made.bare.git("branch", "update", "main")
    made.bare.commit("update", {"b": "2\n"})
    return made


@pytest.fixture
def hosted(forge: GitlabForge, project: Project) -> Hosted:
    return forge.ensure_repository(Repository("acme", project.data["path"])).value


@pytest.fixture
def changes(forge: GitlabForge) -> GitlabChanges:
    return replace(forge.changes, pause=lambda _seconds: None)


def test_a_merge_request_is_opened_once_and_brought_to_what_is_wanted(
    gitlab: GitLab, project: Project, changes: GitlabChanges, hosted: Hosted
) -> None:
    gitlab.user("ada")
    more = replace(WANTED, title="Update it", labels=("urgent",), reviewers=("ada",), draft=True)

    shouted = replace(more, reviewers=("ADA",))
    actions = [changes.ensure(hosted, each).action for each in (WANTED, WANTED, more, more, shouted)]

    assert actions == [Action.CREATED, Action.UNCHANGED, Action.UPDATED, Action.UNCHANGED, Action.UNCHANGED]
    found = changes.find(hosted, "update")
    assert found
    assert (found.number, found.title, found.draft, found.author) == (1, "Update it", True, "keeper")
    assert (found.labels, found.reviewers) == (("gitops", "urgent"), ("ada",))
    assert (found.commit, found.state) == (project.bare.tip("update"), State.OPEN)
    assert project.requests[0]["title"] == "Draft: Update it"


def test_where_only_one_reviewer_is_free_it_is_not_asked_for_ever(
    gitlab: GitLab, project: Project, changes: GitlabChanges, hosted: Hosted
) -> None:
    gitlab.paid = False
    gitlab.user("ada")
    gitlab.user("eve")
    both = replace(WANTED, reviewers=("ada", "eve"))

    assert [changes.ensure(hosted, both).action for _ in range(2)] == [Action.CREATED, Action.UNCHANGED]
    assert len(project.requests[0]["reviewer_ids"]) == 1
    with pytest.raises(ForgeError, match=r"^localhost:\d+ has no user `nobody`$"):
        changes.ensure(hosted, replace(WANTED, reviewers=("nobody",)))


def test_of_a_branch_the_open_one_is_found_else_the_newest_and_none_of_a_fork(
    project: Project, changes: GitlabChanges, hosted: Hosted
) -> None:
    assert changes.find(hosted, "update") is None
    first = changes.ensure(hosted, WANTED).value.number
    assert changes.close(hosted, first).action is Action.UPDATED
    second = changes.ensure(hosted, WANTED).value.number
    project.requests.append({**project.requests[0], "iid": 3, "state": "opened", "source_project_id": 1})

    found = changes.find(hosted, "update")
    assert found
    assert (found.number, found.state) == (second, State.OPEN)
    changes.close(hosted, second)
    found = changes.find(hosted, "update")
    assert found
    assert (found.number, found.state) == (second, State.CLOSED)
    assert [each.number for each in changes.each(hosted, State.CLOSED)] == [second, first]


def test_what_is_merged_takes_its_branch_with_it_and_can_be_merged_no_second_time(
    project: Project, changes: GitlabChanges, hosted: Hosted
) -> None:
    number = changes.ensure(hosted, WANTED).value.number

    actions = [changes.merge(hosted, number).action for _ in range(2)]

    assert actions == [Action.UPDATED, Action.UNCHANGED]
    assert project.bare.git("show", "main:b") == "2"
    assert set(project.bare.branches()) == {"main"}
    with pytest.raises(ForgeError, match=r"^#1 is merged already$"):
        changes.close(hosted, number)


def test_why_it_cannot_be_merged_is_told_in_plain_words(
    project: Project, changes: GitlabChanges, hosted: Hosted
) -> None:
    number = changes.ensure(hosted, replace(WANTED, draft=True)).value.number
    said = [_refused(changes, hosted, number)]
    changes.ensure(hosted, WANTED)
    project.data["only_allow_merge_if_pipeline_succeeds"] = True
    for status in ("running", "failed"):
        finish(project, "update", status)
        said.append(_refused(changes, hosted, number))
    project.bare.commit("main", {"b": "another\n"})
    said.append(_refused(changes, hosted, number))
    changes.close(hosted, number)
    said.append(_refused(changes, hosted, number))

    assert said == [
        "cannot be merged: it is a draft",
        "cannot be merged: its pipeline is still running",
        "cannot be merged: its pipeline has not succeeded",
        "cannot be merged: it is in conflict with `main`",
        "is closed",
    ]


def _refused(changes: GitlabChanges, hosted: Hosted, number: int) -> str:
    with pytest.raises(ForgeError) as said:
        changes.merge(hosted, number)
    return said.value.message.removeprefix("#1 ")


def test_who_may_not_merge_is_told(gitlab: GitLab, request: pytest.FixtureRequest, hosted: Hosted) -> None:
    gitlab.user("ada", "glpat-of-ada")
    gitlab.at("acme/fleet").members["ada"] = 30
    changes = replace(gitlab_forge(gitlab, request, token="glpat-of-ada").changes, pause=lambda _seconds: None)
    number = changes.ensure(hosted, WANTED).value.number

    with pytest.raises(ForgeError, match=r"^#1 may not be merged by the token's user$"):
        changes.merge(hosted, number)


def test_the_checks_are_those_of_the_pipeline_and_it_merges_by_itself_where_one_runs(
    project: Project, changes: GitlabChanges, hosted: Hosted
) -> None:
    wanted = replace(WANTED, auto_merge=True)
    number = changes.ensure(hosted, WANTED).value.number
    without = changes.get(hosted, number)
    finish(project, "update", "failed")
    assert changes.ensure(hosted, wanted).action is Action.UNCHANGED
    finish(project, "update", "running")

    actions = [changes.ensure(hosted, wanted).action for _ in range(2)]

    assert (without.checks, without.mergeable) == (Checks.NONE, True)
    assert actions == [Action.UPDATED, Action.UNCHANGED]
    assert changes.get(hosted, number).checks is Checks.PENDING
    finish(project, "update", "success")
    assert changes.get(hosted, number).state is State.MERGED
    assert set(project.bare.branches()) == {"main"}


def test_a_number_that_there_is_not_is_told(changes: GitlabChanges, hosted: Hosted) -> None:
    with pytest.raises(ForgeError, match=r"^there is no change request #7$"):
        changes.get(hosted, 7)


@pytest.mark.parametrize("paid", [True, False])
def test_a_branch_is_closed_to_all_and_what_the_price_has_not_in_it_is_told(
    gitlab: GitLab, project: Project, forge: GitlabForge, hosted: Hosted, *, paid: bool
) -> None:
    gitlab.paid = paid
    foreseen = forge.rules.find_protection(hosted, GUARDED)

    made, again = (forge.rules.ensure_protection(hosted, GUARDED) for _ in range(2))

    assert (foreseen, made.action, again.action) == (Action.CREATED, Action.CREATED, Action.UNCHANGED)
    assert made.value == again.value == (GUARDED if paid else replace(GUARDED, approvals=0, code_owners=False))
    assert forge.rules.may_push(hosted, "main") is False
    assert project.data["only_allow_merge_if_pipeline_succeeds"] is True
    assert gitlab.protected(project)["main"]["merge_access_levels"][0]["access_level"] == 40


def test_a_rule_of_a_closed_branch_is_left_and_only_what_it_lacks_comes_to_it(
    gitlab: GitLab, project: Project, forge: GitlabForge, hosted: Hosted
) -> None:
    project.protected = {"main": gitlab.rule({"name": "main", "push_access_level": 0, "merge_access_level": 30})}
    project.approvals = {1: {"id": 1, "name": "All", "rule_type": "any_approver", "approvals_required": 0}}
    before = project.protected["main"]["id"]

    assert forge.rules.ensure_protection(hosted, GUARDED).value == GUARDED

    rule = project.protected["main"]
    assert (rule["id"], rule["merge_access_levels"][0]["access_level"]) == (before, 30)
    assert project.approvals[1]["approvals_required"] == 2


def test_who_may_push_is_what_gitlab_says_of_this_token(
    gitlab: GitLab, request: pytest.FixtureRequest, forge: GitlabForge, hosted: Hosted
) -> None:
    gitlab.user("ada", "glpat-of-ada")
    gitlab.at("acme/fleet").members["ada"] = 30
    rules = gitlab_forge(gitlab, request, token="glpat-of-ada").rules

    assert [rules.may_push(hosted, each) for each in ("main", "update", "missing")] == [False, True, None]
    assert forge.rules.may_push(hosted, "main") is True
    with pytest.raises(ForgeError, match=r"^the branch `main` of acme/fleet cannot be protected: 403 Forbidden$"):
        rules.ensure_protection(hosted, GUARDED)


def test_settings_and_labels_are_made_once(project: Project, forge: GitlabForge, hosted: Hosted) -> None:
    project.data["remove_source_branch_after_merge"] = False
    label = Label("gitops", "0066cc", "Made by a program")

    settings = [forge.rules.ensure_settings(hosted, MergeSettings()) for _ in range(2)]
    labels = [forge.rules.ensure_label(hosted, label) for _ in range(2)]

    assert settings == [Action.UPDATED, Action.UNCHANGED]
    assert labels == [Action.CREATED, Action.UNCHANGED]
