from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.judges import tools

if TYPE_CHECKING:
    from pathlib import Path


def test_a_program_that_is_missing_skips_a_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCAFFOLDER_TOOLS", str(tmp_path))
    monkeypatch.delenv("SCAFFOLDER_CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"python -m tests\.toolbox\.build kustomize"):
        tools.require("kustomize")


def test_a_program_that_is_missing_fails_on_ci(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCAFFOLDER_TOOLS", str(tmp_path))
    monkeypatch.setenv("SCAFFOLDER_CI", "1")
    with pytest.raises(pytest.fail.Exception, match="no kustomize"):
        tools.require("kustomize")
