"""What only the local forge's change requests have to take care of: files, and several processes at them."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scaffolder import git
from scaffolder.errors import ForgeError, GitError
from scaffolder.forge import local_changes
from scaffolder.forge.base import Hosted, Repository
from scaffolder.forge.changes import Proposal, State
from scaffolder.forge.local import LocalForge
from scaffolder.tree import File

ADA = git.Person("Ada", "ada@example.com")
CHANGES = local_changes.LocalChanges()


@pytest.fixture
def hosted(tmp_path: Path) -> Hosted:
    """A repository with `main`, and a commit on each of four branches beside it."""
    found = LocalForge(tmp_path).ensure_repository(Repository("acme", "fleet")).value
    bare = git.Repo(Path(found.git_url))
    start = git.commit(bare, "main", [git.Commit("One", ADA, {"a": File(b"a\n")})])[0]
    for name in map(str, range(4)):
        git.run(bare, "update-ref", f"refs/heads/{name}", start)
        git.commit(bare, name, [git.Commit("Two", ADA, {name: File(b"a\n")})])
    return found


def proposal(head: str) -> Proposal:
    return Proposal(head, "main", f"Bring {head}", "")


def test_no_two_get_one_number_and_no_branch_gets_two(hosted: Hosted) -> None:
    wanted = [proposal(str(number % 4)) for number in range(12)]

    with ThreadPoolExecutor(6) as threads:
        made = list(threads.map(lambda each: CHANGES.ensure(hosted, each).value, wanted))

    assert {(each.head, each.number) for each in made} == {(each.head, each.number) for each in CHANGES.each(hosted)}
    assert sorted(each.number for each in CHANGES.each(hosted)) == [1, 2, 3, 4]


def test_a_merge_that_is_killed_after_git_s_part_is_found_to_be_done(
    hosted: Hosted, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = CHANGES.ensure(hosted, proposal("0")).value.number
    with monkeypatch.context() as patch:
        patch.setattr(local_changes, "_write", lambda *_: None)  # nothing of it was written down
        CHANGES.merge(hosted, number)

    found = CHANGES.get(hosted, number)

    assert found.state is State.MERGED
    assert json.loads(Path(found.url).read_text())["state"] == "open"


def test_a_push_in_the_moment_of_a_merge_is_not_lost(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    number, bare, run = CHANGES.ensure(hosted, proposal("0")).value.number, git.Repo(Path(hosted.git_url)), git.run

    def racing(repo: git.Repo, *words: str, **more: object) -> object:
        if words[0] == "update-ref":
            git.commit(bare, "main", [git.Commit("Theirs", ADA, {"theirs": File(b"a\n")})])
        return run(repo, *words, **more)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(git, "run", racing)
    with pytest.raises(ForgeError, match="somebody has pushed to `main` meanwhile"):
        CHANGES.merge(hosted, number)
    monkeypatch.undo()

    assert run(bare, "show", "main:theirs").out == "a\n"
    assert CHANGES.merge(hosted, number).value.state is State.MERGED
    assert run(bare, "show", "main:theirs", "main:0").out == "a\na\n"


def test_a_file_that_is_not_one_of_ours_is_named(hosted: Hosted) -> None:
    place = Path(hosted.git_url, "scaffolder", "changes", "7.json")
    place.parent.mkdir(parents=True)
    place.write_text("{}")

    with pytest.raises(ForgeError, match=r"7\.json cannot be read: it is no change request of ours"):
        CHANGES.get(hosted, 7)


def test_what_git_cannot_sign_as_anybody_is_not_merged(hosted: Hosted, monkeypatch: pytest.MonkeyPatch) -> None:
    number = CHANGES.ensure(hosted, proposal("0")).value.number
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "3")
    for index, (key, value) in enumerate((("user.useConfigOnly", "true"), ("user.name", ""), ("user.email", ""))):
        monkeypatch.setenv(f"GIT_CONFIG_KEY_{index}", key)
        monkeypatch.setenv(f"GIT_CONFIG_VALUE_{index}", value)

    with pytest.raises(GitError, match="git does not know who you are"):
        CHANGES.merge(hosted, number)
