"""What every forge with change requests does with them. Another one joins by a line in FORGES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from scaffolder import git
from scaffolder.errors import ForgeError
from scaffolder.forge.base import Action, Hosted, Repository
from scaffolder.forge.changes import ChangeRequests, Checks, Proposal, State
from scaffolder.forge.local import LocalForge
from scaffolder.forge.rules import MergeSettings
from scaffolder.tree import File
from tests.forge.support import gitea_forge, github_forge, gitlab_forge
from tests.support.forges.github import GitHub
from tests.support.forges.gitlab import GitLab
from tests.support.gitea import Gitea
from tests.testbed.processes import eventually

ADA = git.Person("Ada", "ada@example.com")
WANTED = Proposal("scaffolder/update", "main", "Update templates", "What changes.\n\n<!-- mark -->")


@dataclass(frozen=True)
class Bench:
    """A repository on a forge with a commit on `main`, and a clone to push from."""

    changes: ChangeRequests
    hosted: Hosted
    clone: git.Repo

    def push(self, branch: str, path: str, text: str, *, start: str = "main") -> str:
        """Pushes a commit to a branch, which begins where another one is on the forge."""
        url, access = self.hosted.git_url, self.hosted.access
        known = branch if git.remote_tip(self.clone, url, branch, access) else start
        refs = f"+refs/heads/{known}:refs/heads/{branch}"
        with access.opened(url) as environment:
            git.run(self.clone, "fetch", "--quiet", "--update-head-ok", url, refs, env=environment)
        made = git.commit(self.clone, branch, [git.Commit(f"Write {path}", ADA, {path: File(text.encode())})])
        git.push(self.clone, url, branch, access)
        return made[0]

    def tip(self, branch: str) -> str | None:
        return git.remote_tip(self.clone, self.hosted.git_url, branch, self.hosted.access)

    def show(self, path: str) -> str:
        """A file as `main` has it."""
        url = self.hosted.git_url
        with self.hosted.access.opened(url) as environment:
            git.run(self.clone, "fetch", "--quiet", url, "refs/heads/main", env=environment)
        return git.run(self.clone, "show", f"FETCH_HEAD:{path}").out

    def opened(self, wanted: Proposal = WANTED, path: str = "new") -> int:
        """A change request with a commit of its own."""
        self.push(wanted.head, path, f"{wanted.head}\n")
        return self.changes.ensure(self.hosted, wanted).value.number


def of_folder(_request: pytest.FixtureRequest, folder: Path) -> tuple[ChangeRequests, Hosted]:
    forge = LocalForge(folder / "forge")
    return forge.changes, forge.ensure_repository(Repository("acme", "fleet")).value


def of_gitea(request: pytest.FixtureRequest, _folder: Path) -> tuple[ChangeRequests, Hosted]:
    gitea: Gitea = request.getfixturevalue("gitea")
    request.getfixturevalue("monkeypatch").setenv("no_proxy", "localhost")
    forge = gitea_forge(gitea, request)
    return forge.changes, forge.ensure_repository(Repository(gitea.organisation(), "fleet")).value


def of_github(request: pytest.FixtureRequest, _folder: Path) -> tuple[ChangeRequests, Hosted]:
    github: GitHub = request.getfixturevalue("github")
    forge = github_forge(github, request)
    hosted = forge.ensure_repository(Repository("acme", "fleet")).value
    forge.rules.ensure_settings(hosted, MergeSettings())
    return replace(forge.changes, pause=lambda _: None), hosted


def of_gitlab(request: pytest.FixtureRequest, _folder: Path) -> tuple[ChangeRequests, Hosted]:
    gitlab: GitLab = request.getfixturevalue("gitlab")
    request.getfixturevalue("monkeypatch").setenv("no_proxy", "localhost")
    gitlab.group("acme")
    forge = gitlab_forge(gitlab, request)
    return forge.changes, forge.ensure_repository(Repository("acme", "fleet")).value


Make = Callable[[pytest.FixtureRequest, Path], tuple[ChangeRequests, Hosted]]
FORGES: dict[str, Make] = {"local": of_folder, "gitea": of_gitea, "github": of_github, "gitlab": of_gitlab}


@pytest.fixture(params=FORGES)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    changes, hosted = FORGES[request.param](request, tmp_path)
    clone = git.Repo(tmp_path / "clone" / ".git", tmp_path / "clone")
    git.init(clone, "main")
    git.commit(clone, "main", [git.Commit("One", ADA, {"a": File(b"a\n")})])
    git.push(clone, hosted.git_url, "main", hosted.access)
    return Bench(changes, hosted, clone)


def test_one_is_opened_once_and_found_by_its_branch(bench: Bench) -> None:
    commit = bench.push(WANTED.head, "b", "b\n")
    assert bench.changes.find(bench.hosted, WANTED.head) is None

    made = bench.changes.ensure(bench.hosted, WANTED)

    assert made.action is Action.CREATED
    assert (made.value.state, made.value.head, made.value.base) == (State.OPEN, WANTED.head, "main")
    assert (made.value.title, made.value.body, made.value.commit) == (WANTED.title, WANTED.body, commit)
    assert not made.value.draft
    assert str(made.value.number) in made.value.url
    again = bench.changes.ensure(bench.hosted, WANTED)
    assert (again.action, again.value.number) == (Action.UNCHANGED, made.value.number)
    found = bench.changes.find(bench.hosted, WANTED.head)
    assert found
    assert found.number == made.value.number
    assert [each.number for each in bench.changes.each(bench.hosted)] == [made.value.number]


def test_one_that_is_open_becomes_what_is_wanted(bench: Bench) -> None:
    number = bench.opened(replace(WANTED, draft=True, labels=("bug",)))
    assert bench.changes.get(bench.hosted, number).draft

    wanted = replace(WANTED, title="Other", body="Else", labels=("gitops",))
    done = bench.changes.ensure(bench.hosted, wanted)

    assert done.action is Action.UPDATED
    now = bench.changes.get(bench.hosted, number)
    assert (now.title, now.body, now.draft) == ("Other", "Else", False)
    assert set(now.labels) == {"bug", "gitops"}
    assert bench.changes.ensure(bench.hosted, wanted).action is Action.UNCHANGED


def test_one_follows_its_branch(bench: Bench) -> None:
    number = bench.opened()

    commit = bench.push(WANTED.head, "more", "x\n")

    found = bench.changes.find(bench.hosted, WANTED.head)
    assert found
    assert (found.number, found.commit) == (number, commit)


def test_one_is_merged_once_and_its_branch_goes(bench: Bench) -> None:
    number = bench.opened()
    bench.push("main", "meanwhile", "x\n")
    eventually(lambda: bench.changes.get(bench.hosted, number).mergeable, 20, lambda: "not mergeable")
    assert bench.changes.get(bench.hosted, number).checks is Checks.NONE

    done = bench.changes.merge(bench.hosted, number)

    assert (done.action, done.value.state) == (Action.UPDATED, State.MERGED)
    assert bench.tip(WANTED.head) is None
    assert (bench.show("new"), bench.show("meanwhile")) == (f"{WANTED.head}\n", "x\n")
    assert bench.changes.merge(bench.hosted, number).action is Action.UNCHANGED
    assert [each.number for each in bench.changes.each(bench.hosted, State.MERGED)] == [number]
    with pytest.raises(ForgeError, match="merged"):
        bench.changes.close(bench.hosted, number)


def test_one_in_conflict_is_not_merged(bench: Bench) -> None:
    number = bench.opened(path="same")
    before = bench.push("main", "same", "theirs\n")

    eventually(lambda: bench.changes.get(bench.hosted, number).mergeable is False, 20, lambda: "mergeable")
    with pytest.raises(ForgeError, match="in conflict with"):
        bench.changes.merge(bench.hosted, number)

    assert bench.tip("main") == before
    assert bench.changes.get(bench.hosted, number).state is State.OPEN


def test_a_draft_is_not_merged(bench: Bench) -> None:
    number = bench.opened(replace(WANTED, draft=True))

    with pytest.raises(ForgeError, match="draft"):
        bench.changes.merge(bench.hosted, number)


def test_one_is_closed_once_and_its_branch_stays(bench: Bench) -> None:
    number = bench.opened()

    assert bench.changes.close(bench.hosted, number).value.state is State.CLOSED
    assert bench.changes.close(bench.hosted, number).action is Action.UNCHANGED

    assert bench.tip(WANTED.head)
    assert [each.number for each in bench.changes.each(bench.hosted, State.CLOSED)] == [number]
    assert list(bench.changes.each(bench.hosted)) == []
    with pytest.raises(ForgeError, match="closed"):
        bench.changes.merge(bench.hosted, number)


def test_after_one_has_ended_another_is_opened_and_found_first(bench: Bench) -> None:
    first = bench.opened()
    bench.changes.close(bench.hosted, first)

    second = bench.changes.ensure(bench.hosted, WANTED)

    assert second.action is Action.CREATED
    found = bench.changes.find(bench.hosted, WANTED.head)
    assert found
    assert found.number == second.value.number != first


def test_several_are_listed_the_newest_first(bench: Bench) -> None:
    numbers = [bench.opened(replace(WANTED, head=f"change-{each}"), f"file-{each}") for each in range(3)]

    assert [each.number for each in bench.changes.each(bench.hosted)] == numbers[::-1]


@pytest.mark.parametrize("bench", ["local", "gitea"], indirect=True)  # GitLab does so when a pipeline has run
def test_one_that_is_merged_as_soon_as_it_may_be_is(bench: Bench) -> None:
    number = bench.opened(replace(WANTED, auto_merge=True))

    eventually(lambda: bench.changes.get(bench.hosted, number).state is State.MERGED, 20, lambda: "not merged")
    assert bench.show("new") == f"{WANTED.head}\n"


def test_a_branch_that_is_not_there_or_has_nothing_new_opens_none(bench: Bench) -> None:
    with pytest.raises(ForgeError):
        bench.changes.ensure(bench.hosted, WANTED)

    assert bench.changes.find(bench.hosted, WANTED.head) is None


def test_there_is_none_with_a_number_that_nobody_gave(bench: Bench) -> None:
    for ask in (bench.changes.get, bench.changes.merge, bench.changes.close):
        with pytest.raises(ForgeError, match=r"[#!]77"):
            ask(bench.hosted, 77)
