"""Flux releases on a loopback server: tarballs as they are published, and as they should never be."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PINNED, OTHER = "v2.9.4", "v2.9.3"  # a release with a pin, and one without
FILES = {"policies.yaml": "kind: A\n", "rbac.yaml": "kind: \u00e9\n"}

Answer = tuple[int, dict[str, str], bytes]


def member(name: str, content: bytes = b"", **properties: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in properties.items():
        setattr(info, key, value)
    return info, content


def tarball(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), mtime=0)


def of_files(files: Mapping[str, str]) -> bytes:
    return tarball(*(member(name, text.encode()) for name, text in files.items()))


@dataclass
class Releases:
    """What a server has (path to answer), and what it was asked for."""

    base: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def publish(self, version: str, content: bytes, checksum: str | None = None) -> None:
        """A release; with a checksum that is wrong, unless its own is wanted (None) or there is to be no list ("")."""
        self.answers[f"/{version}/manifests.tar.gz"] = (200, {"Content-Length": str(len(content))}, content)
        if checksum != "":
            lines = f"{'0' * 64}  install.yaml\n{checksum or hashlib.sha256(content).hexdigest()}  manifests.tar.gz\n"
            self.answers[f"/{version}/flux_{version[1:]}_checksums.txt"] = (200, {}, lines.encode())


@contextlib.contextmanager
def serve() -> Iterator[tuple[Releases, ThreadingHTTPServer]]:
    releases = Releases()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            releases.asked.append(self.path)
            status, headers, content = releases.answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # who has read enough goes away
                self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the signature is the library's
            pass

    class Server(ThreadingHTTPServer):
        request_queue_size = 64

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        releases.base = f"http://127.0.0.1:{server.server_port}"
        yield releases, server
        server.shutdown()


def program(code: str, *arguments: str, stdout: int | None = None, stderr: int | None = None) -> subprocess.Popen[str]:
    """A Python process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, env=environment, text=True, stdout=stdout, stderr=stderr)
