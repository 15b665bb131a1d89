"""What GitHub has really answered: the exchanges that PyGithub's own tests were recorded from, out of its source."""

from __future__ import annotations

import sys
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.toolbox.workshop import Workshop

VERSION = "2.10.0"
INSIDE = "/tests/ReplayData/"


def build(shop: Workshop, folder: Path) -> None:
    """`recordings/`: a file for each of their tests."""
    words = ("download", "--quiet", "--no-deps", "--no-binary=pygithub", f"--dest={shop.scratch}")
    shop.run(sys.executable, "-m", "pip", *words, f"pygithub=={VERSION}")
    place = folder / "recordings"
    place.mkdir()
    with tarfile.open(shop.scratch / f"pygithub-{VERSION}.tar.gz") as archive:
        for entry in archive:
            if INSIDE in entry.name and (file := archive.extractfile(entry)):
                (place / entry.name.rpartition("/")[2]).write_bytes(file.read())
