from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cli.support import Make
from tests.support.place import Place

LOCK = ".scaffolder/platform/acme/base"
MARKERS = "<<<<<<< HEAD\n8f2c01ab\n=======\n77777777\n>>>>>>> other\n"
DAMAGES: dict[str, Callable[[str], str]] = {
    "markers": lambda text: text + MARKERS,
    "markers within": lambda text: text.replace("\n", f"\n{MARKERS}", 2),
    "cut": lambda text: text[: len(text) // 2],
    "empty": lambda _: "",
    "no lock at all": lambda _: "kind: app\n",
}


def spoil(place: Place, how: str) -> None:
    (place.root / LOCK).write_text(DAMAGES[how](place.read(LOCK)), encoding="utf-8")


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_lock_of_files_that_nobody_edited_is_written_anew(repository: Make, how: str) -> None:
    fleet = repository()
    before = fleet.files()
    spoil(fleet, how)

    fleet.run("check", code=1)
    fleet.run("sync")

    assert fleet.files() == before
    fleet.run("check")


@pytest.mark.parametrize("how", DAMAGES)
def test_with_a_damaged_lock_no_edit_is_lost_and_adopt_is_the_way_out(repository: Make, how: str) -> None:
    fleet = repository()
    fleet.edit("stacks/pin/kustomization.yaml", "replacements:", "# mine\nreplacements:")
    spoil(fleet, how)

    fleet.run("adopt")

    assert "everything is in step" in fleet.run("sync").err
    assert "# mine" in fleet.read("stacks/pin/kustomization.yaml")
    fleet.run("check")


@pytest.mark.parametrize("command", ["sync", "check", "diff", "adopt"])
def test_a_lock_of_a_newer_version_is_told_and_nothing_is_written(repository: Make, command: str) -> None:
    fleet = repository()
    fleet.edit(LOCK, "# scaffolder 1", "# scaffolder 2")
    before = fleet.files()

    ran = fleet.run(command, code=1)

    assert f"✗ {LOCK} was written by a newer scaffolder\n  upgrade scaffolder\n" in ran.err
    assert fleet.files() == before


def test_an_edit_command_looks_at_the_locks_of_what_it_touches(repository: Make) -> None:
    fleet = repository()
    fleet.run("add-app", "web", "--image", "nginx:1")
    fleet.edit(".scaffolder/app/web/base", "# scaffolder 1", "# scaffolder 2")

    assert ".scaffolder/app/web/base was written by a newer" in fleet.run("remove", "app", "web", code=1).err
    fleet.run("add-app", "other", "--image", "nginx:1")


@pytest.mark.parametrize("command", ["sync", "check"])
def test_markers_in_a_lock_are_told_with_their_line(repository: Make, command: str) -> None:
    fleet = repository()
    lines = fleet.read(LOCK).count("\n")
    spoil(fleet, "markers")

    ran = fleet.run(command, code=int(command == "check"))

    assert (
        f"◎ {LOCK}:{lines + 1}: this lock holds git's conflict markers\n  `scaffolder sync` writes it anew; " in ran.err
    )


def test_a_lost_lock_of_a_file_that_was_edited_is_a_conflict_that_names_the_way_out(repository: Make) -> None:
    fleet = repository()
    fleet.edit("stacks/pin/kustomization.yaml", "replacements:", "# mine\nreplacements:")
    (fleet.root / LOCK).unlink()

    ran = fleet.run("sync", code=5)

    assert "stacks/pin/kustomization.yaml: a file of yours is in the way\n" in ran.err
    assert "`scaffolder adopt` takes it as your edit" in ran.err
    assert "# mine" in fleet.read("stacks/pin/kustomization.yaml")


def test_a_lock_that_was_edited_by_hand_into_another_lock_costs_no_edit(repository: Make) -> None:
    fleet = repository()
    fleet.edit("stacks/pin/kustomization.yaml", "replacements:", "# mine\nreplacements:")
    fleet.edit(LOCK, "+ stacks/pin/kustomization.yaml", "+ stacks/pin/other.yaml")
    fleet.edit(LOCK, ". stacks/pin/kustomization.yaml", ". stacks/pin/other.yaml")

    fleet.run("sync", code=5)

    assert "# mine" in fleet.read("stacks/pin/kustomization.yaml")


def test_a_lock_that_is_wrong_and_does_not_look_it_can_be_deleted_and_adopted(repository: Make) -> None:
    fleet = repository()
    fleet.edit("stacks/pin/kustomization.yaml", "replacements:", "# mine\nreplacements:")
    fleet.edit(LOCK, "+ stacks/pin/kustomization.yaml\n", "+ stacks/pin/kustomization.yaml\n00000000\n")
    fleet.run("sync")
    (fleet.root / LOCK).unlink()

    fleet.run("adopt")

    assert "everything is in step" in fleet.run("sync").err
    assert "# mine" in fleet.read("stacks/pin/kustomization.yaml")
