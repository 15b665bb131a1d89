from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scaffolder.errors import GitError
from scaffolder.git import Commit, Person, Repo, changed, commit, fill, run
from scaffolder.git.command import Answer, reason
from scaffolder.tree import File
from tests.support.place import Place

ADA = Person("Ada", "ada@example.com")


def program(folder: Path, script: str) -> str:
    """A PATH on which git is a script."""
    folder.mkdir()
    (folder / "git").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / "git").chmod(0o755)
    return str(folder)


def test_without_git_on_the_path_it_is_said_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(GitError, match=r"^git is not installed$") as error:
        run(None, "version")

    assert error.value.hint == "install git 2.34 or newer"


def test_a_failure_is_gits_own_words_in_one_line(repo: Repo) -> None:
    with pytest.raises(GitError, match=r"^git rev-parse failed: Needed a single revision$"):
        run(repo, "rev-parse", "--verify", "nothing")


def test_no_secret_of_a_url_is_ever_told(repo: Repo) -> None:
    with pytest.raises(GitError) as error:
        run(repo, "fetch", "http://user:hunter2@127.0.0.1:9/r")

    assert "hunter2" not in error.value.message


def test_what_is_sent_and_answered_is_kept_as_it_is(repo: Repo) -> None:
    answer = run(repo, "hash-object", "-w", "--stdin", stdin=b"a\r\n\xff\n")

    assert run(repo, "cat-file", "-s", answer.out.strip()).out == "5\n"


@pytest.mark.parametrize("folder", ["a repository", "'quoted' \"twice\"", "$HOME", "*", "é", "-x"])
def test_a_folder_may_have_any_name(place: Place, folder: str) -> None:
    (place.root / folder).mkdir()
    odd = Repo(place.root / folder / ".git", place.root / folder)

    run(odd, "init", "--quiet")

    assert changed(odd, []) == []


def test_inside_a_hook_of_another_repository_nothing_of_that_one_is_touched(
    repo: Repo, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = place.root / "other"
    run(None, "init", "--quiet", str(other))
    before = sorted(path.relative_to(other) for path in other.rglob("*"))
    for name, value in {
        "GIT_DIR": other / ".git",
        "GIT_WORK_TREE": other,
        "GIT_INDEX_FILE": other / ".git" / "index",
        "GIT_OBJECT_DIRECTORY": other / ".git" / "objects",
        "GIT_COMMON_DIR": other / ".git",
        "GIT_CONFIG": other / ".git" / "config",
        "GIT_PREFIX": "apps/",
    }.items():
        monkeypatch.setenv(name, str(value))

    commit(repo, "main", [Commit("One", ADA, {"a": File(b"a\n")})])
    fill(repo)

    assert (place.root / "a").read_bytes() == b"a\n"
    assert changed(repo, ["a"]) == []
    assert sorted(path.relative_to(other) for path in other.rglob("*")) == before


def test_a_hook_may_have_been_started_anywhere(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY"):
        monkeypatch.setenv(name, "/nowhere")

    assert run(None, "version").out.startswith("git version")
    assert run(repo, "rev-parse", "--is-inside-work-tree").out == "true\n"


def test_gits_own_settings_for_one_call_are_heeded(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"COUNT": "1", "KEY_0": "user.name", "VALUE_0": "Grace"}.items():
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)

    assert run(repo, "config", "user.name").out == "Grace\n"


@pytest.mark.parametrize(
    ("err", "told"),
    [
        ("hint: x\nfatal: it broke\nmore\n", "it broke"),
        ("warning: x\nerror: it broke\n", "it broke"),
        ("something\n", "something"),
        ("", "status 3"),
        ("remote: no\nTo /x\n ! [rejected] main -> main (declined)\nerror: y\n", "[rejected] main -> main (declined)"),
    ],
)
def test_the_line_that_says_why_is_the_one_that_is_told(err: str, told: str) -> None:
    assert reason(Answer(3, "", err)) == told


def test_what_git_says_that_is_no_text_is_told_all_the_same(
    repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = program(tmp_path / "bin", "printf 'fatal: \\377\\n' >&2; exit 1")
    monkeypatch.setenv("PATH", f"{path}:{Path(shutil.which('sh') or '/bin/sh').parent}")

    with pytest.raises(GitError, match=r"^git status failed: ") as error:
        run(repo, "status")

    error.value.message.encode("utf-8", "surrogateescape")
