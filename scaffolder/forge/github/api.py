"""GitHub's API as PyGithub sends it: JSON, paging, and one clear line for whatever goes wrong.

PyGithub's objects are left aside: some of their calls hide a refusal, or send what was not asked for.
"""

from __future__ import annotations

import contextlib
import json
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import requests
from github import Auth, Github, GithubException
from github.Requester import Requester

from scaffolder.errors import ForgeError, UsageError, printable
from scaffolder.forge.base import Login
from scaffolder.forge.github.patience import Patient
from scaffolder.forge.github_app import api_url, is_cloud
from scaffolder.forge.http import ANSWER, MISSING, RefusedError, broken
from scaffolder.redact import HIDDEN, redact

BETWEEN_WRITES: Final = 1.0  # seconds, as GitHub asks for; a server of one's own counts nothing unless told to
VERSION: Final = "2022-11-28"
PAGE: Final = 100
SHOWN: Final = 200  # characters of what a server says
TOKENS: Final = "Settings > Developer settings > Personal access tokens"
SSO: Final = re.compile(r"required; url=(?P<url>https://\S+)")
TAKEN: Final = "name already exists"

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Api:
    """The API of one server. Whatever fails is a ForgeError of one line, without the token."""

    requester: Requester = field(repr=False)
    title: str
    token: str = field(repr=False)

    def get(self, path: str, **query: str | int) -> Any:
        return self._sent("GET", path, query=query)[1]

    def find(self, path: str, **headers: str) -> Any | None:
        """The same, or None where there is nothing that this token may see."""
        try:
            return self._sent("GET", path, headers=headers)[1]
        except RefusedError as error:
            if error.status == MISSING:
                return None
            raise

    def each(self, path: str, of: str = "", **query: str | int) -> Iterator[Any]:
        """The entries of a list, over all its pages; where the list stands in an object, `of` is its name there."""
        following, asked = path, {"per_page": PAGE, **query}
        while following:
            headers, found = self._sent("GET", following, query=asked)
            yield from found[of] if of else found
            links = requests.utils.parse_header_links(headers.get("link", ""))
            following = next((link["url"] for link in links if link.get("rel") == "next"), "")
            asked = {}

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What comes of a request that changes something."""
        return self._sent(method, path, body=body)[1]

    def delete(self, path: str) -> None:
        """Deletes it, or finds it gone."""
        try:
            self._sent("DELETE", path)
        except RefusedError as error:
            if error.status != MISSING:
                raise

    def graphql(self, mutation: str, **values: str) -> None:
        """What only GraphQL can change; `values` are the fields of the mutation's `input`."""
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        text = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ clientMutationId }} }}"
        body = {"query": text, "variables": {"input": values}}
        answer = self._sent("POST", self.requester.graphql_url, body=body)[1]
        if errors := answer.get("errors"):
            said = self._clean(str(errors[0].get("message", "")))
            raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, said, f"{self.title}: {mutation}: {said}")

    def _sent(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Headers | None = None,
    ) -> tuple[Headers, Any]:
        try:
            status, told, text = self.requester.requestJson(method, path, dict(query or {}), dict(headers or {}), body)
        except GithubException as error:  # how PyGithub looks at each 403
            status, told, data = error.status, error.headers or {}, error.data
        except requests.RequestException as error:
            raise broken(self.title, method, error, self._clean(_reason(error))) from None
        except RuntimeError:  # PyGithub's word for a redirect to another server
            hint = "if that is right, give that one as --hostname"
            raise ForgeError(f"{self.title} sends us to another server", hint=hint) from None
        else:
            data = _parsed(text)
        return self._accepted(f"{method} {path}", status, {name.lower(): said for name, said in told.items()}, data)

    def _accepted(self, what: str, status: int, headers: Headers, data: Any) -> tuple[Headers, Any]:
        if status == HTTPStatus.NO_CONTENT or (status < HTTPStatus.MULTIPLE_CHOICES and data is not None):
            return headers, data
        if status < HTTPStatus.BAD_REQUEST:
            raise ForgeError(f"{self.title}: {what}: the answer is no JSON", hint="is --hostname right?")
        if status == HTTPStatus.UNAUTHORIZED:
            hint = f"export another one as GITHUB_TOKEN: {TOKENS} makes them"
            raise ForgeError(f"{self.title} does not take this token", hint=hint)
        if sign_on := SSO.search(headers.get("x-github-sso", "")):
            hint = f"authorise it at {self._clean(sign_on['url'])}"
            raise ForgeError(f"{self.title}: the organisation wants this token authorised for its sign-on", hint=hint)
        said = self._clean(_said(data)) or f"status {status}"
        if missing := _missing(status, headers):
            raise RefusedError(status, "the token has too few scopes", f"{self.title}: {what}: {said}", hint=missing)
        raise RefusedError(status, said, f"{self.title}: {what}: {said}", hint=_hint(status, said))

    def _clean(self, text: str) -> str:
        """One line, without the token, should a server repeat it."""
        return redact(printable(" ".join(text.split())).replace(self.token or HIDDEN, HIDDEN))[:SHOWN]


@contextmanager
def opened(login: Login) -> Iterator[Api]:
    """The API, as long as it is needed.

    Raises:
        UsageError: `login.ca_file` holds no certificates.
    """
    host = login.server.host
    made = Github(
        auth=Auth.Token(login.token),
        base_url=api_url(host),
        timeout=round(ANSWER),
        user_agent="scaffolder",
        verify=_trusted(login),
        retry=Patient.usual(),
        seconds_between_requests=None,
        seconds_between_writes=BETWEEN_WRITES if is_cloud(host) else None,
        api_version=VERSION,
    )
    try:
        yield Api(made.requester, host, login.token)
    finally:
        made.close()


def _trusted(login: Login) -> str | bool:
    """The authorities to trust: of `login`, else the system's, else those that the library brings."""
    if login.ca_file is None:
        return ssl.get_default_verify_paths().cafile or True
    try:
        ssl.create_default_context(cafile=login.ca_file)
    except ssl.SSLError:
        hint = "it has to be in PEM format"
        raise UsageError(f"--ca-file {login.ca_file}: it holds no certificates", hint=hint) from None
    return str(login.ca_file)


@contextmanager
def telling(problem: str) -> Iterator[None]:
    """What GitHub refuses, with what was wanted of it."""
    try:
        yield
    except RefusedError as error:
        raise ForgeError(f"{problem}: {error.said}", hint=error.hint) from None


def _parsed(text: str) -> Any | None:
    """JSON; None where it is something else."""
    with contextlib.suppress(ValueError):
        found = json.loads(text)
        return found if isinstance(found, (dict, list)) else None
    return None


def _said(data: Any) -> str:
    """GitHub's words: each error's own, where it lists them, say more than the general one."""
    if not isinstance(data, dict):
        return ""
    errors = data.get("errors") or ()
    said = [each if isinstance(each, str) else str(each.get("message") or "") for each in errors if each]
    fields = [
        f"{each['field']}: {each['code']}"
        for each in errors
        if isinstance(each, dict) and {"field", "code"} <= each.keys()
    ]
    return "; ".join(filter(None, said)) or "; ".join(fields) or str(data.get("message") or "")


def _missing(status: int, headers: Headers) -> str:
    """The scopes or permissions that would do, where this token has none of them."""
    if status not in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
        return ""
    if wanted := headers.get("x-accepted-github-permissions"):
        return f"{TOKENS} gives a fine-grained one {' or '.join(wanted.split(';'))}"
    accepted, has = (_scopes(headers.get(name, "")) for name in ("x-accepted-oauth-scopes", "x-oauth-scopes"))
    if "x-oauth-scopes" in headers and accepted and not set(accepted) & set(has):
        return f"{TOKENS} makes one with {' or '.join(accepted)}; this one has {', '.join(has) or 'none'}"
    return ""


def _scopes(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _hint(status: int, said: str) -> str:
    if TAKEN in said:
        return "choose another --repository, or a token that may see it"
    if status in {HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}:
        return "the token's user lacks the permission"
    return ""


def _reason(error: requests.RequestException) -> str:
    """Why there was no answer: the innermost cause that has words."""
    if isinstance(error, requests.ReadTimeout):
        return "no answer in time"
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    said, inner = type(error).__name__, error.args[0] if error.args else None
    inner = getattr(inner, "reason", inner)
    while isinstance(inner, BaseException):
        if isinstance(inner, OSError) and inner.strerror:
            said = inner.strerror
        inner = inner.__cause__ or inner.__context__
    return said
