"""The flux CLI, and the manifests that it carries.

`go install` cannot build it: the CLI embeds its controllers' manifests, which only its own release build makes. The
same bytes come out of kustomize over the modules of the controllers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.toolbox.workshop import Workshop

VERSION = "2.9.4"

# Its module has no entry in Go's checksum database. It is in no default installation.
LEFT_OUT = "source-watcher"


def build(shop: Workshop, folder: Path) -> None:
    """`flux` and `manifests/<controller>.yaml`."""
    source = shop.copy(f"github.com/fluxcd/flux2/v2@v{VERSION}")
    embedded = source / "cmd/flux/manifests"
    embedded.mkdir()
    for base in sorted((source / "manifests/bases").iterdir()):
        if base.name != LEFT_OUT:
            fetch_controller(shop, base)
            kustomize(shop, base, embedded / f"{base.name}.yaml")
    for part in ("rbac", "policies"):
        kustomize(shop, source / "manifests" / part, embedded / f"{part}.yaml")
    flags = f"-ldflags=-s -w -X main.VERSION={VERSION}"
    shop.run("go", "build", flags, "-o", folder / "flux", "./cmd/flux", at=source)
    embedded.rename(folder / "manifests")


def fetch_controller(shop: Workshop, base: Path) -> None:
    """Put the two files that the base would download beside it, made from the controller's module."""
    listing = base / "kustomization.yaml"
    text = listing.read_text()
    release = re.compile(rf"https://github\.com/fluxcd/{base.name}/releases/download/(v[^/]+)/")
    found = release.search(text)
    if not found:
        raise RuntimeError(f"{listing}: no release of {base.name} in it")
    module = shop.module(f"github.com/fluxcd/{base.name}@{found[1]}")
    kustomize(shop, module / "config/crd", base / f"{base.name}.crds.yaml")
    kustomize(shop, module / "config/manager", base / f"{base.name}.deployment.yaml")
    listing.write_text(release.sub("", text))


def kustomize(shop: Workshop, folder: Path, target: Path) -> None:
    target.write_text(shop.run(shop.program("kustomize"), "build", folder))
