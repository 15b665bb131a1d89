"""The ground on which the forges of these tests stand."""

from __future__ import annotations

import http.client
import json
import random
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from scaffolder import git
from scaffolder.errors import GitError
from scaffolder.git.credentials import Access
from scaffolder.tree import File
from tests.support.forges.described import Description
from tests.support.forges.store import Store
from tests.support.forges.transport import Opening
from tests.support.forges.wire import Answer, Asked, Fault, Router, Server

NAME = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
WITH_NAME = {"content": {"application/json": {"schema": NAME}}}
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "things", "version": "1"},
    "paths": {
        "/things": {
            "post": {
                "requestBody": {"required": True, **WITH_NAME},
                "responses": {"201": {"description": "", **WITH_NAME}},
            }
        }
    },
}


def echo(asked: Asked) -> Answer:
    return Answer(201, {"name": asked.body.get("name")})


@dataclass
class Forge:
    """`secret` is the password of ada, who may do everything, and `look` that of bob, who may read."""

    store: Store
    routers: list[Router] = field(
        default_factory=lambda: [
            Router("/api", {"POST /things": echo}, Description(DOCUMENT, {("POST /things", "color"): "it is harmless"}))
        ]
    )

    def open(self, _user: str, password: str, full: str) -> Opening | None:
        users = {"secret": "ada", "look": "bob"}
        if password not in users:
            return None
        return Opening(users[password], self.store.find(full), password == "secret", ("main",), "main is protected")


@pytest.fixture
def forge(forge_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    monkeypatch.setenv("no_proxy", "localhost")
    made = Forge(Store(tmp_path / "forge"))
    forge_server.set_up(made, "/below")
    yield made
    assert forge_server.errors == []


def posted(forge_server: Server, body: dict[str, Any]) -> tuple[int, Any]:
    host, _, _ = forge_server.host.partition("/")
    connection = http.client.HTTPSConnection(host, context=ssl.create_default_context(cafile=forge_server.authority))
    try:
        connection.request("POST", "/below/api/things", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_git_pushes_and_clones_and_is_told_what_it_may_not(forge_server: Server, forge: Forge, tmp_path: Path) -> None:
    bare = forge.store.create("Acme/fleet")
    here, there = (git.Repo(tmp_path / name / ".git", tmp_path / name) for name in ("here", "there"))
    url = f"https://{forge_server.host}/acme/Fleet.git"
    access = Access(password="secret", ca_file=forge_server.authority)
    git.init(here, "work")
    large = {"a": File(random.Random(7).randbytes(2**21))}  # more than git sends in one piece
    made = git.commit(here, "work", [git.Commit("One", git.Person("Ada", "ada@example.com"), large)])

    git.push(here, url, "work", access)
    here.git_dir.joinpath("refs/heads/main").write_text(made[0])
    git.clone(there, url, "work", Access(password="look", ca_file=forge_server.authority))

    assert git.tip(there, "work") == bare.tip("work") == made[0]
    for password, ref, said in (
        ("look", "work", "403"),
        ("secret", "main", "main is protected"),
        ("guess", "work", "Authentication failed"),
    ):
        with pytest.raises(GitError) as error:
            git.push(here, url, ref, Access(password=password, ca_file=forge_server.authority))
        assert said in f"{error.value} {error.value.hint}"


def test_what_is_not_as_described_is_seen(forge_server: Server, forge: Forge) -> None:
    for body in ({"name": "a"}, {"nmae": "a"}, {"name": "a", "color": "red"}):
        posted(forge_server, body)

    seen = {each.partition(": ")[0] for each in forge.routers[0].violations}
    assert seen == {f"POST /things {where}" for where in ("name", "nmae", "< name")}


def test_faults_come_when_they_should(forge_server: Server, forge: Forge) -> None:
    forge_server.faults = [Fault("POST /api/things", 502, skip=1, data={}), Fault("^POST", done=True, skip=1)]

    assert [posted(forge_server, {"name": "a"})[0] for _ in range(2)] == [201, 502]
    with pytest.raises((OSError, http.client.HTTPException)):
        posted(forge_server, {"name": "b"})
    assert [call.body["name"] for call in forge.routers[0].calls] == ["a", "b"]
    assert posted(forge_server, {"name": "c"})[0] == 201
