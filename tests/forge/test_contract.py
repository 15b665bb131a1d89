"""What every forge does. Another one joins by a line in FORGES."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from scaffolder import git
from scaffolder.errors import ForgeError, ScaffolderError
from scaffolder.forge.base import Action, Forge, Repository
from scaffolder.forge.git import GitForge, address
from scaffolder.forge.local import LocalForge
from scaffolder.git.credentials import ANONYMOUS
from scaffolder.git.remote import default_branch
from scaffolder.tree import File
from tests.forge.support import gitea_forge, github_forge, gitlab_forge
from tests.support.forges.github import GitHub
from tests.support.forges.gitlab import GitLab
from tests.support.gitea import Gitea


@dataclass(frozen=True)
class Kind:
    """`made` gives the forge of a repository, for one test, with a folder that is the test's own.

    `creates`: it makes what is missing; where it does not, somebody has made the repository before. `nests`: an owner
    may lie in another one. `visibilities`: who can be let see a repository.
    """

    made: Callable[[pytest.FixtureRequest, Path, Repository], Forge]
    creates: bool = True
    nests: bool = False
    visibilities: tuple[str, ...] = ("private", "public")


def of_folder(_request: pytest.FixtureRequest, folder: Path, _wanted: Repository) -> Forge:
    return LocalForge(folder / "forge")


def of_url(_request: pytest.FixtureRequest, folder: Path, wanted: Repository) -> Forge:
    bare = folder / f"{wanted.name}.git"
    git.init(git.Repo(bare), wanted.branch)
    return GitForge(address(str(bare)), ANONYMOUS, None)


def of_gitea(request: pytest.FixtureRequest, _folder: Path, _wanted: Repository) -> Forge:
    gitea: Gitea = request.getfixturevalue("gitea")
    request.getfixturevalue("monkeypatch").setenv("no_proxy", "localhost")
    for owner in OWNERS:
        gitea.organisation(owner)
    return gitea_forge(gitea, request)


def of_gitlab(request: pytest.FixtureRequest, _folder: Path, _wanted: Repository) -> Forge:
    gitlab: GitLab = request.getfixturevalue("gitlab")
    request.getfixturevalue("monkeypatch").setenv("no_proxy", "localhost")
    for owner in OWNERS:
        if not gitlab.group_at(owner):
            gitlab.group(owner, "public")
    return gitlab_forge(gitlab, request)


def of_github(request: pytest.FixtureRequest, _folder: Path, _wanted: Repository) -> Forge:
    github: GitHub = request.getfixturevalue("github")
    for owner in OWNERS:
        github.organisation(owner)
    return github_forge(github, request)


OWNERS = ("local", "a", "b", "acme", "A_1.2-3")  # of repositories that these tests make
FORGES = {
    "local": Kind(of_folder, nests=True, visibilities=("private", "internal", "public")),
    "github": Kind(of_github),
    "gitea": Kind(of_gitea),
    "gitlab": Kind(of_gitlab, nests=True, visibilities=("private", "internal", "public")),
    "git": Kind(of_url, creates=False),
}
CREATING = [name for name, kind in FORGES.items() if kind.creates]
PLAIN, NESTED = ("acme", "A_1.2-3"), ("acme/platform", "acme/platform/eu")
FLEET = Repository("local", "fleet")
ADA = git.Person("Ada", "ada@example.com")


@pytest.fixture(params=CREATING)
def forge(request: pytest.FixtureRequest, tmp_path: Path) -> Forge:
    """One that makes what is missing."""
    return FORGES[request.param].made(request, tmp_path, FLEET)


@pytest.fixture(params=FORGES)
def any_forge(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Repository], Forge]:
    """The forge of a repository."""
    return lambda wanted: FORGES[request.param].made(request, tmp_path, wanted)


def test_a_forge_says_which_it_is(any_forge: Callable[[Repository], Forge]) -> None:
    forge = any_forge(FLEET)

    assert forge.kind in FORGES
    assert forge.title


def test_where_there_is_nothing_nothing_is_found_and_nothing_is_made(forge: Forge) -> None:
    assert forge.find_repository("local", "fleet") is None
    assert forge.find_repository("local", "fleet") is None


@pytest.mark.parametrize(
    ("forge", "visibility"),
    [(name, each) for name in CREATING for each in FORGES[name].visibilities],
    indirect=["forge"],
)
def test_a_repository_that_is_missing_is_made_as_it_was_wanted_and_found_again(forge: Forge, visibility: str) -> None:
    made = forge.ensure_repository(replace(FLEET, visibility=visibility))

    assert made.action is Action.CREATED
    assert (made.value.owner, made.value.name, made.value.visibility) == ("local", "fleet", visibility)
    assert forge.find_repository("local", "fleet") == made.value


def test_a_repository_that_is_there_is_left_as_it_is(any_forge: Callable[[Repository], Forge]) -> None:
    forge = any_forge(FLEET)
    first = forge.ensure_repository(FLEET)

    again = forge.ensure_repository(replace(FLEET, visibility="public", branch="other", description="other"))

    assert again.action is Action.UNCHANGED
    assert again.value == first.value


@pytest.mark.parametrize(
    ("forge", "owner"),
    [(name, owner) for name in CREATING for owner in (*PLAIN, *(NESTED if FORGES[name].nests else ()))],
    indirect=["forge"],
)
def test_another_owner_may_have_one_and_lie_in_another_where_the_forge_has_that(forge: Forge, owner: str) -> None:
    forge.ensure_repository(FLEET)

    made = forge.ensure_repository(Repository(owner, "other"))

    assert made.action is Action.CREATED
    assert forge.find_repository(owner, "other") == made.value


@pytest.mark.parametrize(
    "owner", ["", "..", ".", "/acme", "acme/", "acme//x", "../x", "-x", "a b", ".x", "a\nb", "é", "x" * 300]
)
def test_a_name_that_no_forge_would_take_is_refused_and_makes_nothing(forge: Forge, tmp_path: Path, owner: str) -> None:
    for names in ((owner, "fleet"), ("acme", owner)):
        with pytest.raises(ScaffolderError):
            forge.ensure_repository(Repository(*names))
        with pytest.raises(ScaffolderError):
            forge.find_repository(*names)

    assert list(tmp_path.rglob("*")) == []


def test_what_is_pushed_is_there_and_can_be_cloned(any_forge: Callable[[Repository], Forge], tmp_path: Path) -> None:
    wanted = replace(FLEET, branch="trunk")
    forge = any_forge(wanted)
    hosted = forge.ensure_repository(wanted).value
    here, there = (git.Repo(tmp_path / name / ".git", tmp_path / name) for name in ("here", "there"))
    git.init(here, "trunk")
    made = git.commit(here, "trunk", [git.Commit("One", ADA, {"a": File(b"a\n")})])

    git.push(here, hosted.git_url, "trunk", hosted.access)
    git.clone(there, hosted.git_url, "trunk", hosted.access)

    assert git.tip(there, "trunk") == git.remote_tip(here, hosted.git_url, "trunk", hosted.access) == made[0]
    assert default_branch(hosted.git_url, hosted.access) == "trunk"
    assert forge.ensure_repository(FLEET).action is Action.UNCHANGED


def test_two_repositories_know_nothing_of_each_other(forge: Forge) -> None:
    urls = {forge.ensure_repository(Repository(*names)).value.git_url for names in (("a", "b"), ("a", "c"), ("b", "b"))}

    assert len(urls) == 3


@pytest.mark.parametrize("kind", FORGES.keys() - CREATING)
def test_a_forge_that_makes_none_says_that_there_is_none(
    request: pytest.FixtureRequest, kind: str, tmp_path: Path
) -> None:
    forge = FORGES[kind].made(request, tmp_path, FLEET)
    (tmp_path / "fleet.git").rename(tmp_path / "elsewhere.git")

    for attempt in (lambda: forge.find_repository("local", "fleet"), lambda: forge.ensure_repository(FLEET)):
        with pytest.raises(ForgeError, match=r"^there is no repository at .*/fleet\.git$"):
            attempt()

    assert not (tmp_path / "fleet.git").exists()
