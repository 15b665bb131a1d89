"""Data that is too large for the repository, in a folder `shared` beside it or where $SCAFFOLDER_SHARED says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def shared(*parts: str) -> Path:
    """A file or folder of the shared data; where it is missing, the test is skipped."""
    root = Path(os.environ.get("SCAFFOLDER_SHARED") or Path(__file__).parents[3] / "shared")
    path = root.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"there is no {path}: set SCAFFOLDER_SHARED to the folder with the shared data")
    return path


def flux_manifests(version: str) -> dict[str, str]:
    """The unpacked manifests.tar.gz of a Flux release: name to text."""
    return {path.name: path.read_text(encoding="utf-8") for path in shared("flux-manifests", version).iterdir()}
