"""The programs that judge. They are looked for here, and built by `python -m tests.toolbox.build`."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.toolbox.programs import PROGRAMS

if TYPE_CHECKING:
    from pathlib import Path


def require(name: str) -> Path:
    """The program's path; without it the test is skipped, but on CI it fails, so that skipping is never green."""
    program = PROGRAMS[name]
    if program.path.exists():
        return program.path
    reason = f"no {name} {program.version}: python -m tests.toolbox.build {name}"
    if os.environ.get("SCAFFOLDER_CI") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def flux_manifests(version: str) -> Path | None:
    """The manifests that the built flux CLI carries, if it is of this version."""
    program = PROGRAMS["flux"]
    folder = program.folder / "manifests"
    return folder if program.version == version.removeprefix("v") and folder.is_dir() else None


def run(program: Path, *arguments: str | Path, at: Path) -> subprocess.CompletedProcess[str]:
    """Without the user's environment: no proxy, no plugins, no settings of theirs."""
    return subprocess.run(
        [program, *arguments],
        cwd=at,
        env={"PATH": os.defpath, "HOME": str(at), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
