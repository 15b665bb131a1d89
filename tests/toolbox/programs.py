"""The real programs that tests run, each of one exact version, and where they are kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.toolbox import argocd, cluster, flux, functional, gitea, multigitter, recordings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.toolbox.workshop import Workshop


def home() -> Path:
    """Outside any work tree, so that a new clone finds what an earlier one built."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("SCAFFOLDER_TOOLS") or Path(cache) / "scaffolder-tools")


@dataclass(frozen=True)
class Program:
    """`build` fills the folder that it is given; the program itself is called `name`."""

    name: str
    version: str
    build: Callable[[Workshop, Path], None]

    @property
    def folder(self) -> Path:
        return home() / f"{self.name}-{self.version}"

    @property
    def path(self) -> Path:
        return self.folder / self.name


def installed(name: str, version: str, package: str) -> Program:
    """A program that `go install` makes."""
    return Program(name, version, lambda shop, folder: shop.install(f"{package}@v{version}", folder))


PROGRAMS = {
    program.name: program
    for program in (
        installed("kustomize", "5.8.1", "sigs.k8s.io/kustomize/kustomize/v5"),
        installed("kubeconform", "0.8.0", "github.com/yannh/kubeconform/cmd/kubeconform"),
        installed("actionlint", "1.7.12", "github.com/rhysd/actionlint/cmd/actionlint"),
        Program("recordings", recordings.VERSION, recordings.build),
        Program("functional", functional.VERSION, functional.build),
        Program("flux", flux.VERSION, flux.build),
        installed("age-keygen", "1.2.1", "filippo.io/age/cmd/age-keygen"),
        *(Program(*recipe) for recipe in cluster.recipes()),
        installed("sops", "3.13.3", "github.com/getsops/sops/v3/cmd/sops"),
        Program("multi-gitter", multigitter.VERSION, multigitter.build),
        # these take longest: what is needed sooner comes first
        Program("argocd", argocd.VERSION, argocd.build),
        Program("gitea", gitea.VERSION, gitea.build),
    )
}
