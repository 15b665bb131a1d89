"""Whether every folder of a repository builds, as far as that can be told without a cluster."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.bridge.builder import Builder, on_path
from scaffolder.errors import ScaffolderError
from scaffolder.report import Finding

if TYPE_CHECKING:
    from scaffolder.apply import WorkTree
    from scaffolder.cli.console import Console
    from scaffolder.spec.load import Spec

KUSTOMIZATION: Final = "kustomization.yaml"
RELEASE_URL: Final = "- https://github.com/fluxcd/flux2/releases/download/"
LEFT_OUT: Final = frozenset({".git", ".scaffolder", "gitops"})


def build_findings(tree: WorkTree, spec: Spec, console: Console) -> Iterator[Finding]:
    """Builds every kustomization with the user's builder; says so where there is none."""
    builder = on_path()
    if builder is None:
        message = "neither kustomize nor kubectl is on the PATH: nothing was built"
        yield Finding(level="note", code="no-builder", message=message)
        return
    folders = sorted(_folders(tree))
    console.step(f"building {len(folders)} folders")
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(os.cpu_count()) as threads:
        root = _without_urls(tree, folders, Path(scratch)) if _has_urls(tree, folders) else tree.root
        for folder, error in zip(folders, threads.map(lambda at: _error(builder, root / at), folders), strict=True):
            if error:
                path = f"{folder}/{KUSTOMIZATION}".lstrip("/")
                yield Finding(level="error", code="build", message=error.replace(f"{root}/", ""), path=path)
    del spec


def _folders(tree: WorkTree) -> Iterator[str]:
    """Every folder with a kustomization that stands for itself."""
    for at, names, files in os.walk(tree.root):
        names[:] = sorted(name for name in names if name not in LEFT_OUT)
        if KUSTOMIZATION in files and not _is_component(Path(at, KUSTOMIZATION)):
            folder = Path(at).relative_to(tree.root).as_posix()
            yield "" if folder == "." else folder


def _is_component(file: Path) -> bool:
    try:
        return "\nkind: Component" in file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def _has_urls(tree: WorkTree, folders: list[str]) -> bool:
    return any(RELEASE_URL in (tree.root / at / KUSTOMIZATION).read_text(encoding="utf-8") for at in folders)


def _without_urls(tree: WorkTree, folders: list[str], scratch: Path) -> Path:
    """A copy in which Flux is not fetched from its release: a check needs no network."""
    root = scratch / "tree"
    shutil.copytree(tree.root, root, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True)
    for at in folders:
        file = root / at / KUSTOMIZATION
        text = file.read_text(encoding="utf-8")
        if RELEASE_URL in text:
            kept = [line for line in text.splitlines(keepends=True) if not line.startswith(RELEASE_URL)]
            file.write_text("".join(kept), encoding="utf-8")
    return root


def _error(builder: Builder, folder: Path) -> str:
    try:
        builder.build(folder)
    except ScaffolderError as error:
        return error.message
    return ""
