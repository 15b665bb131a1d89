from __future__ import annotations

from dataclasses import replace

import pytest

from scaffolder.errors import ForgeError
from tests.forge.doctor.support import JOB, examined
from tests.support.answers import Answers

FLEET = "GET /repos/acme/fleet"
RIGHTS = {"permissions": {"admin": True, "push": True}}
NOT_ACCESSIBLE = {"message": "Resource not accessible by personal access token"}


def of_ada(forge: Answers, **headers: str) -> None:
    forge.says("GET /user", {"login": "ada"}, **headers)


def with_fleet(forge: Answers) -> None:
    forge.says(FLEET, RIGHTS)
    for path in ("keys", "pulls", "contents/"):
        forge.says(f"{FLEET}/{path}", [])


def test_a_classic_token_s_scopes_are_told_and_those_that_are_missing_named(forge: Answers) -> None:
    of_ada(forge, X_OAuth_Scopes="gist, repo, admin:org")
    with_fleet(forge)

    found = examined("github", forge, replace(JOB, teams=True))

    assert found["error"][0] == "the token lacks the scope workflow: to push the workflow of the generated CI"
    assert "the token has the scope read:org: to give teams the repository" in found["ok"]
    assert not [said for said in found["error"] if "scope repo" in said]


def test_what_another_token_may_do_is_seen_by_reading(forge: Answers) -> None:
    of_ada(forge, X_GitHub_Enterprise_Version="3.19.0")
    with_fleet(forge)
    forge.says(f"{FLEET}/keys", NOT_ACCESSIBLE, 403)
    forge.says(f"{FLEET}/contents/", {"message": "This repository is empty."}, 404)

    found = examined("github", forge)

    assert found["error"] == ["the token lacks the permission Administration"]
    assert found["ok"][0] == "the forge answers: GitHub Enterprise Server 3.19.0"
    assert "the token has the permission Contents, at least to read" in found["ok"]


def test_an_app_is_nobody_and_is_looked_at_all_the_same(forge: Answers) -> None:
    forge.says("GET /user", {"message": "Resource not accessible by integration"}, 403)
    forge.says("GET /meta", {})
    with_fleet(forge)

    assert "error" not in examined("github", forge)


def test_a_plan_without_protection_is_a_warning(forge: Answers) -> None:
    of_ada(forge)
    with_fleet(forge)
    said = "Upgrade to GitHub Pro or make this repository public to enable this feature."
    forge.says(f"{FLEET}/branches/main/protection", {"message": said}, 403)

    found = examined("github", forge, replace(JOB, protect=True))

    assert found["warning"] == ["branches of private repositories cannot be protected"]


@pytest.mark.parametrize(
    ("personal", "owner", "level", "said"),
    [
        (True, None, "error", "the token belongs to ada, not to acme"),
        (False, None, "error", "there is no organisation acme that this token may see"),
        (False, {"members_can_create_repositories": False}, "warning", "members of acme may make no repositories"),
        (False, {}, "ok", "acme/fleet is missing; acme, which is to have it, is there"),
    ],
)
def test_a_repository_that_is_missing_needs_an_owner_that_may_have_it(
    forge: Answers, *, personal: bool, owner: dict[str, object] | None, level: str, said: str
) -> None:
    of_ada(forge)
    if owner is not None:
        forge.says("GET /orgs/acme", owner)

    assert examined("github", forge, replace(JOB, personal=personal))[level][-1] == said


def test_a_token_that_is_not_taken_ends_it(forge: Answers) -> None:
    forge.says("GET /user", {"message": "Bad credentials"}, 401)

    with pytest.raises(ForgeError, match="Bad credentials"):
        examined("github", forge)
