"""Git repositories over HTTP, for reading and writing: git's own http-backend behind Python's server."""

from __future__ import annotations

import base64
import functools
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.testbed.processes import LOOPBACK
from tests.testbed.web import Handler, Web

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

AUTHOR = "Ada <ada@example.com>"


@dataclass(frozen=True)
class Repository:
    """A bare one, with the branch main."""

    folder: Path
    url: str

    def commit(self, files: Mapping[str, str | None], message: str = "change") -> str:
        """Write files, or delete those that are None, on top of main. The commit's hash."""
        stream = "".join(self._stream(files, message))
        self.git("fast-import", "--quiet", "--date-format=now", stdin=stream)
        return self.git("rev-parse", "main").strip()

    def _stream(self, files: Mapping[str, str | None], message: str) -> Iterator[str]:
        yield f"commit refs/heads/main\ncommitter {AUTHOR} now\n{_data(message)}"
        if self.git("branch", "--list", "main"):
            yield "from refs/heads/main^0\n"
        for path, text in files.items():
            yield f"D {path}\n" if text is None else f"M 100644 inline {path}\n{_data(text)}"

    def git(self, *arguments: str, stdin: str = "") -> str:
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.folder,
            env=environment(self.folder),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr}")
        return done.stdout


class GitServer:
    """`folder` holds the repositories: fleet.git and so on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.passwords: dict[str, str] = {}  # of those repositories that ask for one: any user may say it
        self._web = Web(functools.partial(_Handler, self))
        self.url = self._web.address
        self.stop = self._web.stop

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        self._web.start()

    def repository(self, name: str, password: str = "") -> Repository:
        """A new one, empty."""
        repository = Repository(self.folder / f"{name}.git", f"{self.url}/{name}.git")
        repository.folder.mkdir()
        repository.git("init", "--quiet", "--bare", "--initial-branch=main")
        repository.git("config", "http.receivepack", "true")
        if password:
            self.passwords[name] = password
        return repository

    def admits(self, path: str, credentials: str) -> bool:
        """Whether a request with this Authorization may have what is below the path."""
        password = self.passwords.get(path.split("/")[1].removesuffix(".git"))
        if credentials.startswith("Bearer "):
            return credentials == f"Bearer {password}"
        said = base64.b64decode(credentials.removeprefix("Basic ")).decode()
        return password is None or said.partition(":")[2] == password


class _Handler(Handler):
    def __init__(self, git: GitServer, *connection: Any) -> None:
        self.git = git
        super().__init__(*connection)

    def respond(self) -> None:
        body = self._body()
        if not self.git.admits(self.path, self.headers.get("Authorization", "")):
            self.answer("401 Unauthorized", {"WWW-Authenticate": 'Basic realm="git"'}, b"")
            return
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=self._environment(len(body)), capture_output=True, check=False
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
        self.answer(headers.pop("Status", "200 OK"), headers, content)

    def _environment(self, length: int) -> dict[str, str]:
        path, _, query = self.path.partition("?")
        return {
            **environment(self.git.folder),
            "GIT_PROJECT_ROOT": str(self.git.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "REMOTE_ADDR": LOOPBACK,
            "REMOTE_USER": "git",
        }

    def _body(self) -> bytes:
        """Git sends what is long in chunks."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body


def environment(home: Path) -> dict[str, str]:
    """For git, without the settings of this machine."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"
