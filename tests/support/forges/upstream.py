"""Becomes the `conftest.py` of python-gitlab's functional tests, in a process of theirs: a GitLab that is there."""

from __future__ import annotations

import os
import time
import uuid
from types import SimpleNamespace
from typing import Any

import gitlab
import pytest


@pytest.fixture(autouse=True, scope="session")
def _quick():
    """Nothing has to catch up, and nothing needs clearing away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", lambda _seconds: None)
        patch.setattr("tests.functional.helpers.safe_delete", lambda _object: None)
        yield


@pytest.fixture(scope="session")
def gitlab_url() -> str:
    return os.environ["UPSTREAM_URL"]


@pytest.fixture(scope="session")
def gitlab_token() -> str:
    return os.environ["UPSTREAM_TOKEN"]


@pytest.fixture(scope="session")
def gl(gitlab_url: str, gitlab_token: str) -> gitlab.Gitlab:
    """Theirs deletes all that it finds first."""
    made = gitlab.Gitlab(gitlab_url, private_token=gitlab_token)
    made.auth()
    return made


@pytest.fixture(scope="session")
def gitlab_plan() -> str:
    return "premium"


@pytest.fixture(scope="session")
def gitlab_version() -> SimpleNamespace:
    return SimpleNamespace(major=19, minor=3)


@pytest.fixture(scope="session")
def temp_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("temp")


@pytest.fixture(scope="module")
def group(gl: gitlab.Gitlab) -> Any:
    """Theirs is at the top, where gitlab.com lets nobody make one through the API."""
    name = uuid.uuid4().hex
    return gl.groups.create({"name": name, "path": name, "parent_id": gl.groups.get("above").id})
