"""Gitea, and Forgejo, which has the same API; its three parts are in a file each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from scaffolder.forge import http
from scaffolder.forge.base import Login
from scaffolder.forge.gitea.repositories import GiteaForge
from scaffolder.git.credentials import Access

__all__ = ["GiteaForge", "opened"]


@contextmanager
def opened(login: Login) -> Iterator[GiteaForge]:
    """The forge, as long as it is needed."""
    headers = {"Authorization": f"token {login.token}"}
    base = f"https://{login.server.host}/api/v1"
    with http.opened(base, headers, token=login.token, ca_file=login.ca_file) as api:
        access = Access(password=login.token, ca_file=login.ca_file)
        yield GiteaForge(api, login.server, access, login.personal, login.token_auth)
