"""`bootstrap gitlab --apply`: real controllers fetch from the fake GitLab with a deploy token; the real flux, too."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.judges.tools import require
from tests.support.forges.gitlab import TOKEN, GitLab
from tests.support.place import Place
from tests.support.shared import flux_release
from tests.testbed.bed import Bed

Run = Callable[..., Any]
TITLE = "flux-system-main-flux-system-./clusters/prod"


@pytest.fixture
def server(bed: Bed, gitlab: GitLab, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, ...]]:
    """Flags for a repository that is missing yet, and a cluster of which nothing is left afterwards."""
    monkeypatch.setenv("KUBECONFIG", str(bed.plane.kubeconfig))
    monkeypatch.setenv("PATH", str(require("kubectl").parent), prepend=":")
    monkeypatch.setenv("no_proxy", "localhost,127.0.0.1")
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    gitlab.group("acme")
    words = (f"--hostname={gitlab.server.host}", f"--ca-file={gitlab.server.authority}", "--owner=acme")
    yield (*words, "--repository=fleet", "--path=clusters/prod", "--timeout=120s", "--deploy-token-auth")
    bed.renew()


@pytest.fixture
def run(place: Place, server: tuple[str, ...]) -> Run:
    """The command; what it reports."""
    words = ("bootstrap", "gitlab", f"--manifests={flux_release('v2.9.4')}", "--apply", "--output=json", *server)
    return lambda *more: json.loads(place.run(*words, *more).out)


def secret(bed: Bed) -> dict[str, str]:
    data = (bed.get("Secret/flux-system") or {})["data"]
    return {name: base64.b64decode(value).decode() for name, value in data.items()}


def test_a_cluster_keeps_its_deploy_token_while_that_works_and_gets_another_then(
    bed: Bed, gitlab: GitLab, place: Place, server: tuple[str, ...], run: Run
) -> None:
    first = run()
    bed.ready()
    lent, second = secret(bed), run()

    assert [(made["action"], made["kind"]) for made in first["forge"]] == [
        ("created", "repository"),
        ("created", "deploy token"),
    ]
    assert {made["action"] for made in (*second["forge"], *second["cluster"])} == {"unchanged"}
    tokens = gitlab.at("acme/fleet").tokens
    (token,) = tokens.values()
    assert (token["name"], token["scopes"]) == (TITLE, ["read_repository"])
    authority = gitlab.server.authority.read_text()
    assert lent == secret(bed)
    assert lent == {"username": token["username"], "password": token["token"], "ca.crt": authority}

    tokens.clear()
    foreseen, third = run("--dry-run"), run()

    assert [made["action"] for made in foreseen["cluster"]] == ["unchanged", "updated", "unchanged"]
    assert [made["action"] for made in third["forge"]] == ["unchanged", "created"]
    assert secret(bed)["username"] != lent["username"]
    assert "all components are healthy" in flux(bed, place, server)
    assert [each["name"] for each in tokens.values()] == [TITLE]


def flux(bed: Bed, place: Place, server: tuple[str, ...]) -> str:
    environment = {"HOME": str(place.root), "GITLAB_TOKEN": TOKEN, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [str(require("flux")), "bootstrap", "gitlab", *server],
        env={**environment, "KUBECONFIG": str(bed.plane.kubeconfig)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr
