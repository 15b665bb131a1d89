"""`bootstrap --transport`: pushed with one's own SSH key, or made through the API, on a real Gitea."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scaffolder.forge.base import Hosted
from scaffolder.forge.gitea.contents import GiteaContents
from tests.cli.support import Make, log
from tests.support.gitea import Gitea
from tests.support.place import Place

SUBJECTS = ["Add Flux v2.9.4 component manifests", "Add Flux sync manifests", "Add platform fleet"]
NAMES = [f"{name}|{subject}" for name, subject in zip(("Flux", "Flux", "Ada"), SUBJECTS, strict=True)]
commit = GiteaContents.commit
Words = Callable[..., tuple[str, ...]]


@pytest.fixture
def owner(gitea: Gitea, monkeypatch: pytest.MonkeyPatch) -> str:
    """An organisation, and in the environment the token of one who owns it."""
    monkeypatch.setenv("no_proxy", "localhost")
    monkeypatch.setenv("GITEA_TOKEN", gitea.token)
    return gitea.organisation()


@pytest.fixture
def words(gitea: Gitea, owner: str, flux: str) -> Words:
    """`bootstrap gitea` for the repository `fleet`."""
    server = (f"--hostname={gitea.host}", f"--ssh-hostname={gitea.ssh}", f"--ca-file={gitea.authority}")
    fleet = ("--repository=fleet", "--path=clusters/prod", f"--manifests={flux}")
    return lambda *more: ("bootstrap", "gitea", f"--owner={owner}", *server, *fleet, *more)


def at(gitea: Gitea, owner: str) -> Place:
    return Place(gitea.repository(owner, "fleet"))


def tree(place: Place) -> str:
    return place.git("rev-parse", "main^{tree}")


def test_the_api_makes_the_commits_that_are_pushed_else_and_then_has_nothing_to_do(
    gitea: Gitea, place: Place, owner: str, words: Words
) -> None:
    place.run(*words())
    pushed = tree(at(gitea, owner))
    gitea.organisation(owner)  # without the repository again
    before = gitea.requests()

    first = place.run(*words("--transport=api"))
    refs = at(gitea, owner).git("for-each-ref")
    second = place.run(*words("--transport=api"))

    assert tree(at(gitea, owner)) == pushed
    assert log(at(gitea, owner), "%an|%s") == NAMES
    assert f'("{at(gitea, owner).git("rev-parse", "main").strip()}")' in first.err
    assert "is in step" in second.err
    assert at(gitea, owner).git("for-each-ref") == refs
    assert not [line for line in gitea.requests()[len(before) :] if "info/refs" in line]  # nobody spoke git


def test_an_edit_through_the_api_replaces_files_and_keeps_what_is_people_s(
    gitea: Gitea, place: Place, owner: str, words: Words
) -> None:
    place.run(*words("--transport=api"))
    mine(gitea, owner)

    place.run(*words("--transport=api", "--interval=7m"))

    fleet = at(gitea, owner)
    assert log(fleet, "%s")[3:] == ["Mine", "Add Flux sync manifests", "Update platform fleet"]
    assert "interval: 7m0s" in fleet.git("show", "main:clusters/prod/flux-system/gotk-sync.yaml")
    assert fleet.git("show", "main:mine.txt") == "mine\n"
    assert "is in step" in place.run(*words("--interval=7m")).err  # also by git there is nothing left to do


@pytest.mark.parametrize("number", [1, 2, 3])
def test_stopped_after_any_commit_the_next_run_makes_the_rest(
    gitea: Gitea, place: Place, owner: str, words: Words, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    left = iter(range(number - 1, -1, -1))

    def stop(self: GiteaContents, *said: Any) -> str:
        made = commit(self, *said)
        if next(left) == 0:
            raise KeyboardInterrupt
        return made

    with monkeypatch.context() as patch:
        patch.setattr(GiteaContents, "commit", stop)
        place.run(*words("--transport=api"), code=130)
    place.run(*words("--transport=api"))

    assert log(at(gitea, owner), "%an|%s") == NAMES
    assert "is in step" in place.run(*words()).err


def test_whoever_commits_meanwhile_is_built_upon(
    gitea: Gitea, place: Place, owner: str, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = iter([lambda: mine(gitea, owner)])

    def late(self: GiteaContents, hosted: Hosted, branch: str, parent: str | None, *said: Any) -> str:
        if parent:
            next(others, lambda: None)()
        return commit(self, hosted, branch, parent, *said)

    monkeypatch.setattr(GiteaContents, "commit", late)

    ran = place.run(*words("--transport=api"))

    assert "git conflict detected, retrying with a fresh clone" in ran.err
    subjects = [SUBJECTS[0], "Mine", *SUBJECTS[1:]]
    assert log(at(gitea, owner), "%s") == subjects
    assert "is in step" in place.run(*words()).err


def test_a_new_branch_begins_where_the_default_one_is(gitea: Gitea, place: Place, owner: str, words: Words) -> None:
    place.run(*words())

    place.run(*words("--transport=api", "--branch=next"))

    fleet = at(gitea, owner)
    assert fleet.git("log", "--format=%s", "main..next").splitlines() == ["Update platform fleet", SUBJECTS[1]]
    assert fleet.git("merge-base", "main", "next") == fleet.git("rev-parse", "main")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--ssh-signing-key-file=key",), "--ssh-signing-key-file does not go with --transport=api"),
        (("--gpg-key-ring=ring",), "--gpg-key-ring does not go with --transport=api"),
        (("--change-request",), "--change-request does not go with --transport=api"),
    ],
)
def test_what_only_git_can_do_is_refused(place: Place, words: Words, more: tuple[str, ...], said: str) -> None:
    ran = place.run(*words("--transport=api", *more), code=2)

    assert ran.err.startswith(f"✗ {said}")


def test_in_a_repository_with_documents_its_own_commits_have_to_be_pushed(
    repository: Make, gitea: Gitea, owner: str, words: Words
) -> None:
    fleet = repository()

    ran = fleet.run(*(word for word in words("--transport=api") if "--path" not in word), code=2)

    assert "--transport=api pushes no commits" in ran.err
    assert gitea.done("GET", f"orgs/{owner}/repos") == []


def test_by_ssh_the_token_is_for_the_api_alone(gitea: Gitea, place: Place, owner: str, words: Words, key: Path) -> None:
    before = gitea.requests()

    ran = place.run(*words("--transport=ssh", "--token-auth"))
    again = place.run(*words("--transport=ssh", "--token-auth"))

    url = f"ssh://git@{gitea.ssh}/{owner}/fleet"
    assert log(at(gitea, owner), "%an|%s") == NAMES
    assert f'"main" is pushed to {url}\n' in ran.err
    assert f"{url} is in step" in again.err
    assert f"  url: https://{gitea.host}/{owner}/fleet.git\n" in at(gitea, owner).git(
        "show", "main:clusters/prod/flux-system/gotk-sync.yaml"
    )
    assert not [line for line in gitea.requests()[len(before) :] if ".git/" in line]
    assert key.is_file()


def test_by_ssh_neither_a_host_nor_a_key_is_taken_on_trust_and_nothing_is_made(
    gitea: Gitea, place: Place, owner: str, words: Words, key: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = os.environ["GIT_SSH_COMMAND"]
    port = gitea.ssh.rpartition(":")[2]
    monkeypatch.setenv("GIT_SSH_COMMAND", command.replace(str(key), "/dev/null"))
    keyless = place.run(*words("--transport=ssh"), code=7)
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -o UserKnownHostsFile=/dev/null")
    unknown = place.run(*words("--transport=ssh"), code=7)

    assert "it does not take our SSH key" in keyless.err
    assert "--transport=https takes the token" in keyless.err
    assert "its SSH host key is not known" in unknown.err
    assert f"ssh-keyscan -p {port} localhost >> ~/.ssh/known_hosts" in unknown.err
    assert gitea.done("GET", f"orgs/{owner}/repos") == []


@pytest.fixture
def key(gitea: Gitea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A key of the administrator's, which ssh has, as it knows the server."""
    made, known = tmp_path / "id", tmp_path / "known_hosts"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", made], check=True)
    port, host = gitea.ssh.rpartition(":")[2], "localhost"
    known.write_bytes(subprocess.run(["ssh-keyscan", "-p", port, host], capture_output=True, check=True).stdout)
    number = gitea.done("POST", "user/keys", {"title": "mine", "key": made.with_suffix(".pub").read_text()})["id"]
    monkeypatch.setenv("GIT_SSH_COMMAND", f"ssh -F none -o UserKnownHostsFile={known} -o IdentitiesOnly=yes -i {made}")
    yield made
    gitea.done("DELETE", f"user/keys/{number}")


def mine(gitea: Gitea, owner: str) -> None:
    """A commit of somebody else's."""
    content = base64.b64encode(b"mine\n").decode()
    gitea.done("POST", f"repos/{owner}/fleet/contents/mine.txt", {"message": "Mine", "content": content})
