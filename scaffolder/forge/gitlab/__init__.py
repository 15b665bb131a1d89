"""GitLab, of gitlab.com or a server of one's own, over python-gitlab; its parts are in a file each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from scaffolder.forge.base import Login
from scaffolder.forge.gitlab import session
from scaffolder.forge.gitlab.api import Api
from scaffolder.forge.gitlab.repositories import GitlabForge
from scaffolder.git.credentials import Access

__all__ = ["GitlabForge", "opened"]

# GitLab takes any name beside a personal, group or project token, but for one that came by OAuth only this
USER: Final = "oauth2"


@contextmanager
def opened(login: Login) -> Iterator[GitlabForge]:
    """The forge, as long as it is needed."""
    host = login.server.host
    library = session.library(host, login.token, login.ca_file)
    with library:
        access = Access(USER, login.token, login.ca_file)
        yield GitlabForge(Api(library, host, login.token), login.server, access, login.personal, login.token_auth)
