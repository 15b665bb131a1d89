"""An older Flux for the test bed: with SCAFFOLDER_TESTBED_FLUX=2.7 these controllers take the place of the newest.

They are those of Flux 2.7.3, which is the newest 2.7 of which the module proxy serves these three. Of 2.7 it refuses
("403 Forbidden: This module version is not available") every notification-controller from v1.7.0 to v1.7.5, both image
controllers v1.0.3 and v1.0.4, source-controller v1.7.4 and helm-controller v1.4.4 and v1.4.5.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.toolbox.cluster import Recipe
    from tests.toolbox.workshop import Workshop

OPTION = "SCAFFOLDER_TESTBED_FLUX"
VERSION = "2.7"
CONTROLLERS = {"source-controller": "1.7.3", "kustomize-controller": "1.7.2", "helm-controller": "1.4.3"}


def wanted() -> bool:
    """Whether the older Flux was asked for; an error for a version that there is not."""
    value = os.environ.get(OPTION, "")
    if value not in {"", VERSION}:
        raise SystemExit(f"{OPTION}={value}: there is only {VERSION}, and without it the newest")
    return value == VERSION


def recipes() -> Iterator[Recipe]:
    for name, version in CONTROLLERS.items():
        yield name, version, functools.partial(build, f"github.com/fluxcd/{name}", version)


def build(module: str, version: str, shop: Workshop, folder: Path) -> None:
    """The controller, and its custom resources in `crds.yaml`."""
    source = shop.copy(f"{module}@v{version}")
    shop.run("go", "mod", "edit", f"-dropreplace={module}/api", at=source)  # by a folder that the module does not hold
    program = folder / module.rpartition("/")[2]
    shop.run("go", "build", "-mod=mod", "-ldflags=-s -w", "-o", program, ".", at=source)
    definitions = [path.read_text() for path in sorted((source / "config/crd/bases").glob("*.yaml"))]
    (folder / "crds.yaml").write_text("---\n".join(definitions))
