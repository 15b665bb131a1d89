"""Forges that cannot be had here, as far as we use them: a server with TLS in a thread of this process.

Their content is in real repositories behind real git, and nowhere else; what they are asked, and what they answer, is
held against the official descriptions of their APIs.
"""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from tests.support.certificates import HOST, certificates
from tests.support.forges import transport
from tests.support.forges.described import Description, Exchange
from tests.testbed.processes import LOOPBACK

VARIABLE = re.compile(r"\\{(\w+)\\}")


@dataclass(frozen=True)
class Asked:
    """A request to an API. `names` are what stands in the path, decoded."""

    method: str
    path: str
    names: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]  # as HTTP writes them: Content-Type
    body: Any
    root: str  # of the URLs of this server

    def page(self, found: list[Any], usual: int = 30, most: int = 100) -> Answer:
        """One page of a list, with a link to the next; those who count get the number of all."""
        size, number = min(most, int(self.query.get("per_page", usual))), int(self.query.get("page", 1))
        headers = {"X-Total": str(len(found))}
        if len(found) > size * number:
            said = {**self.query, "page": str(number + 1)}
            query = "&".join(f"{name}={value}" for name, value in said.items())
            headers["Link"] = f'<{self.root}{self.path}?{query}>; rel="next"'
        return Answer(200, found[size * (number - 1) : size * number], headers)


@dataclass(frozen=True)
class Answer:
    """What is said: JSON, or bytes as they are, or nothing where `data` is None."""

    status: int
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handle = Callable[[Asked], Answer]


@dataclass(frozen=True)
class Call:
    """A request to an API, as tests read it: `path` is below the API's own, with the query."""

    method: str
    path: str
    body: Any
    status: int

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@dataclass
class Fault:
    """Something that goes wrong with requests of which `METHOD /path` matches: after `skip` of them, `times` times.

    `status` None drops the connection; `done` does so, or says that status, only after the request had its effect.
    """

    pattern: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    data: Any = None
    skip: int = 0
    times: int = 1
    done: bool = False

    def happens(self, what: str) -> bool:
        if not re.search(self.pattern, what):
            return False
        self.skip -= 1
        self.times -= self.skip < 0
        return self.skip < 0 <= self.times


class Router:
    """Requests below a prefix to what handles each.

    Args:
        prefix: the API's own, e.g. `/api/v3`.
        routes: by `METHOD /path/{name}`, the path as in the official description.
        description: that one, if what is said is to be held against it.
        spanning: the names that may hold slashes.
    """

    def __init__(
        self,
        prefix: str,
        routes: Mapping[str, Handle],
        description: Description | None = None,
        spanning: frozenset[str] = frozenset(),
    ) -> None:
        self.prefix = prefix
        self.description = description
        self.calls: list[Call] = []
        self.violations: list[str] = []
        self._routes = [
            (_pattern(key, spanning), key, routes[key]) for key in sorted(routes, key=lambda key: (-len(key), key))
        ]

    def answer(self, request: Request, path: str) -> Response:
        """`path` is the request's, as it was sent, below the server's prefix."""
        below = path.removeprefix(self.prefix)
        text = request.get_data(as_text=True)
        body = json.loads(text) if text else None
        query = request.args.to_dict()
        for pattern, template, handle in self._routes:
            if found := pattern.fullmatch(f"{request.method} {below}"):
                names = {name: unquote(value) for name, value in found.groupdict().items()}
                root = request.host_url.rstrip("/") + request.environ["forge.prefix"] + self.prefix
                said = handle(Asked(request.method, below, names, query, dict(request.headers), body, root))
                if self.description:
                    said = replace(said, data=self.description.filled(template, said.status, said.data))
                self._judge(template, request, body, names, said)
                break
        else:
            self.violations.append(f"{request.method} {below} is not known here")
            said = Answer(404, {"message": "Not Found"})
        asked = f"?{request.query_string.decode()}" if request.query_string else ""
        self.calls.append(Call(request.method, below + asked, body, said.status))
        content = said.data if isinstance(said.data, bytes) else "" if said.data is None else json.dumps(said.data)
        return Response(content, said.status, dict(said.headers), content_type="application/json")

    def _judge(self, template: str, request: Request, body: Any, names: Mapping[str, str], said: Answer) -> None:
        if self.description:
            exchange = Exchange(template, names, request.args, dict(request.headers), body, said.status, said.data)
            self.violations += self.description.violations(exchange)


def _pattern(template: str, spanning: frozenset[str]) -> re.Pattern[str]:
    def variable(found: re.Match[str]) -> str:
        return f"(?P<{found[1]}>{'.+' if found[1] in spanning else '[^/]+'})"

    return re.compile(VARIABLE.sub(variable, re.escape(template)))


class Face(Protocol):
    """A forge as it is seen from outside."""

    @property
    def routers(self) -> list[Router]: ...

    def open(self, user: str, password: str, full: str) -> transport.Opening | None:
        """What git finds, see `transport.Open`."""


class Server:
    """Started once for a worker; each test puts its own forge behind it, which has nothing of another's.

    `prefix` is where the forge is below the host, as behind a proxy.
    """

    def __init__(self, folder: Path) -> None:
        certificates(folder)
        self.authority = folder / "authority.pem"
        self._server = make_server(LOOPBACK, 0, self._app, threaded=True, request_handler=_Handler)
        self._server.ssl_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server.ssl_context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.set_up(None)

    def set_up(self, face: Face | None, prefix: str = "") -> None:
        self.face = face
        self.prefix = prefix
        self.faults: list[Fault] = []
        self.errors: list[str] = []

    @property
    def host(self) -> str:
        """As `--hostname` takes it."""
        return f"{HOST}:{self._server.port}{self.prefix}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _app(self, environ: dict[str, Any], start: Any) -> Any:
        environ["forge.prefix"] = self.prefix
        request = Request(environ)
        path = environ["REQUEST_URI"].partition("?")[0].removeprefix(self.prefix)
        fault = next((each for each in self.faults if each.happens(f"{request.method} {path}")), None)
        said = None if fault and not fault.done else self._answer(request, path)
        if fault:
            if fault.status is None:
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            content = "" if fault.data is None else json.dumps(fault.data)
            said = Response(content, fault.status or 500, dict(fault.headers), content_type="application/json")
        assert said
        return said(environ, start)

    def _answer(self, request: Request, path: str) -> Response:
        """An error of the forge itself must not pass for one that it plays: tests look at `errors`."""
        try:
            if self.face is None:
                return Response("nothing here\n", 404)
            if transport.is_git(path):
                return transport.answer(request, path, self.face.open)
            routers = [each for each in self.face.routers if path.startswith(f"{each.prefix}/")]
            if routers:
                return max(routers, key=lambda each: len(each.prefix)).answer(request, path)
            return Response("<html>a page for people</html>\n", 404)
        except Exception as error:  # noqa: BLE001  whatever it is
            self.errors.append(f"{request.method} {path}: {error!r}")
            return Response("error\n", 500)


@pytest.fixture(scope="session")
def forge_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """For as long as there are tests."""
    made = Server(tmp_path_factory.mktemp("forges"))
    yield made
    made.stop()


@contextlib.contextmanager
def serving(server: Server, face: Face, prefix: str = "") -> Iterator[None]:
    """Puts a forge behind the server for one test; what was not as described fails it."""
    server.set_up(face, prefix)
    yield
    errors = server.errors
    server.set_up(None)
    found = [*errors, *(each for router in face.routers for each in router.violations)]
    assert not found, found


class _Handler(WSGIRequestHandler):
    """TLS begins in the thread of each connection: whoever says nothing keeps nobody else waiting."""

    timeout = 30

    def setup(self) -> None:
        assert self.server.ssl_context
        self.trusted = True
        self.request.settimeout(self.timeout)
        try:
            self.request = self.server.ssl_context.wrap_socket(self.request, server_side=True)
        except OSError:  # they do not know our authority, or are gone
            self.trusted = False
        else:
            super().setup()

    def handle(self) -> None:
        if self.trusted:
            super().handle()

    def finish(self) -> None:
        if self.trusted:
            with contextlib.suppress(OSError):
                super().finish()
        self.request.close()

    def log(self, type: str, message: str, *arguments: object) -> None:  # noqa: A002  the signature is the library's
        """Tests read `calls`."""
