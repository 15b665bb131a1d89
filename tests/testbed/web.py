"""A small web server in a thread of this process."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.testbed.processes import LOOPBACK, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Web:
    """`handler` makes what answers a request."""

    def __init__(self, handler: Callable[..., Handler]) -> None:
        self._handler = handler
        self._port = free_port()
        self._server: _Server | None = None
        self.address = f"http://{LOOPBACK}:{self._port}"

    def start(self) -> None:
        try:
            self._server = server = _Server((LOOPBACK, self._port), self._handler)
        except OSError as error:
            raise RuntimeError(f"{self.address}: {error.strerror}") from None
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        self._server = None


class _Server(ThreadingHTTPServer):
    request_queue_size = 64
    daemon_threads = True


class Handler(BaseHTTPRequestHandler, ABC):
    protocol_version = "HTTP/1.1"

    @abstractmethod
    def respond(self) -> None:
        """Answers a request, whatever its method."""

    def do_GET(self) -> None:
        self.respond()

    def do_POST(self) -> None:
        self.respond()

    def answer(self, status: str, headers: Mapping[str, str], content: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the signature is the library's
        """Flux says what it fetches."""
