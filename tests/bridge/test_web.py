from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pytest

from scaffolder.bridge.manifests import Manifests, download
from scaffolder.bridge.web import UnreachableError
from tests.support.releases import FILES, OTHER, PINNED, Answer, Releases, of_files, program, serve


def test_a_redirection_is_followed_as_github_needs_it(releases: Releases) -> None:
    content = of_files(FILES)
    releases.publish(OTHER, content)
    releases.answers["/elsewhere"] = releases.answers[f"/{OTHER}/manifests.tar.gz"]
    releases.answers[f"/{OTHER}/manifests.tar.gz"] = (302, {"Location": "/elsewhere"}, b"")
    assert download(OTHER, base=releases.base) == Manifests(FILES)


def test_the_environment_s_proxy_is_asked(releases: Releases, monkeypatch: pytest.MonkeyPatch) -> None:
    releases.publish(OTHER, of_files(FILES))
    releases.answers = {f"http://releases.invalid{path}": answer for path, answer in releases.answers.items()}
    monkeypatch.setenv("http_proxy", releases.base)
    assert download(OTHER, base="http://releases.invalid") == Manifests(FILES)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    files = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    try:
        subprocess.run([*command, "-keyout", files[0], "-out", files[1]], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not on the PATH")
    return files


def test_the_environment_s_certificates_are_trusted_and_no_others(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    key, cert = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with serve() as (releases, server):
        server.socket = context.wrap_socket(server.socket, server_side=True)
        releases.publish(OTHER, of_files(FILES))
        base = f"https://localhost:{server.server_port}"
        with pytest.raises(UnreachableError, match=r"^localhost: its certificate is not trusted, self-signed"):
            download(OTHER, base=base)
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        assert download(OTHER, base=base) == Manifests(FILES)


def unreachable(base: str, timeout: float = 1.0) -> tuple[str, float]:
    """The reason, and how long it took to be given."""
    start = time.monotonic()
    with pytest.raises(UnreachableError) as refused:
        download(OTHER, base=base, timeout=timeout)
    assert "\n" not in refused.value.message
    return refused.value.message, time.monotonic() - start


def test_a_port_that_is_closed_is_unreachable_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    reason, seconds = unreachable(f"http://127.0.0.1:{port}")
    assert reason == "127.0.0.1: Connection refused"
    assert seconds < 1


def test_a_server_that_never_answers_is_unreachable_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        reason, seconds = unreachable(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=0.3)
    assert reason == "127.0.0.1: no answer in time"
    assert seconds < 1


def test_a_network_that_swallows_packets_is_unreachable_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        full = [socket.socket() for _ in range(4)]  # more connections than the server has room for
        for one in full:
            one.setblocking(False)
            one.connect_ex(server.getsockname())
        reason, seconds = unreachable(f"http://127.0.0.1:{server.getsockname()[1]}", timeout=0.3)
        for one in full:
            one.close()
    assert reason == "127.0.0.1: no answer in time"
    assert seconds < 1


HANGING = """
import socket, time
from scaffolder.bridge.manifests import download
socket.getaddrinfo = lambda *_, **__: time.sleep(60)
download("v2.9.4", base="http://releases.invalid", timeout=0.3)
"""


def test_a_name_server_that_hangs_neither_holds_up_the_answer_nor_the_end_of_the_program() -> None:
    start = time.monotonic()
    with program(HANGING, stderr=subprocess.PIPE) as process:
        said = process.communicate()[1]
    assert said.endswith("UnreachableError: releases.invalid: no answer in time\n")
    assert time.monotonic() - start < 10


def test_an_answer_that_begins_and_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scaffolder.bridge.web._BODY", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        base = f"http://127.0.0.1:{server.getsockname()[1]}"
        begun = threading.Thread(target=_begin_to_answer, args=(server, end := threading.Event()))
        begun.start()
        start = time.monotonic()
        with pytest.raises(UnreachableError, match=r"^127\.0\.0\.1: no answer in time$"):
            download(PINNED, base=base, timeout=10)
        assert time.monotonic() - start < 1
        end.set()
        begun.join()


def _begin_to_answer(server: socket.socket, end: threading.Event) -> None:
    connection, _ = server.accept()
    with connection:
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nx")
        end.wait(60)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ((503, {}, b""), "127.0.0.1: answers 503"),
        ((403, {}, b""), "127.0.0.1: answers 403"),
        ((200, {"Content-Length": "99"}, b"x"), "127.0.0.1: the connection broke off"),
        ((200, {}, bytes(2**23)), "127.0.0.1: sends more than 4 MiB"),
    ],
)
def test_an_answer_that_does_not_help_is_unreachable_with_its_reason(
    releases: Releases, answer: Answer, reason: str
) -> None:
    releases.publish(OTHER, of_files(FILES))
    releases.answers[f"/{OTHER}/manifests.tar.gz"] = answer
    with pytest.raises(UnreachableError, match=f"^{reason}$"):
        download(OTHER, base=releases.base)


def test_a_proxy_s_password_is_in_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    for proxy in ("http://me:s3cret@127.0.0.1:1", "http://me:s3cret@127.0.0.1:port", "me:s3cret", "http:/me:s3cret"):
        monkeypatch.setenv("http_proxy", proxy)
        reason, _ = unreachable("http://releases.invalid")
        assert "s3cret" not in reason
