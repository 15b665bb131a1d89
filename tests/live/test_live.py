"""A throw-away repository on a real account: made, changed by change requests, protected, and deleted again.

Only for those who ask for it: `SCAFFOLDER_LIVE_GITHUB_OWNER` and `GITHUB_TOKEN` in the environment, or GITLAB and GITEA
in their place; `SCAFFOLDER_LIVE_GITHUB_FLAGS` has more flags of `bootstrap`, e.g. `--personal`.
"""

from __future__ import annotations

import json
import os
import secrets
import shlex
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from scaffolder.forge.hosted import HOSTS, Host
from tests.cli.support import Make, flux_release
from tests.support.place import Place

USERS = dict(os.environ)  # before tests have one of their own
DELETED = {
    "github": lambda host, full: (
        f"https://api.github.com/repos/{full}" if host == "github.com" else f"https://{host}/api/v3/repos/{full}"
    ),
    "gitlab": lambda host, full: f"https://{host}/api/v4/projects/{quote(full, safe='')}",
    "gitea": lambda host, full: f"https://{host}/api/v1/repos/{full}",
}


@dataclass(frozen=True)
class Account:
    host: Host
    owner: str
    flags: tuple[str, ...]
    repository: str
    token: str

    def flag(self, name: str) -> str | None:
        return next((flag.partition("=")[2] for flag in self.flags if flag.startswith(f"--{name}=")), None)

    def delete(self) -> None:
        url = DELETED[self.host.kind](self.flag("hostname") or self.host.domain, f"{self.owner}/{self.repository}")
        trust = ssl.create_default_context(cafile=self.flag("ca-file"))
        answer = httpx.delete(url, headers={"Authorization": f"Bearer {self.token}"}, verify=trust)
        assert answer.is_success, f"{url} is still there, delete it by hand: {answer.status_code} {answer.text}"


@pytest.fixture(params=list(HOSTS.values()), ids=list(HOSTS))
def account(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """Somebody's, and a name that no repository of theirs has."""
    host: Host = request.param
    mine = f"SCAFFOLDER_LIVE_{host.kind.upper()}"
    owner, token = USERS.get(f"{mine}_OWNER"), USERS.get(host.variable)
    if not owner or not token:
        pytest.skip(f"{mine}_OWNER and {host.variable} are not both set: no real account to try")
    for name in ("https_proxy", "http_proxy", "no_proxy"):
        monkeypatch.setenv(name, USERS.get(name, ""))
    flags = tuple(shlex.split(USERS.get(f"{mine}_FLAGS", "")))
    made = Account(host, owner, flags, f"scaffolder-live-{secrets.token_hex(4)}", token)
    monkeypatch.setenv(host.variable, token)
    monkeypatch.setenv("GIT_SSL_CAINFO", made.flag("ca-file") or "")
    if not made.flag("ca-file"):
        monkeypatch.delenv("GIT_SSL_CAINFO")
    yield made
    made.delete()


@pytest.fixture
def fleet(repository: Make) -> Place:
    return repository()


@pytest.fixture
def run(fleet: Place, account: Account, tmp_path: Path) -> Callable[..., Any]:
    """A command in a repository made by `new`; what it reports."""
    where = (f"--owner={account.owner}", f"--repository={account.repository}", *account.flags)
    flux = f"--manifests={flux_release(tmp_path / 'flux')}"

    def run(*words: str) -> Any:
        more = (account.host.kind, *where, flux) if words[0] == "bootstrap" else ()
        return json.loads(fleet.run(words[0], *more, *words[1:], "--output=json").out)

    return run


def actions(told: Any) -> list[str]:
    return [each["action"] for each in told["forge"]]


def test_a_repository_lives_from_its_first_push_to_its_protection(run: Callable[..., Any]) -> None:
    assert actions(run("bootstrap")) == ["created"]
    assert actions(run("bootstrap")) == ["unchanged"]

    web = ("add-app", "web", "--chart=oci://ghcr.io/stefanprodan/charts/podinfo", "--change-request", "--label=live")
    assert actions(run(*web)) == ["created"]
    assert actions(run(*web)) == ["unchanged"]
    team = ("add-tenant", "team", "--change-request")
    run(*team)
    second, first = run("change", "list")["requests"]
    assert (first["title"], first["labels"]) == ("Add app web", ["live"])
    assert actions(run("change", "merge", str(first["number"]))) == ["updated"]
    assert actions(run("change", "merge", str(first["number"]))) == ["unchanged"]
    assert actions(run("change", "close", str(second["number"]))) == ["updated"]
    assert run("change", "list")["requests"] == []

    assert actions(run("bootstrap", "--protect"))[:2] == ["unchanged", "created"]
    assert set(actions(run("bootstrap"))) == {"unchanged"}
    assert actions(run("bootstrap", "--interval=5m"))[-1] == "created"
