from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.toolbox import build, programs
from tests.toolbox.programs import Program

if TYPE_CHECKING:
    from pathlib import Path

    from tests.toolbox.workshop import Workshop


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if not shutil.which("go"):
        pytest.skip("no go")
    monkeypatch.setenv("SCAFFOLDER_TOOLS", str(tmp_path))
    monkeypatch.setattr(build, "PROGRAMS", {"good": Program("good", "1", good), "bad": Program("bad", "2", bad)})
    return tmp_path


def good(shop: Workshop, folder: Path) -> None:
    (folder / "good").write_text(shop.run("go", "env", "GOTOOLCHAIN"))


def bad(shop: Workshop, folder: Path) -> None:
    (folder / "bad").write_text(shop.program("good").read_text())
    shop.run("go", "no-such-command")


def test_a_program_is_built_once(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        with build.workshop() as shop:
            shop.program("good")
    assert (home / "good-1/good").read_text() == "local\n"
    assert [line.partition(",")[0] for line in capsys.readouterr().out.splitlines()] == [
        "good 1: built",
        "good 1: there already",
    ]


def test_a_build_that_fails_leaves_only_what_was_finished(home: Path) -> None:
    with pytest.raises(RuntimeError, match="no-such-command"), build.workshop() as shop:
        shop.program("bad")
    assert [path.name for path in home.iterdir()] == ["good-1"]


def test_what_a_killed_build_left_is_deleted_by_the_next(home: Path) -> None:
    (home / ".scratch/modules").mkdir(parents=True)
    with build.workshop() as shop:
        assert list(shop.scratch.iterdir()) == []
    assert list(home.iterdir()) == []


def test_nothing_is_built_without_the_checksum_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOSUMDB", "off")
    with pytest.raises(RuntimeError, match="checksum database"), build.workshop() as shop:
        shop.program("good")


def test_caches_that_the_user_has_are_used(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("GOCACHE", "/elsewhere")
    monkeypatch.delenv("GOMODCACHE", raising=False)
    with build.workshop() as shop:
        assert shop.environment["GOCACHE"] == "/elsewhere"
        assert shop.environment["GOMODCACHE"] == str(home / ".scratch/modules")


def test_every_program_has_the_name_that_it_is_asked_for() -> None:
    assert all(name == program.name for name, program in programs.PROGRAMS.items())
