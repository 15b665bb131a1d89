"""What every forge does. Another one joins by a line in FORGES: how it is made, in a folder that is the test's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scaffolder import git
from scaffolder.errors import ScaffolderError
from scaffolder.forge.base import Action, Forge, Repository
from scaffolder.forge.local import LocalForge
from scaffolder.tree import File

FORGES: dict[str, Callable[[Path], Forge]] = {
    "local": lambda folder: LocalForge(folder / "forge"),
}
FLEET = Repository("acme", "fleet")
ADA = git.Person("Ada", "ada@example.com")


@pytest.fixture(params=FORGES)
def forge(request: pytest.FixtureRequest, tmp_path: Path) -> Forge:
    return FORGES[request.param](tmp_path)


def test_a_forge_says_which_it_is(forge: Forge) -> None:
    assert forge.kind in FORGES
    assert forge.title


def test_where_there_is_nothing_nothing_is_found_and_nothing_is_made(forge: Forge) -> None:
    assert forge.find_repository("acme", "fleet") is None
    assert forge.find_repository("acme", "fleet") is None


@pytest.mark.parametrize("visibility", ["private", "internal", "public"])
def test_a_repository_that_is_missing_is_made_as_it_was_wanted_and_found_again(forge: Forge, visibility: str) -> None:
    made = forge.ensure_repository(replace(FLEET, visibility=visibility))

    assert made.action is Action.CREATED
    assert (made.value.owner, made.value.name, made.value.visibility) == ("acme", "fleet", visibility)
    assert forge.find_repository("acme", "fleet") == made.value


def test_a_repository_that_is_there_is_left_as_it_is(forge: Forge) -> None:
    first = forge.ensure_repository(FLEET)

    again = forge.ensure_repository(replace(FLEET, visibility="public", branch="other", description="other"))

    assert again.action is Action.UNCHANGED
    assert again.value == first.value


@pytest.mark.parametrize("owner", ["acme", "acme/platform", "acme/platform/eu", "A_1.2-3"])
def test_an_owner_may_lie_in_another(forge: Forge, owner: str) -> None:
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


def test_what_is_pushed_is_there_and_can_be_cloned(forge: Forge, tmp_path: Path) -> None:
    hosted = forge.ensure_repository(replace(FLEET, branch="trunk")).value
    here, there = (git.Repo(tmp_path / name / ".git", tmp_path / name) for name in ("here", "there"))
    git.init(here, "trunk")
    made = git.commit(here, "trunk", [git.Commit("One", ADA, {"a": File(b"a\n")})])

    git.push(here, hosted.git_url, "trunk")
    git.clone(there, hosted.git_url, "trunk")

    assert git.tip(there, "trunk") == git.remote_tip(here, hosted.git_url, "trunk") == made[0]
    assert git.run(None, "ls-remote", "--symref", hosted.git_url, "HEAD").out.startswith("ref: refs/heads/trunk\t")
    assert forge.ensure_repository(FLEET).action is Action.UNCHANGED


def test_two_repositories_know_nothing_of_each_other(forge: Forge) -> None:
    urls = {forge.ensure_repository(Repository(*names)).value.git_url for names in (("a", "b"), ("a", "c"), ("b", "b"))}

    assert len(urls) == 3
