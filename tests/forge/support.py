"""What the tests of forges share."""

from __future__ import annotations

import pytest

from scaffolder.forge import http
from scaffolder.forge.base import Server
from scaffolder.forge.gitea import GiteaForge
from scaffolder.git.credentials import Access
from tests.support.gitea import Gitea


def gitea_forge(
    gitea: Gitea, request: pytest.FixtureRequest, *, token: str = "", personal: bool = False, token_auth: bool = False
) -> GiteaForge:
    """The adapter, talking to the real server with all rights, or with a token's, until the test ends."""
    token = token or gitea.token
    opened = http.opened(
        f"https://{gitea.host}/api/v1", {"Authorization": f"token {token}"}, token=token, ca_file=gitea.authority
    )
    api = opened.__enter__()
    request.addfinalizer(lambda: opened.__exit__(None, None, None))
    access = Access(password=token, ca_file=gitea.authority)
    return GiteaForge(api, Server(gitea.host, gitea.ssh), access, personal, token_auth)
