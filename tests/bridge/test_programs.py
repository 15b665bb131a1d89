from __future__ import annotations

from pathlib import Path

import pytest

from scaffolder.bridge.programs import Program, version


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("echo 'Client Version: v1.36.3'; echo 'Kustomize Version: v5.8.1'", "v1.36.3"),
        ("echo 'flux: v2.9.4'", "v2.9.4"),
        ("echo 'sops 3.11.0 (latest)'", "3.11.0"),
        ("echo hello", ""),
        ("echo v1.2.3; exit 1", ""),
    ],
)
def test_a_program_says_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, found: str) -> None:
    program = tmp_path / "tool"
    program.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert version(Program(("tool", "version"), "nothing")) == found


def test_one_that_is_not_there_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert version(Program(("tool", "version"), "nothing")) is None
