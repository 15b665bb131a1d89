from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder.errors import GitError
from scaffolder.git import Commit, Person, Repo, clone, commit, init, push, remote_tip, run, set_origin, tip
from scaffolder.git.remote import default_branch
from scaffolder.tree import File

ADA = Person("Ada", "ada@example.com")


@pytest.fixture
def bare(tmp_path: Path) -> Repo:
    """A bare repository, as a forge has it."""
    made = Repo(tmp_path / "there.git")
    init(made, "main")
    return made


def with_commit(repo: Repo, message: str = "One", branch: str = "main") -> str:
    return commit(repo, branch, [Commit(message, ADA, {message: File(b"a\n")})])[0]


def copy(folder: Path, bare: Repo, branch: str = "main") -> Repo:
    made = Repo(folder / ".git", folder)
    clone(made, str(bare.git_dir), branch)
    return made


def test_what_is_pushed_is_there_and_nothing_else_is(repo: Repo, bare: Repo) -> None:
    made = with_commit(repo)
    with_commit(repo, "Other", "other")

    push(repo, str(bare.git_dir), "main")

    assert remote_tip(repo, str(bare.git_dir), "main") == made
    assert remote_tip(repo, str(bare.git_dir), "other") is None


def test_a_push_twice_is_a_push_once(repo: Repo, bare: Repo) -> None:
    made = with_commit(repo)

    push(repo, str(bare.git_dir), "main")
    push(repo, str(bare.git_dir), "main")

    assert tip(bare, "main") == made


def test_commits_that_are_there_alone_are_never_overwritten(repo: Repo, bare: Repo, tmp_path: Path) -> None:
    with_commit(repo)
    push(repo, str(bare.git_dir), "main")
    other = copy(tmp_path / "other", bare)
    theirs = with_commit(other, "Theirs")
    push(other, str(bare.git_dir), "main")
    with_commit(repo, "Ours")

    with pytest.raises(GitError, match=r"^`main` has commits there that are not here$") as error:
        push(repo, str(bare.git_dir), "main")

    assert error.value.hint.startswith("git pull --rebase ")
    assert tip(bare, "main") == theirs


def test_a_push_that_is_declined_is_told_in_the_words_of_the_other_side(repo: Repo, bare: Repo) -> None:
    hook = bare.git_dir / "hooks" / "pre-receive"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\necho 'main is protected' >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    with_commit(repo)

    with pytest.raises(GitError) as error:
        push(repo, str(bare.git_dir), "main")

    assert error.value.message == "git push failed: [remote rejected] main -> main (pre-receive hook declined)"
    assert error.value.hint == "main is protected"


def test_a_push_to_nowhere_is_one_line(repo: Repo, tmp_path: Path) -> None:
    with_commit(repo)

    with pytest.raises(GitError, match=r"^git push failed: '.*/nowhere' does not appear to be a git repository$"):
        push(repo, str(tmp_path / "nowhere"), "main")


def test_hooks_of_the_user_run_neither_here_nor_there(repo: Repo, bare: Repo, hooks: Path, tmp_path: Path) -> None:
    made = with_commit(repo)

    push(repo, str(bare.git_dir), "main")
    copy(tmp_path / "other", bare)

    assert tip(bare, "main") == made
    assert (hooks / "pre-push").exists()
    assert list(tmp_path.glob("*.ran")) == []


def test_settings_of_the_user_about_pushing_do_no_harm(repo: Repo, bare: Repo, settings: Callable[[str], None]) -> None:
    settings(
        "[push]\n\tfollowTags = true\n\tgpgSign = if-asked\n[transfer]\n\tfsckObjects = true\n[fetch]\n\tprune = true"
    )
    made = commit(repo, "main", [Commit("No newline", Person("Flux", ""), {"a": File(b"a\n")})])[0]
    run(repo, "tag", "-m", "x", "v1")

    push(repo, str(bare.git_dir), "main")

    assert tip(bare, "main") == made


def test_a_clone_has_one_branch_in_full_and_checked_out(repo: Repo, bare: Repo, tmp_path: Path) -> None:
    with_commit(repo)
    second = with_commit(repo, "Two")
    with_commit(repo, "Other", "other")
    for branch in ("main", "other"):
        push(repo, str(bare.git_dir), branch)

    made = copy(tmp_path / "copy", bare)

    assert tip(made, "main") == second
    assert run(made, "rev-list", "--count", "main").out == "2\n"
    assert tip(made, "other") is None
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == [".git", "One", "Two"]


def test_a_clone_of_nothing_is_empty_and_on_the_branch(bare: Repo, tmp_path: Path) -> None:
    made = copy(tmp_path / "copy", bare, "trunk")

    assert tip(made, "trunk") is None
    assert run(made, "symbolic-ref", "HEAD").out == "refs/heads/trunk\n"


def test_an_address_that_looks_like_an_option_is_an_address(repo: Repo, tmp_path: Path) -> None:
    with_commit(repo)
    url = f"--upload-pack=touch {tmp_path}/pwned"

    for attempt in (lambda: push(repo, url, "main"), lambda: remote_tip(repo, url, "main")):
        with pytest.raises(GitError):
            attempt()

    assert not (tmp_path / "pwned").exists()


def test_a_new_origin_is_followed_and_one_of_somebodys_own_is_left_alone(repo: Repo, bare: Repo) -> None:
    with_commit(repo)
    url = str(bare.git_dir)
    push(repo, url, "main")

    assert set_origin(repo, url, "main")
    assert not set_origin(repo, url, "main")
    assert not set_origin(repo, "/elsewhere", "main")
    assert run(repo, "rev-parse", "--abbrev-ref", "main@{upstream}").out == "origin/main\n"
    assert run(repo, "remote", "get-url", "origin").out == f"{url}\n"


def test_a_branch_that_is_missing_is_cloned_from_another(repo: Repo, bare: Repo, tmp_path: Path) -> None:
    made = with_commit(repo)
    push(repo, str(bare.git_dir), "main")
    new, nothing = (Repo(tmp_path / name / ".git", tmp_path / name) for name in ("new", "nothing"))

    clone(new, str(bare.git_dir), "next", start="main")
    clone(nothing, str(bare.git_dir), "next", start="other")

    assert (tip(new, "next"), tip(new, "main"), tip(nothing, "next")) == (made, None, None)
    assert (tmp_path / "new/One").exists()


def test_the_branch_that_others_clone_is_known_where_there_is_one(repo: Repo, bare: Repo) -> None:
    url = str(bare.git_dir)

    assert default_branch(url) is None
    with_commit(repo)
    push(repo, url, "main")
    assert default_branch(url) == "main"
