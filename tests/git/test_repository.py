from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder.errors import GitError, UsageError
from scaffolder.git import (
    Commit,
    Person,
    Repo,
    changed,
    check_version,
    commit,
    current_branch,
    fill,
    find,
    init,
    merge_file,
    refresh,
    run,
    tip,
)
from scaffolder.tree import File
from tests.support.place import Place

ADA = Person("Ada", "ada@example.com")
ONE = Commit("One", ADA, {"a b.yaml": File(b"a\n"), "run.sh": File(b"#!/bin/sh\n", executable=True)})


def one(repo: Repo) -> Repo:
    """The repository with one commit, checked out."""
    commit(repo, "main", [ONE])
    fill(repo)
    return repo


def test_a_repository_is_found_from_any_folder_in_it(repo: Repo, place: Place) -> None:
    (place.root / "deep" / "down").mkdir(parents=True)

    assert find(place.root / "deep" / "down") == find(place.root) == repo


def test_a_folder_in_no_repository_is_said_to_be_in_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not in a git repository") as error:
        find(tmp_path)

    assert "scaffolder new" in error.value.hint


def test_a_folder_that_is_only_called_so_is_no_repository(repo: Repo, place: Place) -> None:
    (place.root / "inner" / ".git").mkdir(parents=True)

    assert find(place.root / "inner") == repo


@pytest.mark.parametrize("content", [b"", b"gitdir: nowhere\n", b"\xff\xfe\0", b"gitdir: .\n"])
def test_a_git_file_that_names_no_repository_is_told(place: Place, content: bytes) -> None:
    (place.root / ".git").write_bytes(content)

    with pytest.raises(UsageError, match=r"/place/\.git names no git repository$"):
        find(place.root)


def test_a_worktree_is_a_work_tree_like_any_other(repo: Repo, place: Place) -> None:
    one(repo)
    place.git("worktree", "add", "-q", "-b", "other", "linked")
    linked = find(place.root / "linked")

    made = commit(linked, "other", [Commit("Two", ADA, {"a b.yaml": File(b"b\n")})])
    refresh(linked, ["a b.yaml"])

    assert linked.git_dir == place.root / ".git" / "worktrees" / "linked"
    assert tip(repo, "other") == made[0]
    assert current_branch(linked) == "other"
    assert changed(linked, []) == ["a b.yaml"]
    assert changed(repo, ["a b.yaml"]) == []


def test_a_submodule_is_a_repository_of_its_own(repo: Repo, place: Place, tmp_path: Path) -> None:
    outer = Place(tmp_path / "outer")
    outer.root.mkdir()
    one(repo)
    outer.git("init", "-q")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(place.root), "inner")

    inner = find(outer.root / "inner")
    made = commit(inner, "main", [Commit("Two", ADA, {"b": File(b"b\n")})])

    assert inner.root == outer.root / "inner"
    assert tip(inner, "main") == made[0]
    assert tip(repo, "main") != made[0]


@pytest.mark.parametrize("version", ["git version 2.33.9", "git version 1.8.3.1", "git version 2.9", "nothing"])
def test_a_git_that_is_too_old_is_refused(version: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "git").write_text(f"#!/bin/sh\necho {version}\n", encoding="utf-8")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    with pytest.raises(GitError, match=r"is too old$"):
        check_version()


@pytest.mark.parametrize("version", ["2.34.0", "2.39.5 (Apple Git-154)", "2.50.1.windows.1", "3.0.rc1"])
def test_a_git_that_is_new_enough_will_do(version: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "git").write_text(f"#!/bin/sh\necho 'git version {version}'\n", encoding="utf-8")
    (tmp_path / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    check_version()


def test_settings_of_the_user_do_no_harm_to_a_new_repository(
    place: Place, tmp_path: Path, settings: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DEFAULT_HASH", "sha256")
    hook = tmp_path / "template" / "hooks" / "pre-receive"
    hook.parent.mkdir(parents=True)
    hook.write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
    settings(f"[init]\n\ttemplateDir = {tmp_path}/template\n\tdefaultObjectFormat = sha256\n[core]\n\tbare = true")

    for repo in (Repo(place.root / ".git", place.root), Repo(place.root / "bare.git")):
        init(repo, "main")
        made = commit(repo, "main", [ONE])

        assert len(made[0]) == 40
        assert run(repo, "symbolic-ref", "HEAD").out == "refs/heads/main\n"
    assert not (place.root / "bare.git" / "hooks").exists()


def test_a_branch_without_commits_has_no_tip(repo: Repo) -> None:
    assert tip(repo, "main") is None
    assert tip(repo, "gone") is None
    assert tip(one(repo), "main") == run(repo, "rev-parse", "HEAD").out.strip()


def test_a_repository_that_git_refuses_is_no_empty_one(place: Place) -> None:
    (place.root / ".git").mkdir()

    with pytest.raises(GitError):
        tip(Repo(place.root / ".git", place.root), "main")


def test_no_branch_is_checked_out_on_a_detached_head(repo: Repo, place: Place) -> None:
    one(repo)
    assert current_branch(repo) == "main"

    place.git("checkout", "-q", "--detach")

    assert current_branch(repo) is None


def test_what_differs_from_the_last_commit_is_named_whatever_it_is_called(repo: Repo, place: Place) -> None:
    one(repo)
    (place.root / "a b.yaml").write_text("mine\n", encoding="utf-8")
    (place.root / "run.sh").unlink()
    for name in ("*.yaml", "é", 'say "hi"', ":(top)x"):
        (place.root / name).write_text("new\n", encoding="utf-8")

    assert changed(repo, []) == sorted(["*.yaml", ":(top)x", "a b.yaml", "run.sh", 'say "hi"', "é"])
    assert changed(repo, ["*.yaml"]) == ["*.yaml"]
    assert changed(repo, [":(top)x"]) == [":(top)x"]
    assert changed(repo, ["gone"]) == []


def test_the_index_becomes_what_the_last_commit_has_at_some_paths_alone(repo: Repo, place: Place) -> None:
    one(repo)
    (place.root / "mine").write_text("mine\n", encoding="utf-8")
    place.git("add", "mine")
    commit(repo, "main", [Commit("Two", ADA, {"b*": File(b"b\n"), "a b.yaml": None})])
    (place.root / "b*").write_bytes(b"b\n")
    (place.root / "a b.yaml").unlink()

    refresh(repo, ["b*", "a b.yaml"])

    assert place.git("status", "--porcelain") == "A  mine\n"


@pytest.mark.parametrize("setting", ["autocrlf = true", "autocrlf = input", "safecrlf = true", "fileMode = false"])
def test_line_endings_as_the_user_wants_them_are_no_changes(
    repo: Repo, place: Place, settings: Callable[[str], None], setting: str
) -> None:
    settings(f"[core]\n\t{setting}")

    one(repo)

    assert changed(repo, []) == []
    ending = b"\r\n" if setting == "autocrlf = true" else b"\n"
    assert (place.root / "a b.yaml").read_bytes() == b"a" + ending
    assert run(repo, "cat-file", "-p", "HEAD:a b.yaml").out == "a\n"


def test_what_the_user_ignores_everywhere_is_committed_all_the_same(
    repo: Repo, place: Place, settings: Callable[[str], None]
) -> None:
    (place.root.parent / "ignored").write_text("*\n", encoding="utf-8")
    settings(f"[core]\n\texcludesFile = {place.root.parent}/ignored")

    one(repo)

    assert place.git("ls-files").splitlines() == ["a b.yaml", "run.sh"]


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_a_merge_is_the_same_whatever_the_user_likes_and_wherever_files_come_and_go(
    repo: Repo, style: str, settings: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(f"[merge]\n\tconflictStyle = {style}\n[core]\n\tautocrlf = true")
    monkeypatch.setattr(tempfile, "tempdir", str(repo.root))

    assert merge_file("m\na\nb\nc\n", "a\nb\nc\n", "a\nb\nd\n") == ("m\na\nb\nd\n", True)
    assert merge_file("m\n", "a\n", "d\n") == ("<<<<<<< yours\nm\n=======\nd\n>>>>>>> template\n", False)


def test_a_merge_needs_no_repository_and_no_working_directory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: nowhere\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    merged = merge_file("a\n", "a\n", "b\n")
    monkeypatch.undo()

    assert merged == ("b\n", True)
