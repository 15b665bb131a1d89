"""Whether every folder of a repository builds, as far as that can be told without a cluster."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.bridge.builder import FREE, Builder, on_path
from scaffolder.bridge.kustomize import NAMES, Offline, build, gather
from scaffolder.cli.work.session import count
from scaffolder.errors import ScaffolderError, UsageError
from scaffolder.report import Finding

if TYPE_CHECKING:
    from scaffolder.apply import WorkTree
    from scaffolder.cli.console import Console
    from scaffolder.tree import Source

COMPONENT: Final = re.compile(rb"^kind: *Component", re.MULTILINE)
OURS: Final = frozenset({".git", ".scaffolder", "gitops"})  # at the root, and nothing to build


def build_findings(tree: WorkTree, console: Console, *, needed: bool) -> Iterator[Finding]:
    """Builds every kustomization with the user's builder; says so where there is none.

    Raises:
        UsageError: there is none, and it is needed.
    """
    builder = on_path()
    if builder is None:
        message = "neither kustomize nor kubectl is on the PATH: nothing was built"
        if needed:
            raise UsageError(message)
        yield Finding(level="note", code="no-builder", message=message)
        return
    source = Offline(tree)
    found = [path for path in sorted(_kustomizations(tree.root)) if not COMPONENT.search(_text(source, path))]
    console.step(f"building {count(len(found), 'folder')} with {Path(builder.words[0]).name}")
    free = Builder((*builder.words, *FREE))
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for path, error in zip(found, threads.map(partial(_error, free, source), found), strict=True):
            if error:
                yield Finding(level="error", code="build", message=error, path=path)


def _kustomizations(root: Path) -> Iterator[str]:
    for at, names, files in os.walk(root):
        here = Path(at)
        names[:] = sorted(set(names) - (OURS if here == root else {".git"}))
        yield from ((here / name).relative_to(root).as_posix() for name in NAMES if name in files)


def _text(source: Source, path: str) -> bytes:
    """The file; what cannot be read is the builder's to complain about."""
    try:
        file = source.read(path)
    except ScaffolderError:
        return b""
    return file.content if file else b""


def _error(builder: Builder, source: Source, path: str) -> str:
    """Why a kustomization does not build, as Flux builds; empty where it does."""
    folder = path.rpartition("/")[0]
    try:
        build(builder, gather(source, folder), folder)
    except ScaffolderError as error:
        return error.message
    return ""
