"""`bootstrap gitea --apply`: real controllers fetch from a real Gitea, and the real flux finds nothing to do."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.judges.tools import require
from tests.support.gitea import Gitea
from tests.support.place import Place
from tests.support.shared import flux_release
from tests.testbed.bed import Bed

Run = Callable[..., Any]


@pytest.fixture
def server(bed: Bed, gitea: Gitea, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, ...]]:
    """Flags for a repository that is missing yet, and a cluster of which nothing is left afterwards."""
    monkeypatch.setenv("KUBECONFIG", str(bed.plane.kubeconfig))
    monkeypatch.setenv("PATH", str(require("kubectl").parent), prepend=":")
    monkeypatch.setenv("no_proxy", "localhost,127.0.0.1")
    monkeypatch.setenv("GITEA_TOKEN", gitea.token)
    words = (f"--hostname={gitea.host}", f"--ssh-hostname={gitea.ssh}", f"--ca-file={gitea.authority}")
    yield (*words, f"--owner={gitea.organisation()}", "--repository=fleet", "--path=clusters/prod", "--timeout=120s")
    bed.renew()


@pytest.fixture
def run(place: Place, server: tuple[str, ...]) -> Run:
    """The command; what it reports."""
    words = ("bootstrap", "gitea", f"--manifests={flux_release('v2.9.4')}", "--apply", "--output=json", *server)
    return lambda *more: json.loads(place.run(*words, *more).out)


def key(gitea: Gitea, server: tuple[str, ...]) -> dict[str, Any]:
    owner = server[3].partition("=")[2]
    (found,) = gitea.done("GET", f"repos/{owner}/fleet/keys")
    return dict(found)


def test_a_cluster_s_key_is_the_deploy_key_and_flux_finds_all_as_it_would_have_made_it(
    bed: Bed, gitea: Gitea, place: Place, server: tuple[str, ...], run: Run
) -> None:
    first, second = run(), run()

    assert [made["action"] for made in first["forge"]] == ["created", "created"]
    assert {made["action"] for made in (*second["forge"], *second["cluster"])} == {"unchanged"}
    bed.ready()
    made = key(gitea, server)
    assert (made["title"], made["read_only"]) == ("flux-system-main-flux-system-./clusters/prod", True)
    assert "all components are healthy" in flux(bed, gitea, place, server)
    assert key(gitea, server) == made


def test_a_deploy_key_that_somebody_deleted_comes_back(gitea: Gitea, server: tuple[str, ...], run: Run) -> None:
    run()
    made = key(gitea, server)
    gitea.done("DELETE", f"repos/{made['repository']['full_name']}/keys/{made['id']}")

    again = run()

    assert [each["action"] for each in again["forge"]] == ["unchanged", "created"]
    assert key(gitea, server)["key"] == made["key"]


def test_with_token_auth_the_cluster_gets_the_token_and_the_authority(bed: Bed, gitea: Gitea, run: Run) -> None:
    run("--token-auth")
    again = run("--token-auth")

    data = (bed.get("Secret/flux-system") or {})["data"]
    said = {name: base64.b64decode(value).decode() for name, value in data.items()}
    assert said == {"username": "git", "password": gitea.token, "ca.crt": gitea.authority.read_text()}
    assert {made["action"] for made in (*again["forge"], *again["cluster"])} == {"unchanged"}
    bed.ready()


def flux(bed: Bed, gitea: Gitea, place: Place, server: tuple[str, ...]) -> str:
    environment = {"HOME": str(place.root), "GITEA_TOKEN": gitea.token, "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [str(require("flux")), "bootstrap", "gitea", *server],
        env={**environment, "KUBECONFIG": str(bed.plane.kubeconfig)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr
