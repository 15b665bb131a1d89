"""The tests that python-gitlab's authors run against a real GitLab, out of its source. They are LGPL: not for here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.toolbox import pypi

if TYPE_CHECKING:
    from pathlib import Path

    from tests.toolbox.workshop import Workshop

VERSION = "8.6.0"


def build(shop: Workshop, folder: Path) -> None:
    """`functional/tests/`: their package of that name, as its tests import it."""
    for path, content in pypi.source(shop, "python-gitlab", VERSION, "tests"):
        file = folder / "functional" / "tests" / path
        if not path.startswith("unit/"):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
