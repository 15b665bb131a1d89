"""The doctor of Gitea at a real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scaffolder.errors import ForgeError
from scaffolder.forge.base import Login, Server
from scaffolder.forge.doctor import Job, Sign, doctor
from tests.support.gitea import Gitea

Examine = Callable[..., list[Sign]]


@pytest.fixture
def job(gitea: Gitea) -> Job:
    """A repository, missing yet, of an organisation."""
    return Job(gitea.organisation(), "fleet")


@pytest.fixture
def examine(gitea: Gitea, monkeypatch: pytest.MonkeyPatch) -> Examine:
    """What is said to a token of a user."""
    monkeypatch.setenv("no_proxy", "localhost")
    gitea_s = doctor("gitea")

    def run(job: Job, token: str) -> list[Sign]:
        with gitea_s.opened(Login(Server(gitea.host, gitea.ssh), token, gitea.authority)) as api:
            return list(gitea_s.examine(api, job))

    return run


def problems(signs: list[Sign]) -> list[str]:
    return [sign.message for sign in signs if sign.level in {"error", "warning"}]


def test_who_owns_all_of_it_lacks_nothing_and_nothing_is_changed(gitea: Gitea, examine: Examine, job: Job) -> None:
    before = gitea.requests()

    signs = examine(replace(job, teams=True), gitea.token)

    assert problems(signs) == []
    assert any(sign.message.startswith("the forge answers: Gitea 1.") for sign in signs)
    assert {line.partition(" ")[0] for line in gitea.requests()[len(before) :]} == {"GET"}


def test_who_may_make_no_repository_is_told(gitea: Gitea, examine: Examine, job: Job) -> None:
    user = gitea.user()
    gitea.team(job.owner, "readers", "read", user)

    assert problems(examine(job, gitea.token_of(user))) == [f"the token's user may make no repositories in {job.owner}"]


def test_who_may_push_but_is_no_administrator_is_told(gitea: Gitea, examine: Examine, job: Job) -> None:
    user = gitea.user()
    gitea.done("POST", f"orgs/{job.owner}/repos", {"name": "fleet"})
    gitea.done("PUT", f"repos/{job.owner}/fleet/collaborators/{user}", {"permission": "write"})

    [said] = problems(examine(job, gitea.token_of(user)))

    assert said == f"the token's user may not set deploy keys, protection and teams of {job.owner}/fleet"


@pytest.mark.parametrize(
    ("scopes", "said"),
    [
        (["read:user"], "the token lacks the scope read:repository"),
        (["read:repository", "read:user"], "the token lacks the scope read:organization"),
    ],
)
def test_the_scope_that_a_token_lacks_is_named(
    gitea: Gitea, examine: Examine, job: Job, scopes: list[str], said: str
) -> None:
    [problem] = problems(examine(job, gitea.token_of(gitea.user(), *scopes)))

    assert problem.startswith(said)


def test_labels_which_come_with_protection_have_a_scope_of_their_own(gitea: Gitea, examine: Examine, job: Job) -> None:
    user = gitea.user()
    gitea.done("POST", f"orgs/{job.owner}/repos", {"name": "fleet"})
    gitea.done("PUT", f"repos/{job.owner}/fleet/collaborators/{user}", {"permission": "admin"})
    token = gitea.token_of(user, "write:repository")

    [problem] = problems(examine(replace(job, protect=True), token))

    assert problem.startswith("the token lacks the scope read:issue: ")
    assert problems(examine(job, token)) == []


def test_a_user_s_own_repository_needs_that_user_s_token(gitea: Gitea, examine: Examine) -> None:
    user, other = gitea.user(), gitea.user()
    token = gitea.token_of(user)

    own, theirs = (problems(examine(Job(owner, "fleet", personal=True), token)) for owner in (user, other))

    assert own == []
    assert theirs == [f"the token belongs to {user}, not to {other}"]


def test_a_token_that_is_not_taken_ends_it(examine: Examine, job: Job) -> None:
    with pytest.raises(ForgeError):
        examine(job, "open-sesame-17")
