from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scaffolder import git
from scaffolder.errors import ForgeError, UsageError
from scaffolder.forge.base import Action, Repository
from scaffolder.forge.local import LocalForge, default_root

FLEET = Repository("acme/platform", "fleet", description="Clusters of acme")


@pytest.fixture
def forge(tmp_path: Path) -> LocalForge:
    return LocalForge(tmp_path / "forge")


def place(forge: LocalForge) -> Path:
    return forge.root / "acme" / "platform" / "fleet.git"


def test_a_repository_is_a_bare_one_in_its_owners_folder(forge: LocalForge) -> None:
    hosted = forge.ensure_repository(FLEET).value

    assert hosted.git_url == str(place(forge))
    assert hosted.sync_url is None
    assert git.run(git.Repo(place(forge)), "rev-parse", "--is-bare-repository").out == "true\n"
    assert (place(forge) / "description").read_text() == "Clusters of acme\n"


@pytest.mark.parametrize(("visibility", "mode"), [("private", 0o700), ("internal", 0o750), ("public", 0o755)])
def test_who_may_see_it_is_the_mode_of_its_folder(forge: LocalForge, visibility: str, mode: int) -> None:
    forge.ensure_repository(replace(FLEET, visibility=visibility))

    assert stat.S_IMODE(place(forge).stat().st_mode) == mode


def test_a_mode_that_somebody_changed_is_what_is_told(forge: LocalForge) -> None:
    forge.ensure_repository(FLEET)
    place(forge).chmod(0o755)

    again = forge.ensure_repository(FLEET)

    assert again.action is Action.UNCHANGED
    assert again.value.visibility == "public"


def test_a_run_that_was_killed_is_made_good_by_the_next(forge: LocalForge) -> None:
    half = place(forge).with_name(".fleet.git.new")
    git.init(git.Repo(half), "other")
    (half / "description").unlink(missing_ok=True)

    assert forge.find_repository("acme/platform", "fleet") is None
    made = forge.ensure_repository(FLEET)

    assert made.action is Action.CREATED
    assert not half.exists()
    assert (place(forge) / "HEAD").read_text() == "ref: refs/heads/main\n"


@pytest.mark.parametrize("something", ["a file", "a folder", "a work tree"])
def test_something_else_in_its_place_is_named_and_left_alone(forge: LocalForge, something: str) -> None:
    place(forge).parent.mkdir(parents=True)
    if something == "a file":
        place(forge).write_text("mine")
    elif something == "a folder":
        (place(forge) / "inner").mkdir(parents=True)
    else:
        git.run(None, "init", "--quiet", str(place(forge)))
    before = sorted(place(forge).rglob("*"))

    with pytest.raises(ForgeError, match=r"fleet\.git is not a bare git repository$"):
        forge.ensure_repository(FLEET)

    assert sorted(place(forge).rglob("*")) == before


def test_an_owner_that_is_a_file_cannot_be_made(forge: LocalForge) -> None:
    forge.root.mkdir()
    (forge.root / "acme").write_text("mine")

    assert forge.find_repository("acme/platform", "fleet") is None
    with pytest.raises(ForgeError, match=r"fleet\.git cannot be created: not a directory$"):
        forge.ensure_repository(FLEET)


def test_no_owner_lies_inside_a_repository(forge: LocalForge) -> None:
    forge.ensure_repository(FLEET)

    with pytest.raises(UsageError, match="it would lie in a repository"):
        forge.ensure_repository(Repository("acme/platform/fleet.git", "inner"))


@pytest.fixture
def foreign() -> Iterator[Path]:
    """A folder that we may neither read nor write; root may do everything, so it becomes somebody else."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "closed")
        folder.mkdir(mode=0)
        Path(name).chmod(0o755)
        if os.geteuid() == 0:
            os.seteuid(65534)
        yield folder
        if os.getuid() == 0:
            os.seteuid(0)
        folder.chmod(0o700)


@pytest.mark.parametrize("inner", ["", "forge"])
def test_a_root_that_is_closed_to_us_is_one_line(foreign: Path, inner: str) -> None:
    forge = LocalForge(foreign / inner)

    for attempt in (lambda: forge.find_repository("acme", "fleet"), lambda: forge.ensure_repository(FLEET)):
        with pytest.raises(ForgeError, match=r"fleet\.git cannot be read: permission denied$") as error:
            attempt()
        assert error.value.hint == "choose another --root"


def test_a_root_that_cannot_be_written_to_is_one_line(foreign: Path) -> None:
    forge = LocalForge(foreign.parent / "forge")

    with pytest.raises(ForgeError, match=r"fleet\.git cannot be created: permission denied$"):
        forge.ensure_repository(FLEET)


def test_it_lives_with_the_users_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert default_root() == Path.home() / ".local" / "share" / "scaffolder" / "forge"

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    assert default_root() == tmp_path / "scaffolder" / "forge"
