"""Data that is too large for the repository, in a folder `shared` beside it or where $SCAFFOLDER_SHARED says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.judges.tools import require
from tests.toolbox.programs import PROGRAMS


def _place(*parts: str) -> Path:
    root = Path(os.environ.get("SCAFFOLDER_SHARED") or Path(__file__).parents[3] / "shared")
    return root.joinpath(*parts)


def shared(*parts: str) -> Path:
    """A file or folder of the shared data; where it is missing, the test is skipped."""
    path = _place(*parts)
    if not path.exists():
        pytest.skip(f"there is no {path}: set SCAFFOLDER_SHARED to the folder with the shared data")
    return path


def flux_manifests(version: str) -> dict[str, str]:
    """The unpacked manifests.tar.gz of a Flux release: name to text."""
    return texts(shared("flux-manifests", version))


def flux_release(version: str) -> Path:
    """The folder with a release's manifests; without the shared data that of the built flux CLI.

    The CLI's are the same bytes, but it carries none of source-watcher, which is in no default installation.
    """
    if not _place("flux-manifests", version).exists() and version == f"v{PROGRAMS['flux'].version}":
        return require("flux").parent / "manifests"
    return shared("flux-manifests", version)


def texts(folder: Path) -> dict[str, str]:
    """The manifests in a folder: name to text."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
