"""What every forge with an API does with commits that come without git. Another one joins by a line in FORGES."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from scaffolder import git
from scaffolder.errors import ForgeError
from scaffolder.forge.base import Hosted, Repository
from scaffolder.forge.contents import Contents
from scaffolder.forge.hosted import HostedForge
from scaffolder.git.remote import BehindError, default_branch
from scaffolder.tree import File, Memory
from tests.forge.support import gitea_forge, github_forge, gitlab_forge

ADA = git.Person("Ada", "ada@example.com")
FIRST = git.Commit("One\n\nand more", ADA, {"a/b.txt": File(b"b\n"), "c": File(b"\xff\r\n"), "d": File(b"")})


@dataclass(frozen=True)
class Ground:
    """A repository without a commit, and a git beside it."""

    contents: Contents
    hosted: Hosted
    repo: git.Repo

    def made(self, files: Mapping[str, File | None], parent: str, before: Mapping[str, File | None]) -> str:
        wanted = git.Commit("Two", ADA, files)
        return self.contents.commit(self.hosted, "main", parent, wanted, Memory(before))

    def log(self, form: str = "%an <%ae>|%s") -> list[str]:
        git.clone(self.repo, self.hosted.git_url, "main", self.hosted.access)
        return git.run(self.repo, "log", "--reverse", f"--format={form}", "main").out.splitlines()


def of_gitea(request: pytest.FixtureRequest) -> HostedForge:
    gitea = request.getfixturevalue("gitea")
    gitea.organisation("acme")
    return gitea_forge(gitea, request)


def of_gitlab(request: pytest.FixtureRequest) -> HostedForge:
    gitlab = request.getfixturevalue("gitlab")
    gitlab.group("acme")
    return gitlab_forge(gitlab, request)


def of_github(request: pytest.FixtureRequest) -> HostedForge:
    return github_forge(request.getfixturevalue("github"), request)


FORGES: dict[str, Callable[[pytest.FixtureRequest], HostedForge]] = {
    "gitea": of_gitea,
    "github": of_github,
    "gitlab": of_gitlab,
}


@pytest.fixture(params=FORGES)
def ground(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Ground:
    monkeypatch.setenv("no_proxy", "localhost")
    forge = FORGES[request.param](request)
    hosted = forge.ensure_repository(Repository("acme", "contents")).value
    folder = tmp_path_factory.mktemp("beside")
    return Ground(forge.contents, hosted, git.Repo(folder / ".git", folder))


def test_an_empty_repository_has_no_branch_and_gets_its_first_commit(ground: Ground) -> None:
    contents, hosted = ground.contents, ground.hosted
    assert contents.default_branch(hosted) is None
    assert contents.tip(hosted, "main") is None

    made = contents.commit(hosted, "main", None, FIRST, Memory({}))

    assert contents.tip(hosted, "main") == made == git.remote_tip(ground.repo, hosted.git_url, "main", hosted.access)
    assert contents.default_branch(hosted) == "main" == default_branch(hosted.git_url, hosted.access)
    assert contents.files(hosted, made) == FIRST.files
    assert "Ada <ada@example.com>|One" in ground.log()


def test_files_are_replaced_deleted_and_added_and_a_branch_may_begin_anywhere(ground: Ground) -> None:
    first = ground.contents.commit(ground.hosted, "main", None, FIRST, Memory({}))
    changes = {"a/b.txt": File(b"two\n"), "c": None, "e f": File("ä\n".encode())}

    made = ground.made(changes, first, FIRST.files)
    ground.contents.start(ground.hosted, "rel/next", first)

    assert ground.contents.files(ground.hosted, made) == {
        "a/b.txt": File(b"two\n"),
        "d": File(b""),
        "e f": File("ä\n".encode()),
    }
    assert ground.contents.tip(ground.hosted, "rel/next") == first
    assert ground.log("%s")[-1] == "Two"


def test_a_branch_that_has_moved_is_never_overwritten(ground: Ground) -> None:
    first = ground.contents.commit(ground.hosted, "main", None, FIRST, Memory({}))
    theirs = ground.made({"a/b.txt": File(b"theirs\n")}, first, FIRST.files)

    for files in ({"a/b.txt": File(b"ours\n")}, {"new": File(b"new\n")}):
        with pytest.raises(BehindError, match=r"^`main` has got other commits meanwhile$"):
            ground.made(files, first, FIRST.files)

    found = ground.contents.files(ground.hosted, ground.contents.tip(ground.hosted, "main") or "")
    assert found["a/b.txt"] == File(b"theirs\n")
    assert theirs in ground.log("%H")


def test_what_is_refused_is_told_with_what_was_wanted(ground: Ground) -> None:
    first = ground.contents.commit(ground.hosted, "main", None, FIRST, Memory({}))

    with pytest.raises(ForgeError, match=r"^nothing can be committed to `main` of acme/contents: "):
        ground.made({"nowhere": None}, first, {"nowhere": File(b"x")})
