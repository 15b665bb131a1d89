"""Which folders of a repository are built, and what Flux makes of one that has no kustomization.yaml."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import yaml

from tests.judges.objects import mapping, sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")

# Copies of folders that a build needs for itself; see build.py.
SCRATCH = ".being-built-"


def kustomization(folder: Path) -> Path | None:
    """The folder's kustomization.yaml, if it has one."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


def load(file: Path) -> dict[str, Any]:
    try:
        return mapping(yaml.safe_load(file.read_text()))
    except yaml.YAMLError:  # kustomize will say so
        return {}


def normal(path: str) -> str:
    """`./apps/dev/`, `apps/dev` and `apps/base/../dev` are one folder; the root is `.`."""
    return os.path.normpath(PurePosixPath("/") / path).lstrip("/") or "."


def is_component(file: Path) -> bool:
    """Whether it can be built only as a part of another folder."""
    return load(file).get("kind") == "Component"


def folders(root: Path) -> list[str]:
    """Every folder with a kustomization.yaml."""
    found = {file.parent for name in NAMES for file in root.rglob(name) if file.is_file()}
    return sorted(folder.relative_to(root).as_posix() for folder in found)


@dataclass(frozen=True)
class Listing:
    """What Flux takes from a folder without kustomization.yaml; a stray file stops it altogether."""

    resources: tuple[str, ...]
    strays: tuple[tuple[str, str], ...]


def listing(folder: Path) -> Listing:
    taken = {path.relative_to(folder).as_posix(): path for path in walk(folder)}
    strays = [(name, why) for name, path in taken.items() if path.is_file() and (why := objection(path.read_text()))]
    return Listing(tuple(taken), tuple(strays))


def walk(folder: Path) -> Iterator[Path]:
    """Sub-folders that have a kustomization.yaml, as a whole, and the YAML files of the others. JSON is not read."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(SCRATCH):
            continue
        if kustomization(path) or path.suffix in (".yaml", ".yml"):
            yield path
        elif path.is_dir():
            yield from walk(path)


def objection(text: str) -> str:
    """Why Flux would not take these documents for Kubernetes objects; empty if it would."""
    try:
        documents = list(yaml.load_all(text, Loader=yaml.CBaseLoader))
    except yaml.YAMLError as error:
        return f"no YAML: {' '.join(str(error).split())}"
    return next((why for document in documents if document and (why := missing(document))), "")


def missing(document: Any) -> str:
    if not isinstance(document, dict):
        return "no Kubernetes object"
    absent = [field for field in ("apiVersion", "kind") if not document.get(field)]
    if not mapping(document.get("metadata")).get("name") and not str(document.get("kind", "")).endswith("List"):
        absent.append("metadata.name")
    return f"no Kubernetes object: {', '.join(absent)} missing" if absent else ""


def references(root: Path, folder: str) -> Iterator[str]:
    """The folders that this one builds upon."""
    file = kustomization(root / folder)
    if file:
        content = load(file)
        named = [entry for field in ("resources", "components", "bases") for entry in sequence(content.get(field))]
    else:
        named = [path.relative_to(root / folder).as_posix() for path in walk(root / folder)]
    for entry in named:
        path = normal(f"{folder}/{entry}")
        if (root / path).is_dir():
            yield path


def closure(root: Path, start: Iterable[str]) -> set[str]:
    """These folders and all that they build upon."""
    reached: set[str] = set()
    pending = list(start)
    while pending:
        folder = pending.pop()
        if folder not in reached:
            reached.add(folder)
            pending.extend(references(root, folder))
    return reached
