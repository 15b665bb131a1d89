"""GitLab's API through python-gitlab, as the parts of the adapter share it: what is read once, and how a no is told."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from gitlab.exceptions import GitlabAuthenticationError, GitlabError
from gitlab.v4.objects import Project

from scaffolder.errors import ForgeError, printable
from scaffolder.forge.base import Hosted
from scaffolder.forge.gitlab.session import Library
from scaffolder.forge.http import SHOWN
from scaffolder.redact import HIDDEN, redact

SETTINGS: Final = "Preferences > Access tokens"  # where tokens are made
TAKEN: Final = "has already been taken"


@dataclass(frozen=True)
class Api:
    """`groups` has the numbers of those found, `projects` what was last read of each, by full path in small letters."""

    library: Library = field(repr=False)
    host: str
    token: str = field(repr=False)
    groups: dict[str, int] = field(default_factory=dict, repr=False)
    projects: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    def of(self, hosted: Hosted) -> Project:
        """A repository to ask about; nothing is read yet."""
        return self.library.projects.get(f"{hosted.owner}/{hosted.name}", lazy=True)

    def project(self, owner: str, name: str) -> dict[str, Any] | None:
        """A project as it is now, None where there is none that this token may see."""
        path = f"{owner}/{name}"
        self.projects.pop(path.lower(), None)
        found = self.found(lambda: self.library.projects.get(path))
        if found is None:
            return None
        self.projects[path.lower()] = found.attributes
        return self.projects[path.lower()]

    def group(self, path: str) -> int | None:
        """The number of a group, by its full path; None where there is none that this token may see."""
        known = path.lower()
        if known not in self.groups:
            found = self.found(lambda: self.library.groups.get(path, with_projects=False))
            if found is None:
                return None
            self.groups[known] = found.id
        return self.groups[known]

    def user(self) -> Any:
        """Whose the token is."""
        return self.library.http_get("/user")

    def found(self, get: Any) -> Any | None:
        """What a call finds, or None where there is nothing."""
        try:
            return get()
        except GitlabError as error:
            if error.response_code == HTTPStatus.NOT_FOUND:
                return None
            raise

    @contextlib.contextmanager
    def telling(self, problem: str) -> Iterator[None]:
        """What GitLab refuses, with what was wanted of it, and what to do."""
        try:
            yield
        except GitlabAuthenticationError as error:
            hint = f"export another one as GITLAB_TOKEN: {SETTINGS} makes them"
            raise ForgeError(f"{self.host} does not take this token{self._why(error)}", hint=hint) from None
        except GitlabError as error:
            raise ForgeError(f"{problem}: {self.reason(error)}", hint=hint_of(error)) from None

    def reason(self, error: GitlabError) -> str:
        """One line, without the token, should a server repeat it."""
        if scope_of(error):
            return "the token has too few scopes"
        if error.response_code is None:
            return "the answer is not GitLab's"
        return self._clean(said_of(error)) or f"status {error.response_code}"

    def _why(self, error: GitlabError) -> str:
        why = body_of(error).get("error_description")
        return f": {self._clean(str(why).partition('.')[0])}" if why else ""

    def _clean(self, text: str) -> str:
        return redact(printable(" ".join(text.split())).replace(self.token or HIDDEN, HIDDEN))[:SHOWN]


def body_of(error: GitlabError) -> dict[str, Any]:
    """The answer, where it is an object."""
    with contextlib.suppress(ValueError):
        found = json.loads(error.response_body or b"")
        if isinstance(found, dict):
            return found
    return {}


def said_of(error: GitlabError) -> str:
    """GitLab's own words: `{"path": ["has already been taken"]}` is `path has already been taken`."""
    body = body_of(error)
    said = body.get("message") or body.get("error") or ""
    if isinstance(said, dict):
        return "; ".join(f"{name} {_joined(each)}" for name, each in said.items())
    return _joined(said)


def _joined(said: object) -> str:
    return ", ".join(map(str, said)) if isinstance(said, list) else str(said)


def scope_of(error: GitlabError) -> str:
    """The scopes of which the token lacks one, if it is that."""
    body = body_of(error)
    return str(body.get("scope") or "api") if body.get("error") == "insufficient_scope" else ""


def hint_of(error: GitlabError) -> str:
    if scope := scope_of(error):
        return f"{SETTINGS} makes a token with the scope {scope.replace(' ', ' or ')}"
    if error.response_code is None:
        return "is --hostname right?"
    if said_of(error).startswith("namespace "):  # a group in which this token's user may make nothing
        return "the group's settings say who may create projects in it: let the token's user be one of them"
    if error.response_code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND):
        return "the token's user lacks the permission"
    return ""
