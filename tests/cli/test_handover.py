from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.support import Make
from tests.support.place import Place
from tests.testbed.gitserver import GitServer, Repository

LOCKED = """
    {kind: platform, name: acme, lockdown: true%s}
    ---
    {kind: environment, name: prod}
    ---
    {kind: cluster, name: prod-1, environment: prod}
    """
QUOTED = "o'sesame"


@pytest.fixture
def server(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """An empty repository that wants a password with a quote in it."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("GIT_PASSWORD", QUOTED)
    git = GitServer(place.root / "server")
    git.start()
    yield git.repository("fleet", password=QUOTED)
    git.stop()


def locked(repository: Make, flux: str, more: str = "") -> Place:
    fleet = repository(LOCKED.replace("lockdown: true", "lockdown: false") % more)
    fleet.edit("gitops.yaml", "lockdown: false", "lockdown: true")
    fleet.run("vendor", "--manifests", flux)
    fleet.run("sync")
    fleet.commit()
    return fleet


def words(server: Repository, *more: str) -> tuple[str, ...]:
    return ("bootstrap", "git", f"--url={server.url}", "--allow-insecure-http", "--token-auth", *more)


def test_under_lockdown_a_password_with_a_quote_is_refused_before_anything_is_pushed(
    repository: Make, server: Repository, flux: str
) -> None:
    said = locked(repository, flux).run(*words(server), code=2).err

    assert "✗ the password has a ', which under `lockdown` cannot be handed to the namespaces\n" in said
    assert QUOTED not in said
    assert server.git("branch", "--list") == ""


def test_under_lockdown_a_certificate_is_refused_before_anything_is_pushed(
    repository: Make, server: Repository, flux: str
) -> None:
    fleet = locked(repository, flux)
    fleet.write("ca.pem", "-----BEGIN CERTIFICATE-----\n")

    said = fleet.run(*words(server, "--ca-file=ca.pem"), code=2).err

    assert "✗ --ca-file: under `lockdown` no certificate can be handed" in said
    assert server.git("branch", "--list") == ""


def test_under_lockdown_a_repository_that_is_fetched_by_ssh_is_refused_before_anything_is_pushed(
    repository: Make, server: Repository, flux: str
) -> None:
    fleet = locked(repository, flux)
    head = fleet.git("rev-parse", "HEAD")

    said = fleet.run("bootstrap", "git", f"--url={server.url}", "--allow-insecure-http", code=2).err

    assert "`lockdown` needs a repository that is fetched over https" in said
    assert server.git("branch", "--list") == ""
    assert fleet.git("rev-parse", "HEAD") == head


def test_a_password_with_a_quote_will_do_where_no_namespace_gets_it(
    repository: Make, server: Repository, flux: str
) -> None:
    locked(repository, flux, ", repository: {visibility: public}").run(*words(server))

    assert server.git("branch", "--list") != ""
