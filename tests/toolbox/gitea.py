"""Gitea: a forge on one machine, with the files that it reads when it starts.

`go install` cannot build it: its module replaces parts of itself.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.toolbox.workshop import Workshop

# The newest that the module proxy serves with all that it requires: from 1.27 on it has another name.
VERSION = "1.26.4"
MODULE = "code.gitea.io/gitea"
FILES = ("templates", "options")  # of these it makes mails, licences and labels; the pages of its web need more


def build(shop: Workshop, folder: Path) -> None:
    """`gitea`, `templates/` and `options/`: the folder is what Gitea calls its static root."""
    source = shop.copy(f"{MODULE}@v{VERSION}")
    words = ["-tags=sqlite sqlite_unlock_notify", f"-ldflags=-s -w -X main.Version={VERSION}"]
    # its sqlite is written in C
    shop.run("env", "CGO_ENABLED=1", "go", "build", *words, "-o", folder / "gitea", ".", at=source)
    for name in FILES:
        shutil.copytree(source / name, folder / name)
