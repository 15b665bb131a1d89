"""Argo CD: one program for all its components, and the objects that an installation begins with.

`go install` cannot build it: its module replaces a part of itself by a folder that the module does not hold.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.toolbox.workshop import Workshop

VERSION = "3.5.1"
MODULE = "github.com/argoproj/argo-cd"

# That part, at the nearest commit that the module proxy serves; the one of the release is refused.
ENGINE = f"{MODULE}/gitops-engine@v0.0.0-20260914071520-c9c369efcc5b"

# The repo server runs this script of its image for every manifest that it makes.
VERIFY = "git-verify-wrapper.sh"


def build(shop: Workshop, folder: Path) -> None:
    """`argocd`, `git-verify-wrapper.sh`, and kustomize's folders `crds/` and `config/`."""
    source = shop.copy(f"{MODULE}/v3@v{VERSION}")
    shop.run("go", "mod", "edit", f"-replace={ENGINE.partition('@')[0]}={ENGINE}", at=source)
    flags = f"-ldflags=-s -w -X {MODULE}/v3/common.version={VERSION}"
    shop.run("go", "build", "-mod=mod", flags, "-o", folder / "argocd", "./cmd", at=source)
    shutil.copytree(source / "manifests/crds", folder / "crds")
    shutil.copytree(source / "manifests/base/config", folder / "config")
    shutil.copyfile(source / "hack" / VERIFY, folder / VERIFY)
    (folder / VERIFY).chmod(0o755)
