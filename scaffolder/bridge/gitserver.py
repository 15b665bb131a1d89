"""A git server for one rehearsal: one repository, over HTTP, to be read with one password."""

from __future__ import annotations

import base64
import contextlib
import functools
import hmac
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from scaffolder.errors import UsageError

PATIENCE: Final = 30.0  # seconds for a client to say what it wants
LONGEST: Final = 2**20  # bytes that a client may say


@dataclass(frozen=True)
class Served:
    """A bare repository, and who may read it."""

    folder: Path
    username: str
    password: str = field(repr=False)

    def admits(self, authorization: str) -> bool:
        said = f"{self.username}:{self.password}".encode()
        return hmac.compare_digest(authorization.encode(), b"Basic " + base64.b64encode(said))


@contextlib.contextmanager
def serving(served: Served, listen: str) -> Iterator[str]:
    """Serves a repository as long as this is open; its URL.

    Args:
        served: what, and to whom.
        listen: HOST or HOST:PORT, an address of this machine that clients can reach.

    Raises:
        UsageError: there it cannot listen.
    """
    host, port = _address(listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    server_class = type("Server", (ThreadingHTTPServer,), {"address_family": family, "daemon_threads": True})
    try:
        server = server_class((host, port), functools.partial(_Handler, served))
    except OSError as error:
        raise UsageError(f"--listen {listen}: {(error.strerror or str(error)).lower()}") from None
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{server.server_address[1]}/{served.folder.name}"
    finally:
        server.shutdown()
        server.server_close()


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":") if listen.count(":") == 1 or "]:" in listen else (listen, "", "0")
    if not port.isdecimal() or int(port) >= 2**16 or not host:
        raise UsageError(f"--listen {listen}: must be HOST or HOST:PORT")
    if host in {"0.0.0.0", "[::]", "::"}:  # noqa: S104  it is refused
        raise UsageError(f"--listen {listen}: name the one address that the cluster can reach")
    return host.strip("[]"), int(port)


class _Handler(BaseHTTPRequestHandler):
    """Hands requests to git's own http-backend, which only reads."""

    protocol_version = "HTTP/1.1"
    timeout = PATIENCE

    def __init__(self, served: Served, *connection: Any) -> None:
        self.served = served
        super().__init__(*connection)

    def do_GET(self) -> None:
        self._respond(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LONGEST:
            self._answer("411 Length Required", {"Connection": "close"}, b"")
            return
        self._respond(self.rfile.read(int(length)))

    def _respond(self, body: bytes) -> None:
        if not self.served.admits(self.headers.get("Authorization", "")):
            self._answer("401 Unauthorized", {"WWW-Authenticate": 'Basic realm="rehearsal"'}, b"")
            return
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=self._environment(len(body)), capture_output=True, check=False
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode("latin-1").splitlines() if ": " in line)
        self._answer(headers.pop("Status", "200 OK" if headers else "500 Internal Server Error"), headers, content)

    def _environment(self, length: int) -> dict[str, str]:
        path, _, query = self.path.partition("?")
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_PROJECT_ROOT": str(self.served.folder.parent),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_ADDR": str(self.client_address[0]),
        }

    def _answer(self, status: str, headers: dict[str, str], content: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the signature is the library's
        """What clients fetch is nobody's news."""
