"""A real Gitea, started once for a run of the tests: HTTPS with an authority of its own, and SSH, on loopback."""

from __future__ import annotations

import base64
import getpass
import itertools
import json
import re
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.judges.tools import require
from tests.support.certificates import HOST, certificates
from tests.testbed.processes import LOOPBACK, Processes, eventually, free_port, running

ADMIN = "keeper"  # `admin` is a name that Gitea keeps for itself
PASSWORD = "open-sesame-17"

SETTINGS = """\
RUN_MODE = prod
RUN_USER = {user}
WORK_PATH = {work}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
[server]
PROTOCOL = https
CERT_FILE = {work}/cert.pem
KEY_FILE = {work}/key.pem
HTTP_ADDR = {address}
HTTP_PORT = {port}
ROOT_URL = https://{host}:{port}/
STATIC_ROOT_PATH = {static}
OFFLINE_MODE = true
LFS_START_SERVER = false
START_SSH_SERVER = true
BUILTIN_SSH_SERVER_USER = git
SSH_DOMAIN = {host}
SSH_LISTEN_HOST = {address}
SSH_LISTEN_PORT = {ssh_port}
SSH_PORT = {ssh_port}
[database]
DB_TYPE = sqlite3
PATH = {work}/gitea.db
SQLITE_JOURNAL_MODE = WAL
[repository]
ROOT = {work}/repositories
[security]
INSTALL_LOCK = true
SECRET_KEY = for-tests
INTERNAL_TOKEN = for-tests
PASSWORD_HASH_ALGO = pbkdf2$1$50
[oauth2]
JWT_SECRET = Zm9yLXRlc3RzLW9ubHktand0LXNlY3JldC0zMi1ieXQ
[service]
DISABLE_REGISTRATION = true
[indexer]
ISSUE_INDEXER_TYPE = db
[queue]
TYPE = channel
[session]
PROVIDER = memory
[actions]
ENABLED = false
[cron]
ENABLED = false
[log]
MODE = console
LEVEL = Warn
ROOT_PATH = {work}/log
logger.access.MODE = access
ACCESS_LOG_TEMPLATE = "{{{{.Ctx.Req.Method}}}} {{{{.Ctx.Req.URL.RequestURI}}}}"
[log.access]
MODE = file
FILE_NAME = access.log
LEVEL = Info
FLAGS = none
"""


@dataclass(frozen=True)
class Said:
    status: int
    data: Any


@dataclass(frozen=True)
class Gitea:
    """`token` may do everything. Users have the same password."""

    work: Path
    port: int
    ssh_port: int
    token: str = ""
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def host(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def ssh(self) -> str:
        return f"{HOST}:{self.ssh_port}"

    @property
    def authority(self) -> Path:
        return self.work / "authority.pem"

    def ask(self, method: str, path: str, body: Any = None, *, as_user: str = "") -> Said:
        """What the API says, whatever it is; as somebody else with their password, else with the token."""
        basic = base64.b64encode(f"{as_user}:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(
            f"https://{self.host}/api/v1/{path}",
            None if body is None else json.dumps(body).encode(),
            {
                "Authorization": f"Basic {basic}" if as_user else f"token {self.token}",
                "Content-Type": "application/json",
            },
            method=method,
        )
        trust = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=self.authority))
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({}), trust).open(request) as answer:
                content, status = answer.read(), answer.status
        except urllib.error.HTTPError as error:
            with error:
                content, status = error.read(), error.code
        return Said(status, json.loads(content) if content else None)

    def done(self, method: str, path: str, body: Any = None) -> Any:
        """The same, for what has to go well."""
        said = self.ask(method, path, body)
        assert said.status < 300, f"{method} {path}: {said}"
        return said.data

    def organisation(self, name: str = "") -> str:
        """A new one, of the administrator; of an old one, the repositories go."""
        name = name or f"org-{next(self.numbers)}"
        if self.ask("POST", "orgs", {"username": name}).status != 201:
            while found := self.done("GET", f"orgs/{name}/repos?limit=50"):
                for each in found:
                    self.done("DELETE", f"repos/{each['full_name']}")
        return name

    def user(self) -> str:
        name = f"user-{next(self.numbers)}"
        mail = f"{name}@example.invalid"
        body = {"username": name, "email": mail, "password": PASSWORD, "must_change_password": False}
        self.done("POST", "admin/users", body)
        return name

    def token_of(self, user: str, *scopes: str) -> str:
        """A token of somebody's; with all scopes unless some are said."""
        body = {"name": f"t{next(self.numbers)}", "scopes": scopes or ["all"]}
        return str(self.ask("POST", f"users/{user}/tokens", body, as_user=user).data["sha1"])

    def team(self, organisation: str, name: str, permission: str = "write", *members: str) -> None:
        """A team that has no repository yet."""
        units = {"repo.code": permission}
        body = {"name": name, "permission": permission, "units_map": units, "can_create_org_repo": False}
        made = self.done("POST", f"orgs/{organisation}/teams", body)
        for member in members:
            self.done("PUT", f"teams/{made['id']}/members/{member}")

    def repository(self, owner: str, name: str) -> Path:
        """The folder of a repository on the server."""
        return self.work / "repositories" / owner.lower() / f"{name.lower()}.git"

    def requests(self) -> list[str]:
        """The method and path of each request so far, but for those of these tests."""
        mark = f"GET /api/v1/version?mark={next(self.numbers)}"
        self.done(*mark.replace("/api/v1/", "").split())
        log = self.work / "log/access.log"
        lines = eventually(
            lambda: found if mark in (found := log.read_text().splitlines()) else None, 20, log.read_text
        )
        return [line for line in lines[: lines.index(mark)] if "?mark=" not in line]


@pytest.fixture(scope="session")
def gitea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gitea]:
    """The server, for as long as there are tests; it is ended with them, even if they are killed."""
    require("gitea")
    with running(tmp_path_factory.mktemp("gitea-logs")) as processes:
        yield started(processes)


def started(processes: Processes) -> Gitea:
    server = Gitea(processes.folder, free_port(), free_port())
    certificates(server.work)
    program = require("gitea")
    settings = server.work / "app.ini"
    values = {"user": getpass.getuser(), "work": server.work, "address": LOOPBACK, "host": HOST}
    ports = {"port": server.port, "ssh_port": server.ssh_port}
    settings.write_text(SETTINGS.format(**values, **ports, static=program.parent), encoding="utf-8")

    def run(*words: str) -> str:
        command = [str(program), f"--config={settings}", *words]
        # nothing of the user's: told to use /dev/null for its settings, git would put a file in its place
        environment = dict(processes.environment())
        done = subprocess.run(command, cwd=server.work, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"gitea {words[0]}: {done.stdout}{done.stderr}"
        return done.stdout

    run("migrate")
    who = ("--admin", f"--username={ADMIN}", f"--password={PASSWORD}", f"--email={ADMIN}@example.invalid")
    token = ("--access-token", "--access-token-name=tests", "--access-token-scopes=all")
    said = run("admin", "user", "create", *who, "--must-change-password=false", *token)
    found = re.search(r"\b[0-9a-f]{40}\b", said)
    assert found, said
    web = processes.start("gitea", "--config", settings, "web")
    web.wait_for(f"https://{LOOPBACK}:{server.port}/api/healthz")
    return Gitea(server.work, server.port, server.ssh_port, found[0])
