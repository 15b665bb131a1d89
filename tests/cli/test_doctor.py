"""`doctor`: on this machine alone, and at a real Gitea."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.cli.support import Make
from tests.support.gitea import Gitea
from tests.support.place import Place

Words = Callable[..., tuple[str, ...]]


@pytest.fixture
def words(gitea: Gitea, monkeypatch: pytest.MonkeyPatch) -> Words:
    monkeypatch.setenv("no_proxy", "localhost")
    monkeypatch.setenv("GITEA_TOKEN", gitea.token)
    server = (f"--hostname={gitea.host}", f"--ca-file={gitea.authority}")
    return lambda *more: ("doctor", "gitea", *server, "--repository=fleet", *more)


def test_without_a_forge_this_machine_s_programs_are_told(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    ran = place.run("doctor")

    assert "✔ git version " in ran.err
    assert "◎ flux is not on the PATH\n" in ran.err
    assert ran.err.endswith("✔ nothing that is needed is missing\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--owner=acme",), "which forge it is, is missing"),
        (("gitea",), "--owner is missing"),
        (("gitea", "--owner=acme"), "--repository is missing"),
    ],
)
def test_what_is_not_said_is_asked_for(place: Place, words: tuple[str, ...], said: str) -> None:
    assert f"✗ {said}\n" in place.run("doctor", *words, code=2).err


def test_all_is_told_before_a_repository_is_made_and_when_it_is_there(gitea: Gitea, place: Place, words: Words) -> None:
    owner = gitea.organisation()
    before = place.run(*words(f"--owner={owner}"))
    gitea.done("POST", f"orgs/{owner}/repos", {"name": "fleet"})

    after = place.run(*words(f"--owner={owner}", "--output=json"))

    assert f"✔ the token's user may make {owner}/fleet; the scope for it is write:organization\n" in before.err
    assert json.loads(after.out)["exitCode"] == 0
    assert f"✔ git may push to {owner}/fleet\n" in place.run(*words(f"--owner={owner}")).err
    assert gitea.token not in before.err + after.out


def test_documents_say_which_repository_it_is(gitea: Gitea, repository: Make, words: Words, flux: str) -> None:
    owner = gitea.organisation()
    server = [word for word in words() if word.startswith("--")]
    mine = repository()
    mine.run("bootstrap", "gitea", f"--owner={owner}", f"--ssh-hostname={gitea.ssh}", f"--manifests={flux}", *server)

    ran = mine.run("doctor", f"--ca-file={gitea.authority}")

    assert f"✔ git may push to {owner}/fleet\n" in ran.err
    mine.git("config", "http.sslCAInfo", str(gitea.authority))
    assert f"✔ git may push to {owner}/fleet\n" in mine.run("doctor").err
    mine.git("config", "http.sslCAInfo", "/nowhere.pem")
    assert "✗ http.sslCAInfo /nowhere.pem cannot be read" in mine.run("change", "list", code=2).err


def test_a_token_that_may_only_read_is_told_so_by_git(
    gitea: Gitea, place: Place, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, user = gitea.organisation(), gitea.user()
    gitea.done("POST", f"orgs/{owner}/repos", {"name": "fleet"})
    gitea.done("PUT", f"repos/{owner}/fleet/collaborators/{user}", {"permission": "admin"})
    monkeypatch.setenv("GITEA_TOKEN", gitea.token_of(user, "read:repository"))

    ran = place.run(*words(f"--owner={owner}"), code=1)

    assert f"✗ git may not push to {owner}/fleet: " in ran.err
    assert "  the token needs a scope or permission to write\n" in ran.err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--hostname=localhost:1",), "✗ localhost:1 cannot be reached: "),
        (("--ca-file=/etc/ssl/certs/ca-certificates.crt",), " cannot be trusted: "),
    ],
)
def test_a_forge_that_cannot_be_reached_or_trusted_is_a_finding(
    place: Place, words: Words, more: tuple[str, ...], said: str
) -> None:
    ran = place.run(*words("--owner=acme", *more), code=1)

    assert said in ran.err
    assert ran.err.endswith("✗ something is missing\n")


def test_a_token_that_is_not_known_is_a_finding_and_not_shown(
    place: Place, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITEA_TOKEN", "open-sesame-17")

    ran = place.run(*words("--owner=acme", "--output=json"), code=1)

    assert "open-sesame-17" not in ran.out + ran.err
    assert json.loads(ran.out)["findings"][-1]["level"] == "error"
