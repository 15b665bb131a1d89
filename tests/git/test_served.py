from __future__ import annotations

import pytest

from scaffolder import git
from scaffolder.git.served import Borrowed
from tests.support.place import Place


@pytest.fixture
def work(place: Place) -> Place:
    place.git("init", "-q", "work")
    work = place.inside("work")
    work.write("kept.txt", "old")
    work.write("gone.txt", "x")
    work.write(".gitignore", "secret.txt")
    work.commit()
    return work


def borrowed(place: Place, work: Place) -> Borrowed:
    return Borrowed.made(git.Repo(place.root / "fleet.git"), git.find(work.root), "main")


def test_a_commit_has_all_that_is_in_the_work_tree_but_what_git_ignores(place: Place, work: Place) -> None:
    work.write("kept.txt", "new")
    work.write("added.txt", "a")
    work.write("secret.txt", "s")
    (work.root / "gone.txt").unlink()

    made = borrowed(place, work)
    files = git.CommitFiles(made.bare, made.as_it_is())

    assert files.names("") == [".gitignore", "added.txt", "kept.txt"]
    assert (kept := files.read("kept.txt"))
    assert kept.content == b"new"


def test_the_lender_stays_as_it_is(place: Place, work: Place) -> None:
    work.write("added.txt", "a")
    before = (work.git("status", "--porcelain"), work.git("count-objects"), work.git("for-each-ref"))

    borrowed(place, work).as_it_is()

    assert (work.git("status", "--porcelain"), work.git("count-objects"), work.git("for-each-ref")) == before


def test_a_repository_without_a_commit_will_do(place: Place) -> None:
    place.git("init", "-q", "work")
    work = place.inside("work")
    work.write("a.txt", "a")

    made = borrowed(place, work)

    assert git.CommitFiles(made.bare, made.as_it_is()).names("") == ["a.txt"]


def test_another_work_tree_of_a_repository_will_do(place: Place, work: Place) -> None:
    work.git("worktree", "add", "-q", "../other")

    made = borrowed(place, place.inside("other"))

    assert "kept.txt" in git.CommitFiles(made.bare, made.as_it_is()).names("")


def test_what_was_made_of_a_shallow_clone_can_be_cloned(place: Place, work: Place) -> None:
    work.git("commit", "-q", "--allow-empty", "-m", "second")
    place.git("clone", "-q", "--depth=1", work.root.as_uri(), "shallow")

    made = borrowed(place, place.inside("shallow"))
    made.point("refs/heads/main", made.as_it_is())

    place.git("clone", "-q", "-b", "main", (place.root / "fleet.git").as_uri(), "clone")
    assert place.inside("clone").read("kept.txt") == "old"


def test_a_ref_can_be_pointed_to_what_the_lender_has(place: Place, work: Place) -> None:
    made = borrowed(place, work)

    made.point("refs/tags/v1", work.git("rev-parse", "HEAD").strip())

    assert place.git("-C", "fleet.git", "show", "v1:kept.txt") == "old"
