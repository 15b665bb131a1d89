"""Examples as they must come out: documents rendered, without locks, large vendored files as their digest."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from scaffolder import plan
from scaffolder.apply import WorkTree
from scaffolder.cli.work.session import checked
from scaffolder.flux.components import Install, render
from scaffolder.tree import Memory
from tests.support.shared import flux_release, texts

ROOT = Path(__file__).parent.parent.parent / "examples"
EXAMPLES = sorted(folder.name for folder in ROOT.iterdir() if (folder / "gitops.yaml").is_file())
STAND_IN = "# Flux's manifests are not at hand\n"


def documents(name: str) -> Memory:
    """An example's documents, as files of an empty repository."""
    folder = WorkTree(ROOT / name, ROOT / name / ".git")
    paths = [p.relative_to(ROOT / name).as_posix() for p in (ROOT / name).rglob("*.yaml") if "tree" not in p.parts]
    return Memory({path: folder.read(path) for path in paths})


def components(install: Install) -> str:
    """Flux's components where its manifests are at hand, else a stand-in."""
    try:
        return render(install, texts(flux_release(install.version)))
    except pytest.skip.Exception:
        return STAND_IN


def rendered(name: str) -> dict[str, bytes]:
    """What an example's documents become: path to content; of gotk-components.yaml the digest, under another name."""
    source = documents(name)
    todo = plan.make(checked(source), source, plan.Tools(_no_merge, components))
    files = {path: change.after.content for path, change in todo.files.items() if change.after}
    for path in [path for path in files if path.endswith("/gotk-components.yaml")]:
        content = files.pop(path)
        known = content != STAND_IN.encode()
        files[f"{path}.sha256"] = f"{hashlib.sha256(content).hexdigest()}\n".encode() if known else b""
    return files


def _no_merge(ours: str, base: str, theirs: str) -> tuple[str, bool]:
    raise AssertionError((ours, base, theirs))


def golden(name: str) -> dict[str, bytes]:
    folder = ROOT / name / "tree"
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
