"""A small HTTP server whose answers a test gives, by method and path."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Answers:
    """`known` has a status, JSON and headers for `GET /path` without the query; anything else is 404.

    `asked` are the requests so far, each with its headers.
    """

    base: str
    known: dict[str, tuple[int, Any, dict[str, str]]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def says(self, request: str, body: Any, status: int = 200, /, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.known[request] = (status, body, named)

    @property
    def requests(self) -> list[str]:
        return [request for request, _ in self.asked]


@contextmanager
def answering() -> Iterator[Answers]:
    """The server, on loopback, as long as it is needed."""

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = f"{self.command} {self.path.partition('?')[0]}"
            answers.asked.append((request, dict(self.headers)))
            status, body, headers = answers.known.get(request, (404, {"message": "Not Found"}, {}))
            content = json.dumps(body).encode()
            self.send_response_only(status)
            for name, value in {
                "Date": self.date_time_string(),
                "Content-Length": str(len(content)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = respond  # noqa: N815  the names are the library's

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the signature is the library's
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        answers = Answers(f"http://127.0.0.1:{server.server_port}")
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield answers
        server.shutdown()
