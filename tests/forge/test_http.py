from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from scaffolder.errors import ForgeError
from scaffolder.forge import http
from scaffolder.forge.http import Api, RefusedError

TOKEN = "open-sesame-17"


@dataclass
class Server:
    """Gives its answers in turn: a status, headers and JSON each, or nothing and hangs up. The last one stays."""

    base: str
    answers: list[tuple[int, dict[str, str], object] | None] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def says(self, status: int, body: object = None, **headers: str) -> None:
        self.answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, body))

    def hangs_up(self) -> None:
        self.answers.append(None)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    class Handler(BaseHTTPRequestHandler):
        def respond(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            found.asked.append(f"{self.command} {self.path}")
            answer = found.answers.pop(0) if len(found.answers) > 1 else found.answers[0]
            if answer is None:
                self.close_connection = True
                return
            status, headers, body = answer
            content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = respond  # noqa: N815  the names are the library's

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the signature is the library's
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        found = Server(f"http://127.0.0.1:{listening.server_port}")
        yield found
        listening.shutdown()


@pytest.fixture
def api(server: Server) -> Iterator[Api]:
    """One that does not wait, but says how long it would have."""
    with http.opened(f"{server.base}/api/v1", {"Authorization": f"token {TOKEN}"}, token=TOKEN) as api:
        yield Api(api.base, api.client, TOKEN, server.pauses.append)


def test_what_is_there_is_json_and_what_is_not_is_none(server: Server, api: Api) -> None:
    server.says(200, {"login": "ada"})
    server.says(404, {"message": "no such thing"})

    assert api.get("user", page=2) == {"login": "ada"}
    assert api.find("orgs/acme") is None
    assert server.asked == ["GET /api/v1/user?page=2", "GET /api/v1/orgs/acme"]


def test_a_list_goes_on_until_the_server_names_no_next_page(server: Server, api: Api) -> None:
    server.says(200, [1, 2], Link=f'<{server.base}/api/v1/keys?page=2>; rel="next",<x>; rel="last"')
    server.says(200, [], Link='</api/v1/keys?page=3>; rel="next"')
    server.says(200, [3])

    assert list(api.each("keys")) == [1, 2, 3]
    assert server.asked == [f"GET /api/v1/keys?{query}" for query in ("limit=50&page=1", "page=2", "page=3")]


def test_a_list_of_which_only_the_length_is_told_goes_on_to_its_end(server: Server, api: Api) -> None:
    server.says(200, [1, 2], X_Total_Count="3")
    server.says(200, [3], X_Total_Count="3")

    assert list(api.each("keys")) == [1, 2, 3]
    assert server.asked == [f"GET /api/v1/keys?limit=50&page={page}" for page in (1, 2)]


def test_a_renamed_thing_is_found_where_it_is_now(server: Server, api: Api) -> None:
    server.says(301, Location="/api/v1/repos/acme/new")
    server.says(200, {"full_name": "acme/new"})

    assert api.get("repos/acme/old") == {"full_name": "acme/new"}


@pytest.mark.parametrize("header", ["Location", "Link"])
def test_the_token_goes_to_no_other_server(server: Server, api: Api, header: str) -> None:
    if header == "Location":
        server.says(302, Location="https://evil.example/api/v1/user")
    else:
        server.says(200, [], Link='<https://evil.example/x>; rel="next"')

    with pytest.raises(ForgeError, match=r"^127.0.0.1:\d+ sends us to https://evil.example$"):
        list(api.each("user"))

    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again_later_and_later(server: Server, api: Api, status: int) -> None:
    server.says(status)
    server.says(status)
    server.says(200, {})

    api.get("user")

    assert server.pauses == [0.5, 1.0]


def test_a_connection_that_breaks_is_made_again(server: Server, api: Api) -> None:
    server.hangs_up()
    server.says(200, {})

    api.put("repos/a/b/teams/c")

    assert len(server.asked) == 2


@pytest.mark.parametrize("status", [0, 502, 503, 504])
def test_what_may_have_made_something_is_not_done_twice(server: Server, api: Api, status: int) -> None:
    if status:
        server.says(status)
    else:
        server.hangs_up()

    with pytest.raises(ForgeError):
        api.post("user/repos", {"name": "fleet"})

    assert server.asked == ["POST /api/v1/user/repos"]


def test_what_the_server_did_not_take_is_sent_again(server: Server, api: Api) -> None:
    server.says(429, Retry_After="3")
    server.says(201, {"id": 1})

    assert api.post("user/repos", {"name": "fleet"}) == {"id": 1}
    assert server.pauses == [3.0]


@pytest.mark.parametrize("form", ["seconds", "date", "reset", "reset in"])
def test_the_server_says_how_long_to_wait(server: Server, api: Api, form: str) -> None:
    soon = time.time() + 40
    said = {
        "seconds": {"Retry_After": "40"},
        "date": {"Retry_After": formatdate(soon, usegmt=True)},
        "reset": {"X_RateLimit_Reset": f"{soon:.0f}"},
        "reset in": {"RateLimit_Reset": "40"},
    }[form]
    server.says(429, **said)
    server.says(200, {})

    api.get("user")

    assert server.pauses == [pytest.approx(40, abs=3)]


def test_a_server_that_asks_for_too_much_time_is_not_waited_for(server: Server, api: Api) -> None:
    server.says(429, {"message": "slow down"}, Retry_After="3600")

    with pytest.raises(ForgeError, match=r"GET /api/v1/user: too many requests \(429\)$") as error:
        api.get("user")

    assert server.pauses == []
    assert error.value.hint == "it asks to wait 3600 seconds; then run this again"


def test_patience_has_an_end(server: Server, api: Api) -> None:
    server.says(503, {"message": "closed for repairs"})

    with pytest.raises(ForgeError, match=r"closed for repairs \(503\)$"):
        api.get("user")

    assert server.pauses == [0.5, 1.0, 2.0, 4.0]


def test_nobody_there_is_one_line(server: Server, api: Api) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]

    with pytest.raises(ForgeError, match=rf"^127.0.0.1:{port} cannot be reached: .*refused$"):
        Api(f"http://127.0.0.1:{port}", api.client, TOKEN, server.pauses.append).get("user")

    assert server.pauses == [0.5, 1.0]


def test_a_page_that_is_no_json_is_somebody_else_s(server: Server, api: Api) -> None:
    server.says(200, "<html>")

    with pytest.raises(ForgeError, match=r"/user: the answer is no JSON$") as error:
        api.get("user")

    assert error.value.hint == "is --hostname right?"


def test_a_refusal_is_one_line_without_the_token(server: Server, api: Api) -> None:
    server.says(403, {"message": f"{TOKEN}\nis\x1b[31m not enough"})

    with pytest.raises(RefusedError, match=r"/user: \*\*\* is\\x1b\[31m not enough \(403\)$") as error:
        api.get("user")

    assert error.value.status == 403
    assert TOKEN not in repr(api) + repr(error.value)


def test_what_is_deleted_already_is_deleted(server: Server, api: Api) -> None:
    server.says(404)

    api.delete("repos/a/b/keys/1")


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "nonsense://x", "http://127.0.0.1:port"])
def test_a_proxy_that_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("https_proxy", proxy)

    with pytest.raises(ForgeError, match=r"^the environment's proxy cannot be used$"), http.opened("", {}, token=""):
        pass
