"""The connection below python-gitlab: whom it trusts, how long it waits, and one clear line where it breaks.

The library can wait and try again, too, but for as long as a server likes, and it repeats what makes things; so its
own attempts are turned off. It also would follow a server to another one and take the token with it.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from gitlab import Gitlab
from requests.adapters import HTTPAdapter

from scaffolder.errors import ForgeError, UsageError, printable
from scaffolder.forge import pace
from scaffolder.forge.http import ANSWER, CONNECT, HOPS, broken

PAGE: Final = 100  # entries; GitLab gives no more
ERRNO: Final = re.compile(r"\[Errno -?\d+\] ([^'\")]+)")


class Library(Gitlab):
    """python-gitlab's client, which leaves trying again to the session."""

    def http_request(self, verb: str, path: str, *said: Any, **more: Any) -> requests.Response:
        return super().http_request(verb, path, *said, **{**more, "max_retries": 0})


class Trusting(HTTPAdapter):
    """Connections that trust the system's authorities as git does, or those of a file alone."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        super().__init__()

    def init_poolmanager(self, *said: Any, **more: Any) -> None:
        super().init_poolmanager(*said, **more, ssl_context=self.context)


class Session(requests.Session):
    """Requests to one server, each repeated where it may be, see `pace.patient`."""

    def __init__(self, host: str, ca_file: Path | None, pause: Callable[[float], None] = time.sleep) -> None:
        super().__init__()
        self.host = host
        self.pause = pause
        self.max_redirects = HOPS
        try:
            self.mount("https://", Trusting(ssl.create_default_context(cafile=ca_file)))
        except ssl.SSLError:
            hint = "it has to be in PEM format"
            raise UsageError(f"--ca-file {ca_file}: it holds no certificates", hint=hint) from None

    def request(self, method: str | bytes, url: str | bytes, *said: Any, **more: Any) -> requests.Response:
        verb = str(method).upper()

        def send() -> requests.Response:
            try:
                return super(Session, self).request(method, url, *said, **{**more, "timeout": (CONNECT, ANSWER)})
            except requests.RequestException as error:
                unmade = isinstance(error, (requests.ConnectTimeout, requests.ConnectionError)) and _is_unmade(error)
                told = self._broken(verb, error)
                raise pace.BrokenError(told, unmade=unmade, hopeless=bool(_untrusted(error))) from None

        return pace.patient(verb, send, self._busy, self.pause)

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Where a server sends us, if that is itself."""
        target = super().get_redirect_target(resp)
        if target:
            here, there = urlsplit(resp.url), urlsplit(urljoin(resp.url, target))
            if (here.scheme, here.netloc) != (there.scheme, there.netloc):
                elsewhere = printable(f"{there.scheme}://{there.netloc}")
                hint = "if that is right, give it as --hostname"
                raise ForgeError(f"{self.host} sends us to {elsewhere}", hint=hint)
        return target

    def _busy(self, answer: requests.Response, asked: float | None) -> ForgeError:
        often = "too many requests" if answer.status_code == pace.TOO_MANY else answer.reason or "busy"
        hint = f"it asks to wait {asked:.0f} seconds; then run this again" if asked else "run this again later"
        return ForgeError(f"{self.host}: {often} ({answer.status_code})", hint=hint)

    def _broken(self, verb: str, error: requests.RequestException) -> ForgeError:
        return broken(self.host, verb, _untrusted(error) or error, _reason(error))


def library(host: str, token: str, ca_file: Path | None) -> Library:
    """python-gitlab's client of a server; `host` may have a port, and a path behind it."""
    return Library(
        f"https://{host}",
        private_token=token,
        ssl_verify=str(ca_file) if ca_file else True,
        session=Session(host, ca_file),
        per_page=PAGE,
        keep_base_url=True,  # a server behind a proxy may not know its own name
    )


def _untrusted(error: BaseException) -> BaseException | None:
    """What says that a certificate was not taken, if it is that."""
    return next((each for each in _causes(error) if isinstance(each, ssl.SSLCertVerificationError)), None)


def _is_unmade(error: BaseException) -> bool:
    """Whether no connection came to be."""
    made = ("RemoteDisconnected", "ConnectionResetError", "BrokenPipeError", "ProtocolError", "ReadTimeoutError")
    return not any(type(each).__name__ in made for each in _causes(error))


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    found = ERRNO.search(str(error))
    inner = _causes(error)[-1]
    return printable(found[1] if found else str(inner) or type(inner).__name__).strip()


def _causes(error: BaseException) -> list[BaseException]:
    """An error and those in it; the libraries below hand them on in several ways."""
    found, todo = [error], [error]
    while todo:
        each = todo.pop()
        for inner in (each.__cause__, each.__context__, getattr(each, "reason", None), *each.args):
            if isinstance(inner, BaseException) and inner not in found:
                found.append(inner)
                todo.append(inner)
    return found
