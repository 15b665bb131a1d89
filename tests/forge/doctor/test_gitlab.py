from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from tests.forge.doctor.support import JOB, examined
from tests.support.answers import Answers

FLEET = "GET /projects/platform%2Facme%2Ffleet"
GROUP = "GET /groups/platform%2Facme"
NESTED = replace(JOB, owner="platform/acme")


@pytest.fixture
def gitlab(forge: Answers) -> Answers:
    """One whose token is Ada's, has all scopes and does not end."""
    forge.says("GET /version", {"version": "19.5.0-ee"})
    forge.says("GET /user", {"id": 7, "username": "ada"})
    forge.says("GET /personal_access_tokens/self", {"scopes": ["api"], "expires_at": None})
    return forge


@pytest.mark.parametrize(
    ("own", "group", "said"),
    [
        (40, None, []),
        (None, 50, []),
        (30, None, ["the token may push to platform/acme/fleet, but not set deploy keys and protection"]),
        (None, None, ["the token may not push to platform/acme/fleet"]),
    ],
)
def test_a_project_s_maintainer_may_do_all_of_it(
    gitlab: Answers, own: int | None, group: int | None, said: list[str]
) -> None:
    levels = {
        name: {"access_level": level} if level else None
        for name, level in {"project_access": own, "group_access": group}.items()
    }
    gitlab.says(FLEET, {"permissions": levels})

    assert examined("gitlab", gitlab, NESTED).get("error", []) == said


def test_the_scope_that_is_missing_is_named_and_a_token_that_ends_soon_is_a_warning(gitlab: Answers) -> None:
    ends = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=3)
    gitlab.says("GET /personal_access_tokens/self", {"scopes": ["read_api"], "expires_at": str(ends)})
    gitlab.says(FLEET, {"permissions": {"group_access": {"access_level": 40}}})

    found = examined("gitlab", gitlab, NESTED)

    assert found["error"] == ["the token lacks the scope api; it has read_api"]
    assert found["warning"] == [f"the token ends on {ends}, in 3 days"]


def test_a_token_that_does_not_tell_its_scopes_is_a_note(gitlab: Answers) -> None:
    del gitlab.known["GET /personal_access_tokens/self"]

    assert examined("gitlab", gitlab)["note"] == ["the forge does not say which scopes this token has"]


@pytest.mark.parametrize(
    ("group", "level", "outcome", "said"),
    [
        (None, 0, "warning", "there is no group platform/acme that this token may see"),
        ({"project_creation_level": "developer"}, 30, "ok", "platform/acme/fleet is missing, and may be made"),
        ({"project_creation_level": "maintainer"}, 30, "error", "the token may make no projects in platform/acme"),
        ({"project_creation_level": "noone"}, 50, "error", "the token may make no projects in platform/acme"),
    ],
)
def test_a_project_that_is_missing_needs_a_group_that_lets_the_user_make_it(
    gitlab: Answers, group: dict[str, Any] | None, level: int, outcome: str, said: str
) -> None:
    if group:
        gitlab.says(GROUP, group)
        gitlab.says(f"{GROUP}/members/all/7", {"access_level": level})

    assert examined("gitlab", gitlab, NESTED)[outcome][-1] == said
