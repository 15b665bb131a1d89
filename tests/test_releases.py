"""What is released never changes, and a repository goes from any release to any other with people's edits in it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from scaffolder import releases
from scaffolder.errors import TemplateError
from scaffolder.render.engine import render
from scaffolder.render.inputs import inputs
from scaffolder.render.units import all_units
from tests.cli.support import Make
from tests.render.trees import APPS, PLATFORM, spec_of
from tests.support.place import Place

DIGESTS = {
    "0.1.0": "2bdfc348ce3f5c77f22eefbc594086008d6db3d0072e7d2da38416432aebf46b",
    "0.2.0": "c7e28ddaad6ea0cc33ac13b6343845248a5f9c94fa97750a2f130bfc0d850421",
    "0.3.0": "1b2ea0dc2753844969e9f1bf9d0f5090b71b58ca2b31f194924835cacfdcd829",
}
OLD, NEW = "0.1.0", "0.4.0"


@pytest.mark.parametrize("version", DIGESTS)
def test_a_release_is_what_it_was(version: str) -> None:
    content = (releases.home() / releases.ARCHIVES / f"{version}.zip").read_bytes()

    assert hashlib.sha256(content).hexdigest() == DIGESTS[version]


def test_every_release_is_held_by_its_digest() -> None:
    assert set(releases.released()) == set(DIGESTS)


def test_templates_that_are_released_are_not_changed_any_more_under_the_same_version() -> None:
    version = releases.newest()
    archive = releases.home() / releases.ARCHIVES / f"{version}.zip"

    same = not archive.exists() or archive.read_bytes() == releases.packed(releases.in_work())

    assert same, f"raise the version in templates/release.yaml, or take the change back: {version} is released"


def test_an_archive_holds_what_was_packed(tmp_path: Path) -> None:
    tree = releases.in_work()
    (tmp_path / "x.zip").write_bytes(releases.packed(tree))

    assert releases._unpacked(tmp_path / "x.zip") == tree


def test_a_damaged_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"PK")

    with pytest.raises(TemplateError, match=r"x\.zip: File is not a zip file"):
        releases._unpacked(tmp_path / "x.zip")


@pytest.mark.parametrize("version", releases.versions())
def test_every_version_renders_every_kind_of_document(version: str) -> None:
    spec = spec_of(PLATFORM.replace("FLUX", "v2.9.4"), APPS)

    assert all(render(version, unit, inputs(spec, unit)).files or unit.kind == "app" for unit in all_units(spec))


# from 0.2.0 to 0.3.0, without lockdown
CHANGED = {"gitops.yaml", "stacks/flux/kustomization.yaml", ".scaffolder/platform/acme/base"}


@pytest.fixture
def fleet(repository: Make) -> Place:
    """A repository on the older release."""
    made = repository()
    made.run("update", "--to", OLD)
    made.git("add", "-A")
    made.git("commit", "-qm", "old")
    return made


def test_an_update_brings_new_files_moves_others_and_takes_the_rest_away(fleet: Place) -> None:
    before = fleet.files()

    ran = fleet.run("update")

    after = fleet.files()
    assert {path for path in after.keys() - before.keys() if not path.startswith(".scaffolder/")} == {
        ".editorconfig",
        "stacks/base/fleet.yaml",
    }
    assert {path for path in before.keys() - after.keys() if not path.startswith(".scaffolder/")} == {
        "stacks/README.md",
        "stacks/base/sources.yaml",
    }
    assert "timeout: 1m0s" in fleet.read("stacks/base/layers.yaml")
    assert f"the templates are updated from {OLD} to {NEW}" in ran.err
    assert "everything is in step" in fleet.run("check").err


def test_down_and_up_again_is_the_same_repository(fleet: Place) -> None:
    fleet.run("update")
    before = fleet.files()

    fleet.run("update", "--to", OLD)
    fleet.run("update", "--to", NEW)

    assert fleet.files() == before


@pytest.mark.parametrize(("first", "then"), [(OLD, NEW), (NEW, OLD)])
def test_people_s_edits_go_along_up_and_down(fleet: Place, first: str, then: str) -> None:
    fleet.run("update", "--to", first)
    moved = {OLD: "stacks/base/sources.yaml", NEW: "stacks/base/fleet.yaml"}
    fleet.write(moved[first], "# mine\n" + fleet.read(moved[first]))
    fleet.write("stacks/base/layers.yaml", fleet.read("stacks/base/layers.yaml") + "# mine too\n")

    fleet.run("update", "--to", then)

    assert fleet.read(moved[then]).startswith("# mine\n")
    assert moved[first] not in fleet.files()
    assert fleet.read("stacks/base/layers.yaml").endswith("# mine too\n")
    assert ("timeout: 1m0s" in fleet.read("stacks/base/layers.yaml")) is (then == NEW)


def test_an_edited_file_that_is_no_longer_there_is_told_and_stays(fleet: Place) -> None:
    fleet.write("stacks/README.md", "# Ours\n")

    ran = fleet.run("update", code=5)

    assert "✗ stacks/README.md: no longer generated, but you edited it" in ran.err
    assert fleet.read("stacks/README.md") == "# Ours\n"


def test_what_is_new_in_a_release_changes_what_is_asked_of_the_controllers_and_nothing_else(repository: Make) -> None:
    made = repository()
    made.run("update", "--to", "0.2.0")
    before = made.files()

    made.run("update", "--to", "0.3.0")

    assert {path for path, text in made.files().items() if text != before.get(path)} == CHANGED


def test_an_update_to_where_it_is_does_nothing(fleet: Place) -> None:
    before = fleet.files()

    ran = fleet.run("update", "--to", OLD)

    assert f"the templates are {OLD} already" in ran.err
    assert fleet.files() == before


def test_an_unknown_version_is_refused_with_those_that_there_are(fleet: Place) -> None:
    ran = fleet.run("update", "--to", "9.9.9", code=2)

    assert "✗ no templates `9.9.9`; allowed: 0.1.0, 0.2.0, 0.3.0, 0.4.0" in ran.err


def test_check_notes_that_there_are_newer_templates(fleet: Place) -> None:
    ran = fleet.run("check")

    assert f"◎ newer templates: {NEW}" in ran.err
