"""Pull requests and rules on GitHub."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scaffolder.errors import ForgeError
from scaffolder.forge.base import Action, Hosted, Repository
from scaffolder.forge.changes import Checks, Proposal, State
from scaffolder.forge.github import GitHubForge
from scaffolder.forge.rules import Label, MergeSettings, Protection
from tests.forge.support import github_forge
from tests.support.forges import github_state
from tests.support.forges.github import GitHub

WANTED = Proposal(
    "scaffolder/update", "main", "Update", "What changes", labels=("gitops",), reviewers=("bob", "acme/ops")
)
MAIN = Protection("main", checks=("check", "build"), approvals=1, code_owners=True)


@pytest.fixture
def inside(github: GitHub) -> github_state.Repository:
    """acme/fleet, where the branch scaffolder/update is one commit ahead, and bob may push."""
    made = github.repository("acme", "fleet")
    made.bare.commit("main", {"a": "1\n"})
    made.bare.git("branch", WANTED.head, "main")
    made.bare.commit(WANTED.head, {"a": "2\n"})
    made.collaborators["bob"] = "push"
    github.team("acme", "ops")
    return made


@pytest.fixture
def forge(github: GitHub, request: pytest.FixtureRequest) -> GitHubForge:
    found = github_forge(github, request)
    return replace(found, changes=replace(found.changes, pause=lambda _: None))


@pytest.fixture
def hosted(forge: GitHubForge, inside: github_state.Repository) -> Hosted:
    return forge.ensure_repository(Repository(inside.owner, inside.name)).value


def test_a_request_is_opened_once_and_follows_what_is_wanted(
    forge: GitHubForge, hosted: Hosted, inside: github_state.Repository
) -> None:
    made = forge.changes.ensure(hosted, WANTED)
    again = forge.changes.ensure(hosted, WANTED)
    other = forge.changes.ensure(hosted, replace(WANTED, title="Other", labels=("more",), draft=True))

    assert [each.action for each in (made, again, other)] == [Action.CREATED, Action.UNCHANGED, Action.UPDATED]
    assert made.value.reviewers == WANTED.reviewers
    assert made.value.commit == inside.bare.tip(WANTED.head)
    assert (other.value.title, other.value.draft, other.value.labels) == ("Other", True, ("gitops", "more"))
    assert forge.changes.find(hosted, WANTED.head) == replace(other.value, mergeable=None)
    assert len(inside.pulls) == 1


def test_who_wrote_or_reviewed_it_is_not_asked_for_a_review(
    forge: GitHubForge, hosted: Hosted, inside: github_state.Repository
) -> None:
    wanted = replace(WANTED, reviewers=("keeper", "bob"))
    forge.changes.ensure(hosted, wanted)
    inside.pulls[1].people, inside.pulls[1].reviews = [], [("bob", "APPROVED")]

    assert forge.changes.ensure(hosted, wanted).action is Action.UNCHANGED


def test_a_reviewer_that_there_is_not_is_told(forge: GitHubForge, hosted: Hosted) -> None:
    with pytest.raises(
        ForgeError,
        match=r"^no change request can be opened from `scaffolder/update`: Reviews may only be requested",
    ):
        forge.changes.ensure(hosted, replace(WANTED, reviewers=("nobody",)))


@pytest.mark.parametrize(
    ("statuses", "runs", "checks"),
    [
        ({}, {}, Checks.NONE),
        ({"ci": "success"}, {"check": ("completed", "skipped")}, Checks.PASSED),
        ({"ci": "pending"}, {"check": ("completed", "success")}, Checks.PENDING),
        ({"ci": "success"}, {"check": ("in_progress", None)}, Checks.PENDING),
        ({"ci": "success"}, {"check": ("completed", "timed_out")}, Checks.FAILED),
        ({"ci": "error"}, {"check": ("queued", None)}, Checks.FAILED),
    ],
)
def test_checks_of_apps_and_of_others_are_one(
    forge: GitHubForge,
    hosted: Hosted,
    inside: github_state.Repository,
    statuses: dict[str, str],
    runs: dict[str, tuple[str, str | None]],
    checks: Checks,
) -> None:
    commit = forge.changes.ensure(hosted, replace(WANTED, reviewers=())).value.commit
    inside.statuses[commit], inside.runs[commit] = statuses, runs

    found = forge.changes.get(hosted, 1)

    assert (found.checks, found.mergeable) == (checks, True)


@pytest.mark.parametrize(("method", "parents"), [("allow_merge_commit", 2), ("allow_squash_merge", 1)])
def test_it_is_merged_as_the_repository_allows_and_its_branch_goes(
    forge: GitHubForge, hosted: Hosted, inside: github_state.Repository, method: str, parents: int
) -> None:
    inside.settings |= {name: name == method for name in github_state.METHODS.values()}
    forge.changes.ensure(hosted, replace(WANTED, reviewers=()))

    merged, again = forge.changes.merge(hosted, 1), forge.changes.merge(hosted, 1)

    assert (merged.action, merged.value.state, again.action) == (Action.UPDATED, State.MERGED, Action.UNCHANGED)
    assert len(inside.bare.git("rev-parse", "main^@").split()) == parents
    assert inside.bare.git("show", "main:a") == "2"
    assert inside.bare.tip(WANTED.head) is None


def test_a_branch_that_went_on_after_the_merge_is_left(
    forge: GitHubForge, hosted: Hosted, inside: github_state.Repository
) -> None:
    forge.changes.ensure(hosted, replace(WANTED, reviewers=()))
    forge.changes.merge(hosted, 1)
    inside.bare.git("branch", WANTED.head, "main")
    later = inside.bare.commit(WANTED.head, {"a": "3\n"})

    forge.changes.merge(hosted, 1)

    assert inside.bare.tip(WANTED.head) == later


def test_what_may_not_be_merged_is_told_with_the_reason(
    forge: GitHubForge, hosted: Hosted, inside: github_state.Repository
) -> None:
    forge.changes.ensure(hosted, replace(WANTED, reviewers=()))
    forge.rules.ensure_protection(hosted, MAIN)
    with pytest.raises(ForgeError, match=r'^#1 cannot be merged: Required status check "build" is expected\.$'):
        forge.changes.merge(hosted, 1)

    inside.bare.commit("main", {"a": "3\n"})
    with pytest.raises(ForgeError, match=r"^#1 is in conflict with `main`$"):
        forge.changes.merge(hosted, 1)

    assert forge.changes.get(hosted, 1).mergeable is False
    assert [forge.changes.close(hosted, 1).action for _ in "12"] == [Action.UPDATED, Action.UNCHANGED]
    with pytest.raises(ForgeError, match=r"^#1 is closed$"):
        forge.changes.merge(hosted, 1)
    with pytest.raises(ForgeError, match=r"^there is no change request #7$"):
        forge.changes.get(hosted, 7)
    assert inside.bare.tip(WANTED.head)


def test_auto_merge_waits_for_the_rules_and_where_there_are_none_it_is_merged_at_once(
    forge: GitHubForge, hosted: Hosted, inside: github_state.Repository
) -> None:
    wanted = replace(WANTED, reviewers=(), auto_merge=True)
    with pytest.raises(ForgeError, match=r"^acme/fleet allows no auto-merge$"):
        forge.changes.ensure(hosted, wanted)
    forge.rules.ensure_settings(hosted, MergeSettings())
    forge.rules.ensure_protection(hosted, MAIN)

    actions = [forge.changes.ensure(hosted, wanted).action for _ in "12"]

    assert (actions, inside.pulls[1].auto_merge) == ([Action.UPDATED, Action.UNCHANGED], "MERGE")
    inside.protections.clear()
    inside.pulls[1].auto_merge = None
    assert forge.changes.ensure(hosted, wanted).value.state is State.MERGED


def test_requests_are_told_by_state_over_all_pages(
    forge: GitHubForge, hosted: Hosted, inside: github_state.Repository
) -> None:
    forge.changes.ensure(hosted, replace(WANTED, reviewers=()))
    for number in range(2, 103):
        inside.pulls[number] = replace(
            inside.pulls[1], number=number, head="other", state="closed", merged=number % 2 == 0
        )

    found = {state: [each.number for each in forge.changes.each(hosted, state)] for state in State}

    assert (found[State.OPEN], found[State.MERGED][:2], len(found[State.CLOSED])) == ([1], [102, 100], 50)
    assert forge.changes.find(hosted, "nothing") is None


def test_a_branch_is_protected_as_wanted_and_what_people_added_stays(
    forge: GitHubForge, hosted: Hosted, inside: github_state.Repository
) -> None:
    found = [forge.rules.find_protection(hosted, MAIN), forge.rules.may_push(hosted, "main")]
    made = forge.rules.ensure_protection(hosted, MAIN)
    inside.protections["main"]["required_linear_history"] = True
    inside.protections["main"]["restrictions"] = {"users": ["bob"], "teams": ["ops"], "apps": []}

    again = forge.rules.ensure_protection(hosted, MAIN)
    changed = forge.rules.ensure_protection(hosted, replace(MAIN, checks=("check",), approvals=2))

    assert found == [Action.CREATED, True]
    assert [each.action for each in (made, again, changed)] == [Action.CREATED, Action.UNCHANGED, Action.UPDATED]
    assert changed.value == replace(MAIN, checks=("check",), approvals=2)
    now = inside.protections["main"]
    assert (now["required_linear_history"], now["restrictions"]["users"], now["enforce_admins"]) == (
        True,
        ["bob"],
        True,
    )
    assert forge.rules.may_push(hosted, "main") is False


def test_where_the_rules_cannot_be_read_only_trying_tells(
    github: GitHub, forge: GitHubForge, hosted: Hosted, request: pytest.FixtureRequest
) -> None:
    forge.rules.ensure_protection(hosted, MAIN)
    others = github_forge(github, request, token=github.token_of("bob")).rules

    assert [others.may_push(hosted, branch) for branch in ("main", WANTED.head, "none")] == [None, True, True]


def test_settings_and_labels_are_made_once(forge: GitHubForge, hosted: Hosted, inside: github_state.Repository) -> None:
    label = Label("gitops", "0366d6", "From the documents")

    found = [forge.rules.find_settings(hosted, MergeSettings()), forge.rules.find_label(hosted, label)]
    settings = [forge.rules.ensure_settings(hosted, MergeSettings()) for _ in "12"]
    labels = [forge.rules.ensure_label(hosted, each) for each in (label, replace(label, color="ffffff"))]

    assert found == [Action.UPDATED, Action.CREATED]
    assert (settings, labels) == ([Action.UPDATED, Action.UNCHANGED], [Action.CREATED, Action.UNCHANGED])
    assert inside.settings["delete_branch_on_merge"]
    assert inside.labels["gitops"]["color"] == "0366d6"
