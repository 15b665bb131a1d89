"""JSON over HTTPS, as the APIs of forges speak it: paging, patience, and one clear line for whatever goes wrong."""

from __future__ import annotations

import contextlib
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from scaffolder.errors import ForgeError, UsageError, printable
from scaffolder.forge import pace
from scaffolder.redact import HIDDEN, redact

if TYPE_CHECKING:
    import httpx

CONNECT, ANSWER = 10.0, 30.0  # seconds
HOPS: Final = 5  # of redirects
PAGE: Final = 50  # entries; Gitea gives no more, whatever it is asked
SHOWN: Final = 200  # characters of what a server says

ERRNO: Final = re.compile(r"^\[Errno -?\d+\] ")  # a number that says nothing to people
MOVED: Final = frozenset({301, 302, 307, 308})
MISSING: Final = 404


class RefusedError(ForgeError):
    """The server understood, and said no: `status` is HTTP's, `said` its own words."""

    def __init__(self, status: int, said: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.said = said


@dataclass(frozen=True)
class Api:
    """The API below one URL. Whatever fails is a ForgeError of one line, without the token.

    What may be repeated is, see `pace.patient`.
    """

    base: str
    client: httpx.Client = field(repr=False)
    token: str = field(repr=False)
    pause: Callable[[float], None] = field(default=time.sleep, repr=False)

    def get(self, path: str, **query: str | int) -> Any:
        """What is there, as JSON."""
        return self._json(self._sent("GET", self._url(path), query=query))

    def content(self, path: str) -> bytes:
        """What is there, as it is."""
        return self._sent("GET", self._url(path)).content

    def answer(self, path: str) -> tuple[Any, Mapping[str, str]]:
        """What is there, and the headers that it came with."""
        answer = self._sent("GET", self._url(path))
        return self._json(answer), answer.headers

    def find(self, path: str) -> Any | None:
        """The same, or None where there is nothing."""
        try:
            return self.get(path)
        except RefusedError as error:
            if error.status == MISSING:
                return None
            raise

    def each(self, path: str, **query: str | int) -> Iterator[Any]:
        """The entries of a list, over all its pages: those that the server names, or counts."""
        url, asked, seen = self._url(path), {"limit": PAGE, "page": 1, **query}, 0
        while True:
            answer = self._sent("GET", url, query=asked)
            found = self._json(answer)
            yield from found
            seen += len(found)
            if following := answer.links.get("next", {}).get("url"):
                url, asked = self._same(urljoin(url, following)), {}
            elif found and asked and seen < pace.number(answer.headers.get("X-Total-Count", "")):
                asked["page"] = int(asked["page"]) + 1  # Gitea names none where deploy keys are listed
            else:
                return

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """What was made."""
        return self._json(self._sent("POST", self._url(path), body=body))

    def ask(self, path: str, body: Mapping[str, Any]) -> None:
        """A POST that makes nothing to be shown."""
        self._sent("POST", self._url(path), body=body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """What it is now."""
        return self._json(self._sent("PATCH", self._url(path), body=body))

    def put(self, path: str) -> None:
        self._sent("PUT", self._url(path))

    def delete(self, path: str) -> None:
        """Deletes it, or finds it gone."""
        try:
            self._sent("DELETE", self._url(path))
        except RefusedError as error:
            if error.status != MISSING:
                raise

    def _url(self, path: str) -> str:
        return f"{self.base}/{path}"

    def _sent(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        import httpx  # noqa: PLC0415  few commands talk to an API

        def send() -> httpx.Response:
            try:
                return self._redirected(self.client.request(method, url, params=query or None, json=body))
            except httpx.RequestError as error:
                unmade = isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout))
                told = self._broken(method, error)
                raise pace.BrokenError(told, unmade=unmade, hopeless=bool(of_trust(error))) from None

        return self._accepted(pace.patient(method, send, self._busy, self.pause))

    def _redirected(self, answer: httpx.Response) -> httpx.Response:
        """Where something was renamed; the token goes to no other server."""
        for _ in range(HOPS):
            if answer.status_code not in MOVED or answer.request.method != "GET":
                break
            target = self._same(urljoin(str(answer.request.url), answer.headers.get("Location", "")))
            answer = self.client.get(target)
        if answer.status_code in MOVED:
            raise ForgeError(f"{self._where(answer)} is elsewhere now, and does not say where")
        return answer

    def _same(self, url: str) -> str:
        """A URL that the server named, if it is one of its own.

        Raises:
            ForgeError: it is another server's.
        """
        here, there = urlsplit(self.base), urlsplit(url)
        if (here.scheme, here.netloc) != (there.scheme, there.netloc):
            elsewhere = printable(f"{there.scheme}://{there.netloc}")
            raise ForgeError(f"{here.netloc} sends us to {elsewhere}", hint="if that is right, give it as --hostname")
        return url

    def _accepted(self, answer: httpx.Response) -> httpx.Response:
        if answer.is_success:
            return answer
        said = self._said(answer)
        message = f"{self._where(answer)}: {said}" if said else self._where(answer)
        raise RefusedError(answer.status_code, said, f"{message} ({answer.status_code})")

    def _busy(self, answer: httpx.Response, asked: float | None) -> ForgeError:
        often = "too many requests" if answer.status_code == pace.TOO_MANY else self._said(answer) or "busy"
        hint = f"it asks to wait {asked:.0f} seconds; then run this again" if asked else "run this again later"
        return ForgeError(f"{self._where(answer)}: {often} ({answer.status_code})", hint=hint)

    def _broken(self, method: str, error: httpx.RequestError) -> ForgeError:
        known = {"ConnectTimeout": "no connection in time", "ReadTimeout": "no answer in time"}
        said = known.get(type(error).__name__) or self._clean(ERRNO.sub("", str(error))) or type(error).__name__
        return broken(urlsplit(self.base).netloc, method, error, said)

    def _json(self, answer: httpx.Response) -> Any:
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, (dict, list)):
            raise ForgeError(f"{self._where(answer)}: the answer is no JSON", hint="is --hostname right?")
        return found

    def _where(self, answer: httpx.Response) -> str:
        url = urlsplit(str(answer.request.url))
        return self._clean(f"{url.netloc}: {answer.request.method} {url.path}")

    def _said(self, answer: httpx.Response) -> str:
        with contextlib.suppress(ValueError):
            found = answer.json()
            if isinstance(found, dict):
                return self._clean(str(found.get("message") or found.get("error") or ""))
        return self._clean(answer.reason_phrase)

    def _clean(self, text: str) -> str:
        """One line, without the token, should a server repeat it."""
        return redact(printable(" ".join(text.split())).replace(self.token or HIDDEN, HIDDEN))[:SHOWN]


@contextlib.contextmanager
def opened(base: str, headers: Mapping[str, str], *, token: str, ca_file: Path | None = None) -> Iterator[Api]:
    """The API at a URL, as long as it is needed.

    Args:
        base: its URL, without a slash at the end.
        headers: what goes with each request: the token, in the way that this forge wants it.
        token: the same, so that it can be kept out of whatever is said.
        ca_file: the authorities to trust instead of the system's.

    Raises:
        UsageError: `ca_file` holds no certificates.
        ForgeError: the environment names a proxy that cannot be used.
    """
    import httpx  # noqa: PLC0415  few commands talk to an API

    try:
        trust = ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise UsageError(f"--ca-file {ca_file}: it holds no certificates", hint="it has to be in PEM format") from None
    timeout = httpx.Timeout(ANSWER, connect=CONNECT)
    try:
        client = httpx.Client(verify=trust, headers={"Accept": "application/json", **headers}, timeout=timeout)
    except (ImportError, ValueError, httpx.InvalidURL):
        hint = "https_proxy and all_proxy name it; it has to be http:// or https://"
        raise ForgeError("the environment's proxy cannot be used", hint=hint) from None
    with client:
        yield Api(base, client, token)


def broken(host: str, method: str, error: BaseException, said: str) -> ForgeError:
    """What to tell of a request that got no answer; `said` is why, should it not be about trust."""
    if trust := of_trust(error):
        hint = "--ca-file names the authority that signed its certificate; change requests go by git's http.sslCAInfo"
        return ForgeError(f"{host} cannot be trusted: {printable(trust)}", hint=hint)
    hint = "it may have been done: run this again" if method == "POST" else "check --hostname, network and proxy"
    return ForgeError(f"{host} cannot be reached: {said}", hint=hint)


def of_trust(error: BaseException) -> str:
    """Why a certificate was not taken; empty where it is about something else."""
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, ssl.SSLCertVerificationError):
            return inner.verify_message
        inner = inner.__cause__ or inner.__context__
    return ""
