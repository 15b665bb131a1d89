"""Whether every folder of a repository builds, as far as that can be told without a cluster."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.bridge.builder import Builder, on_path
from scaffolder.cli.work.session import count
from scaffolder.errors import ScaffolderError
from scaffolder.report import Finding

if TYPE_CHECKING:
    from scaffolder.apply import WorkTree
    from scaffolder.cli.console import Console

KUSTOMIZATIONS: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
COMPONENT: Final = re.compile(rb"^kind: *Component", re.MULTILINE)
RELEASE_URL: Final = b"- https://github.com/fluxcd/flux2/releases/download/"
OURS: Final = frozenset({".git", ".scaffolder", "gitops"})  # at the root, and nothing to build


def build_findings(tree: WorkTree, console: Console) -> Iterator[Finding]:
    """Builds every kustomization with the user's builder; says so where there is none."""
    builder = on_path()
    if builder is None:
        message = "neither kustomize nor kubectl is on the PATH: nothing was built"
        yield Finding(level="note", code="no-builder", message=message)
        return
    found = {file: text for file in sorted(_kustomizations(tree.root)) if not COMPONENT.search(text := _read(file))}
    console.step(f"building {count(len(found), 'folder')} with {Path(builder.words[0]).name}")
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(os.cpu_count()) as threads:
        by_url = [file for file, text in found.items() if RELEASE_URL in text]
        root = _without_urls(tree.root, by_url, Path(scratch, "tree")) if by_url else tree.root
        folders = [root / file.parent.relative_to(tree.root) for file in found]
        for file, error in zip(found, threads.map(lambda folder: _error(builder, folder), folders), strict=True):
            if error:
                path, message = file.relative_to(tree.root).as_posix(), error.replace(f"{root}/", "")
                yield Finding(level="error", code="build", message=message, path=path)


def _kustomizations(root: Path) -> Iterator[Path]:
    for at, names, files in os.walk(root):
        here = Path(at)
        names[:] = sorted(set(names) - _left_out(here, root))
        yield from (here / name for name in KUSTOMIZATIONS if name in files)


def _left_out(folder: Path, root: Path) -> frozenset[str]:
    return OURS if folder == root else frozenset({".git"})


def _read(file: Path) -> bytes:
    """The file; what cannot be read is the builder's to complain about."""
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _without_urls(root: Path, files: list[Path], copy: Path) -> Path:
    """A copy in which Flux is not fetched from its release: a check needs no network."""

    def ignored(folder: str, _: list[str]) -> frozenset[str]:
        return _left_out(Path(folder), root)

    with contextlib.suppress(shutil.Error):  # all that can be copied is; of the rest, the builder says what it lacks
        shutil.copytree(root, copy, ignore=ignored, symlinks=True, copy_function=shutil.copyfile)
    for file in files:
        kept = [line for line in _read(file).splitlines(keepends=True) if not line.startswith(RELEASE_URL)]
        (copy / file.relative_to(root)).write_bytes(b"".join(kept))
    return copy


def _error(builder: Builder, folder: Path) -> str:
    """Why a folder does not build, as Flux builds; empty where it does."""
    try:
        Builder((*builder.words, "--load-restrictor", "LoadRestrictionsNone")).build(folder)
    except ScaffolderError as error:
        return error.message
    return ""
