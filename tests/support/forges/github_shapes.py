"""How GitHub's things look from outside; what the official description asks for beyond this is made up from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.forges.github_state import LEVELS, Repository, World


class Refused(Exception):  # noqa: N818  it is an answer
    def __init__(
        self,
        status: int,
        said: str,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(said)
        self.status, self.said, self.errors, self.headers = status, said, errors or [], headers or {}


def of_user(login: str) -> dict[str, Any]:
    return {"login": login, "type": "User"}


def of_repository(world: World, user: str, repository: Repository) -> dict[str, Any]:
    level = world.level(user, repository)
    return {
        "id": repository.id,
        "name": repository.name,
        "full_name": repository.full,
        "owner": of_user(repository.owner),
        "private": repository.visibility != "public",
        "visibility": repository.visibility,
        "description": repository.description,
        "default_branch": repository.bare.branch,
        "archived": repository.archived,
        "permissions": {each: LEVELS.index(each) <= level for each in LEVELS},
        **(repository.settings if level == LEVELS.index("admin") else {}),
    }
