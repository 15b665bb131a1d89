from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder.git import Repo, init
from tests.support.place import Place


@pytest.fixture
def repo(place: Place) -> Repo:
    """An empty repository on the branch main, in the place."""
    made = Repo(place.root / ".git", place.root)
    init(made, "main")
    return made


@pytest.fixture
def settings() -> Callable[[str], None]:
    """Adds to the user's own git configuration."""
    file = Path(os.environ["HOME"], ".gitconfig")

    def add(text: str) -> None:
        file.write_text(file.read_text(encoding="utf-8") + text + "\n", encoding="utf-8")

    return add


@pytest.fixture
def hooks(tmp_path: Path, settings: Callable[[str], None]) -> Path:
    """A folder of hooks that are the user's for every repository; each leaves a trace and refuses."""
    folder = tmp_path / "hooks"
    folder.mkdir()
    names = ("pre-commit", "commit-msg", "pre-push", "post-checkout", "post-index-change", "reference-transaction")
    for name in (*names, "pre-receive", "update", "post-receive", "post-update", "push-to-checkout"):
        (folder / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/{name}.ran\nexit 1\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    settings(f"[core]\n\thooksPath = {folder}")
    return folder
