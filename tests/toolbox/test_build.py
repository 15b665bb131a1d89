from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.toolbox import build
from tests.toolbox.programs import PROGRAMS, Program

if TYPE_CHECKING:
    from tests.toolbox.workshop import Workshop


ROOT = Path(__file__).parents[2]


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


def full(_shop: Workshop, folder: Path) -> None:
    (folder / "full").symlink_to("/dev/full")
    (folder / "full").write_text("more than there is room for")


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
    assert all(name == program.name for name, program in PROGRAMS.items())


def test_nobody_waits_for_what_takes_longest() -> None:
    assert list(PROGRAMS)[-2:] == ["argocd", "gitea"]


def test_without_a_network_it_is_said_which_program_could_not_be_built(home: Path) -> None:
    environment = {**os.environ, "SCAFFOLDER_TOOLS": str(home), "GOPROXY": "off"}
    environment.pop("GOMODCACHE", None)  # it might have all that is needed

    done = command("gitssh", environment=environment)

    assert done.returncode == 1
    assert done.stderr.startswith(f"gitssh {PROGRAMS['gitssh'].version} could not be built: go build")
    assert "module lookup disabled by GOPROXY=off" in done.stderr
    assert [path.name for path in home.iterdir()] == [".lock"]


def test_a_disk_that_is_full_leaves_no_program(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "PROGRAMS", {"full": Program("full", "3", full)})

    with pytest.raises(RuntimeError, match=r"full 3 could not be built: .*No space left"), build.workshop() as shop:
        shop.program("full")

    assert list(home.iterdir()) == []


def test_a_program_that_there_is_not_is_refused(home: Path) -> None:
    done = command("gitsch", environment={**os.environ, "SCAFFOLDER_TOOLS": str(home)})

    assert done.returncode == 1
    assert done.stderr.startswith("no such program: gitsch; there are kustomize, ")
    assert list(home.iterdir()) == []


def command(name: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "tests.toolbox.build", name]
    return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
