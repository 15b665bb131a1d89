"""What GitHub has really answered: the exchanges that PyGithub's own tests were recorded from, out of its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.toolbox import pypi

if TYPE_CHECKING:
    from pathlib import Path

    from tests.toolbox.workshop import Workshop

VERSION = "2.10.0"


def build(shop: Workshop, folder: Path) -> None:
    """`recordings/`: a file for each of their tests."""
    place = folder / "recordings"
    place.mkdir()
    for path, content in pypi.source(shop, "pygithub", VERSION, "tests/ReplayData"):
        (place / path.rpartition("/")[2]).write_bytes(content)
