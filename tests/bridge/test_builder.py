from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder.bridge import builder
from scaffolder.bridge.builder import Builder, on_path
from scaffolder.errors import ScaffolderError
from tests.judges import tools


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Puts scripts on a PATH that has nothing else but a shell."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def add(name: str, script: str) -> Path:
        place = folder / name
        place.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        place.chmod(0o755)
        return place

    return add


def found() -> Builder:
    chosen = on_path()
    assert chosen is not None
    return chosen


def test_kustomize_comes_before_kubectl_and_nothing_is_none(program: Callable[[str, str], Path]) -> None:
    assert on_path() is None

    kubectl = program("kubectl", "")
    assert on_path() == Builder((str(kubectl), "kustomize"))

    kustomize = program("kustomize", "")
    assert on_path() == Builder((str(kustomize), "build"))


@pytest.mark.parametrize("name", ["a folder", "$HOME", "-x", "é"])
def test_what_is_built_is_the_programs_output_and_nothing_it_says_beside(
    program: Callable[[str, str], Path], tmp_path: Path, name: str
) -> None:
    program("kubectl", 'echo "# Warning: old" >&2; echo "$1:$2"')

    assert found().build(tmp_path / name) == f"kustomize:{tmp_path}/{name}\n"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("printf 'Error: no\\n  such file\\n' >&2; exit 1", r"^no such file$"),
        ("printf 'error: https://u:secret@x.io\\n' >&2; exit 1", r"^https://u:\*\*\*@x\.io$"),
        # kubectl, of a reason that has more than one line
        (
            "printf '%s\\n' 'E1121 1:2.3 7 run.go:72] \"command failed\" err=<' ' a -> b:' ' no >' ' >' >&2; exit 1",
            "^a -> b: no >$",
        ),
        ("printf '\\377\\n' >&2; exit 1", "^\ufffd$"),
        ("exit 3", r"/kustomize build ended with status 3$"),
        ("kill -9 $$", r"/kustomize build ended with status -9$"),
    ],
)
def test_a_failure_is_the_programs_own_words_on_one_line(
    program: Callable[[str, str], Path], tmp_path: Path, script: str, told: str
) -> None:
    program("kustomize", script)

    with pytest.raises(ScaffolderError, match=told):
        found().build(tmp_path)


def test_output_that_is_no_text_is_no_traceback(program: Callable[[str, str], Path], tmp_path: Path) -> None:
    program("kustomize", "printf 'a: \\377\\n'")

    assert found().build(tmp_path) == "a: \ufffd\n"


def test_a_program_that_cannot_be_run_is_told(program: Callable[[str, str], Path], tmp_path: Path) -> None:
    place = program("kustomize", "")
    place.write_bytes(b"\0not a program")

    with pytest.raises(ScaffolderError, match=r"/kustomize build cannot be run: exec format error$"):
        found().build(tmp_path)


def test_a_program_that_never_ends_is_ended(
    program: Callable[[str, str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builder, "PATIENCE", 0.2)
    program("kustomize", "exec /bin/sleep 60")

    with pytest.raises(ScaffolderError, match=r"took longer than 0\.2 s$"):
        found().build(tmp_path)


def test_the_real_kustomize_builds_a_folder(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources: [map.yaml]\nnamePrefix: x-\n", encoding="utf-8")
    (tmp_path / "map.yaml").write_text("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n", encoding="utf-8")

    built = Builder((str(tools.require("kustomize")), "build")).build(tmp_path)

    assert "name: x-a\n" in built
