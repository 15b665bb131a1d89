from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.support import flux_release


@pytest.fixture
def flux(tmp_path: Path) -> str:
    """A folder for `--manifests`."""
    return str(flux_release(tmp_path / "flux"))


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of the programs under test, and of nobody else."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder
