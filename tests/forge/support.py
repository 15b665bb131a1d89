"""What the tests of forges share."""

from __future__ import annotations

import pytest

from scaffolder.forge.base import Login, Server
from scaffolder.forge.gitea import GiteaForge, opened
from tests.support.gitea import Gitea


def gitea_forge(
    gitea: Gitea, request: pytest.FixtureRequest, *, token: str = "", personal: bool = False, token_auth: bool = False
) -> GiteaForge:
    """The adapter, talking to the real server with all rights, or with a token's, until the test ends."""
    server = Server(gitea.host, gitea.ssh)
    open_for_now = opened(Login(server, token or gitea.token, gitea.authority, personal, token_auth))
    request.addfinalizer(lambda: open_for_now.__exit__(None, None, None))
    return open_for_now.__enter__()
