"""The fake GitLab as a whole; what is not there is told as GitLab tells it, and fails the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.forges import gitlab_branches, gitlab_contents, gitlab_projects, gitlab_requests
from tests.support.forges.gitlab_state import ADMIN, REFUSAL, TOKEN, GitLab, Project
from tests.support.forges.wire import Server, serving

__all__ = ["ADMIN", "PARTS", "REFUSAL", "TOKEN", "GitLab", "Project", "gitlab"]

PARTS = (gitlab_projects, gitlab_branches, gitlab_contents, gitlab_requests)


@pytest.fixture
def gitlab(forge_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitLab]:
    """For one test."""
    made = GitLab(forge_server, tmp_path_factory.mktemp("gitlab"))
    with serving(forge_server, made):
        yield made
