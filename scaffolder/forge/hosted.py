"""The forges with an API: which there are, and how each is opened."""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from scaffolder.forge.base import Login, SharingForge
from scaffolder.forge.changes import ChangeRequests
from scaffolder.forge.contents import Contents
from scaffolder.forge.rules import Rules


class HostedForge(SharingForge, Protocol):
    """A forge with an API, as a whole."""

    @property
    def changes(self) -> ChangeRequests:
        """Its change requests."""

    @property
    def rules(self) -> Rules:
        """Its rules for branches and merges."""

    @property
    def contents(self) -> Contents:
        """Its branches, read and committed to without git."""


@dataclass(frozen=True)
class Host:
    """A kind of forge.

    `domain` is where its makers run it, `variable` the environment variable that has a token, `scope` what the token
    needs to push.
    """

    kind: str
    title: str
    domain: str
    variable: str
    scope: str

    def opened(self, login: Login) -> AbstractContextManager[HostedForge]:
        """The forge, as long as it is needed; its library is imported now."""
        found: AbstractContextManager[HostedForge] = importlib.import_module(f"scaffolder.forge.{self.kind}").opened(
            login
        )
        return found


HOSTS: Final = {
    host.kind: host
    for host in (
        Host("github", "GitHub", "github.com", "GITHUB_TOKEN", "repo"),
        Host("gitlab", "GitLab", "gitlab.com", "GITLAB_TOKEN", "api or write_repository"),
        Host("gitea", "Gitea", "gitea.com", "GITEA_TOKEN", "write:repository"),
    )
}
