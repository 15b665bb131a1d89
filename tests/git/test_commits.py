from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder.errors import GitError
from scaffolder.git import Commit, Person, Repo, commit, fill, identity, run, tip
from scaffolder.tree import File
from tests.support.place import Place

FLUX = Person("Flux", "")
ADA = Person("Ada", "ada@example.com")


def raw(repo: Repo, name: str = "HEAD") -> str:
    return run(repo, "cat-file", "commit", name).out


def test_a_commit_is_byte_for_byte_as_flux_makes_it(repo: Repo) -> None:
    made = commit(repo, "main", [Commit("Add Flux v2.9.4 component manifests", FLUX, {"a": File(b"a\n")})])

    head, _, message = raw(repo).partition("\n\n")
    tree, author, committer = head.splitlines()
    assert message == "Add Flux v2.9.4 component manifests"
    assert author.startswith("author Flux <> ")
    assert committer.removeprefix("committer ") == author.removeprefix("author ")
    assert tree == "tree " + run(repo, "rev-parse", "HEAD^{tree}").out.strip()
    assert made == [run(repo, "rev-parse", "HEAD").out.strip()]


@pytest.mark.parametrize(
    "message", ["One", "One\n", "One\n\n[ci skip]", "é\n\n'\"$(x)\n# no comment", "data 5\nfrom x"]
)
def test_a_message_is_kept_to_the_byte(repo: Repo, message: str) -> None:
    commit(repo, "main", [Commit(message, ADA, {"a": File(b"a\n")})])

    assert raw(repo).partition("\n\n")[2] == message


def test_commits_follow_each_other_and_what_was_there(repo: Repo) -> None:
    first = commit(repo, "main", [Commit("One", FLUX, {"a": File(b"a\n")}), Commit("Two", ADA, {"b": File(b"b\n")})])

    second = commit(repo, "main", [Commit("Three", ADA, {"a": None})])

    assert run(repo, "log", "--format=%H %s").out.splitlines() == [
        f"{second[0]} Three",
        f"{first[1]} Two",
        f"{first[0]} One",
    ]
    assert run(repo, "ls-tree", "--name-only", "HEAD").out == "b\n"
    assert tip(repo, "main") == second[0]


@pytest.mark.parametrize("content", [b"", b"a", b"a\r\n", b"\0\xff\n", b"data 3\nabc\n", b"x" * 300_000])
def test_the_content_of_a_file_is_kept_to_the_byte(repo: Repo, place: Place, content: bytes) -> None:
    commit(repo, "main", [Commit("One", ADA, {"a": File(content), "after": File(b"x")})])

    fill(repo)

    assert (place.root / "a").read_bytes() == content
    assert (place.root / "after").read_bytes() == b"x"


@pytest.mark.parametrize(
    "path", ["a b", " a", 'say "hi"', "it's", "é/ü", "$HOME", "*", "-x", "a/b/c.yaml", "inline", "日本"]
)
def test_a_path_may_look_like_anything_printable(repo: Repo, place: Place, path: str) -> None:
    commit(repo, "main", [Commit("One", ADA, {path: File(b"a\n", executable=True)})])
    fill(repo)

    assert (place.root / path).read_bytes() == b"a\n"
    assert os.access(place.root / path, os.X_OK)
    commit(repo, "main", [Commit("Two", ADA, {path: None})])
    assert run(repo, "ls-tree", "-r", "HEAD").out == ""


@pytest.mark.parametrize("path", ["a\nM 100644 inline b", "a\0b", "../x", ".git/config", "/x", "a//b", ""])
def test_a_path_that_could_mean_something_else_is_refused(repo: Repo, path: str) -> None:
    with pytest.raises(GitError):
        commit(repo, "main", [Commit("One", ADA, {path: File(b"a\n")})])

    assert tip(repo, "main") is None


def test_no_hook_runs_and_nothing_is_signed(
    repo: Repo, hooks: Path, tmp_path: Path, settings: Callable[[str], None]
) -> None:
    settings("[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = /bin/false\n[user]\n\tsigningKey = x")

    commit(repo, "main", [Commit("One", ADA, {"a": File(b"a\n")})])
    fill(repo)

    assert list(hooks.iterdir())
    assert list(tmp_path.glob("*.ran")) == []
    assert "gpgsig" not in raw(repo)


def test_the_work_tree_and_the_index_are_left_alone(repo: Repo, place: Place) -> None:
    (place.root / "mine").write_text("mine\n", encoding="utf-8")
    place.git("add", "mine")

    commit(repo, "main", [Commit("One", ADA, {"a": File(b"a\n")})])

    assert not (place.root / "a").exists()
    assert place.git("diff", "--cached", "--name-only", "HEAD").splitlines() == ["a", "mine"]


def test_who_commits_is_who_git_says(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    assert identity(repo) == Person("Ada", "ada@example.com")

    monkeypatch.setenv("GIT_AUTHOR_NAME", "Grace Hopper")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "grace@example.com")

    assert identity(repo) == Person("Grace Hopper", "grace@example.com")


def test_a_git_that_knows_nobody_says_what_to_do(repo: Repo, settings: Callable[[str], None]) -> None:
    Path(os.environ["HOME"], ".gitconfig").write_text("", encoding="utf-8")
    settings("[user]\n\tuseConfigOnly = true")

    with pytest.raises(GitError, match=r"^git does not know who you are$") as error:
        identity(repo)

    assert "user.email" in error.value.hint
