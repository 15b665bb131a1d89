"""What the tests of forges share."""

from __future__ import annotations

import pytest

from scaffolder.forge import gitea as gitea_room
from scaffolder.forge import github as github_room
from scaffolder.forge import gitlab as gitlab_room
from scaffolder.forge.base import Login, Server
from scaffolder.forge.gitea import GiteaForge
from scaffolder.forge.github import GitHubForge
from scaffolder.forge.gitlab import GitlabForge
from tests.support.forges.github import GitHub
from tests.support.forges.gitlab import TOKEN, GitLab
from tests.support.forges.wire import Server as Web
from tests.support.gitea import Gitea


def gitea_forge(
    gitea: Gitea, request: pytest.FixtureRequest, *, token: str = "", personal: bool = False, token_auth: bool = False
) -> GiteaForge:
    """The adapter, talking to the real server with all rights, or with a token's, until the test ends."""
    server = Server(gitea.host, gitea.ssh)
    open_for_now = gitea_room.opened(Login(server, token or gitea.token, gitea.authority, personal, token_auth))
    request.addfinalizer(lambda: open_for_now.__exit__(None, None, None))
    return open_for_now.__enter__()


def gitlab_forge(
    gitlab: GitLab,
    request: pytest.FixtureRequest,
    *,
    token: str = TOKEN,
    personal: bool = False,
    token_auth: bool = False,
) -> GitlabForge:
    """The same, talking to the fake GitLab."""
    server = Server(gitlab.server.host, "ssh.example.com")
    open_for_now = gitlab_room.opened(Login(server, token, gitlab.server.authority, personal, token_auth))
    request.addfinalizer(lambda: open_for_now.__exit__(None, None, None))
    return open_for_now.__enter__()


def github_forge(
    github: GitHub, request: pytest.FixtureRequest, *, token: str = "", personal: bool = False, token_auth: bool = False
) -> GitHubForge:
    """The same for GitHub, as far as we have it."""
    web: Web = request.getfixturevalue("forge_server")
    server = Server(web.host, "localhost:22")
    open_for_now = github_room.opened(Login(server, token or github.token, web.authority, personal, token_auth))
    request.addfinalizer(lambda: open_for_now.__exit__(None, None, None))
    return open_for_now.__enter__()
