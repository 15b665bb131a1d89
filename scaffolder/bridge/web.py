"""Downloads that end: an answer within seconds or none, whatever the network does."""

from __future__ import annotations

import http.client
import queue
import ssl
import threading
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from scaffolder.errors import ForgeError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from urllib.response import addinfourl

_Said = queue.SimpleQueue[bytes | Exception | None]

LIMIT: Final = 4 * 2**20  # bytes of one download
_BODY: Final = 60.0  # seconds for what comes after the answer's first line
_NOT_FOUND: Final = 404


class UnreachableError(ForgeError):
    """There was no answer, or none that helps. The message is one line."""


class NotFoundError(ForgeError):
    """The server says that there is no such file."""


def fetch(urls: Sequence[str], *, timeout: float) -> list[bytes]:
    """What is at some addresses, asked for all at once. Proxies and certificates are those of the environment.

    Args:
        urls: http, https or file.
        timeout: seconds until each has begun to answer, redirections included.

    Raises:
        UnreachableError: one of them did not answer, or broke off.
        NotFoundError: one of them does not exist.
    """
    until = time.monotonic() + timeout
    transfers = [(url, _begin(url, timeout)) for url in urls]
    for url, said in transfers:
        _next(url, said, until)
    until = time.monotonic() + _BODY
    return [_next(url, said, until) for url, said in transfers]


def _begin(url: str, timeout: float) -> _Said:
    """Starts a transfer, which says None when it is answered and then the content, or what went wrong.

    Nothing can interrupt a look-up of a name: so it happens in a thread that may be left behind.
    """
    said: _Said = queue.SimpleQueue()
    threading.Thread(target=_transfer, args=(url, timeout, said), daemon=True).start()
    return said


def _transfer(url: str, timeout: float, said: _Said) -> None:
    try:
        with urllib.request.build_opener().open(url, timeout=timeout) as answer:
            said.put(None)
            said.put(_read(answer))
    except (OSError, ValueError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        said.put(error)


def _read(answer: addinfourl) -> bytes:
    content = answer.read(LIMIT + 1)
    promised = int(answer.headers.get("Content-Length") or 0)
    if len(content) > LIMIT:
        raise OSError(f"sends more than {LIMIT // 2**20} MiB")
    if len(content) < promised:
        raise http.client.IncompleteRead(content, promised - len(content))
    return content


def _next(url: str, said: _Said, until: float) -> bytes:
    try:
        heard = said.get(timeout=max(0.0, until - time.monotonic()))
    except queue.Empty:
        heard = TimeoutError()
    if isinstance(heard, urllib.error.HTTPError) and heard.code == _NOT_FOUND:
        raise NotFoundError(f"there is no {bare(url)}") from heard
    if isinstance(heard, Exception):
        raise UnreachableError(f"{urlsplit(url).hostname or url}: {_reason(heard)}") from heard
    return heard or b""


def bare(url: str) -> str:
    """An address without what may be a secret in it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _reason(error: object) -> str:
    """One line, without the address of a proxy, which may hold a password."""
    match error:
        case urllib.error.HTTPError():
            said = f"answers {error.code}"
        case urllib.error.URLError():
            said = _reason(error.reason)
        case TimeoutError():
            said = "no answer in time"
        case ssl.SSLCertVerificationError():
            said = f"its certificate is not trusted, {error.verify_message}"
        case http.client.IncompleteRead() | http.client.BadStatusLine():
            said = "the connection broke off"
        case OSError() | str():
            said = " ".join(str(getattr(error, "strerror", None) or error).split())
        case _:
            said = f"cannot be asked, {type(error).__name__}"
    return said
