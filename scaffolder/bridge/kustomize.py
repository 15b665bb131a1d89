"""Folders of a repository, built as Flux builds them, from nothing but the files that they are made of."""

from __future__ import annotations

import hashlib
import json
import posixpath
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from scaffolder.errors import ScaffolderError
from scaffolder.paths import reason_against

if TYPE_CHECKING:
    from scaffolder.bridge.builder import Builder
    from scaffolder.tree import File, Source

NAMES: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
RELEASE_URL: Final = b"- https://github.com/fluxcd/flux2/releases/download/"
HEADER: Final = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}

# fields of a Flux Kustomization that it writes into the folder's kustomization.yaml, and their names there
SET: Final = {"targetNamespace": "namespace", "namePrefix": "namePrefix", "nameSuffix": "nameSuffix"}
APPENDED: Final = ("patches", "components", "images")


@dataclass(frozen=True)
class Offline:
    """Files in which Flux is not fetched from its release: to look at a repository needs no network."""

    source: Source

    def read(self, path: str) -> File | None:
        file = self.source.read(path)
        if file is None or RELEASE_URL not in file.content:
            return file
        kept = [line for line in file.content.splitlines(keepends=True) if not line.startswith(RELEASE_URL)]
        return replace(file, content=b"".join(kept))

    def names(self, folder: str) -> list[str]:
        return self.source.names(folder)


def changes_of(spec: Mapping[str, Any]) -> str:
    """What a Flux Kustomization's `spec` changes in the kustomization.yaml of its folder, as JSON."""
    return json.dumps({name: spec[name] for name in (*SET, *APPENDED) if spec.get(name)}, sort_keys=True, default=str)


def gather(source: Source, path: str) -> dict[str, File]:
    """Everything that a folder is made of: its files, and all that its kustomization.yaml leads to, by their paths."""
    found: dict[str, File] = {}
    pending, seen = [path], set[str]()
    while pending:
        here = pending.pop()
        if here in seen:
            continue
        seen.add(here)
        names = source.names(here)
        files = {name: file for name in names if (file := source.read(posixpath.join(here, name)))}
        found |= {posixpath.join(here, name): file for name, file in files.items()}
        own = _own(files)
        inside = _references(files[own].content) if own else set(names) - files.keys()
        for there in (posixpath.normpath(posixpath.join(here, name)) for name in inside):
            if there == ".":
                pending.append("")
            elif not reason_against(there):
                file = source.read(there)
                found |= {there: file} if file else {}
                pending += [] if file else [there]
    return found


def digest(files: Mapping[str, File]) -> str:
    """One hash for all files and where they are."""
    whole = hashlib.sha256()
    for path, file in sorted(files.items()):
        whole.update(f"{path}\0{len(file.content)}\0".encode() + file.content)
    return whole.hexdigest()


def build(builder: Builder, files: Mapping[str, File], path: str, changes: str = "{}") -> str:
    """The objects of a folder as YAML.

    Args:
        builder: kustomize, or what does the same.
        files: what the folder is made of, see `gather`.
        path: the folder, in the repository.
        changes: what a Flux Kustomization changes in it, see `changes_of`.

    Raises:
        ScaffolderError: it does not build; the message has paths of the repository.
    """
    with tempfile.TemporaryDirectory(prefix="scaffolder-") as scratch:
        root = Path(scratch).resolve()
        for name, file in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(file.content)
        folder = root / path
        if not folder.is_dir():
            raise ScaffolderError(f"there is no folder {path or '.'}")
        try:
            return builder.build(folder) if _prepared(folder, json.loads(changes)) else ""
        except ScaffolderError as error:
            raise ScaffolderError(error.message.replace(f"{root}/", "").replace(f"{root}", ".")) from None


def _own(names: Mapping[str, object]) -> str | None:
    return next((name for name in NAMES if name in names), None)


def _references(content: bytes) -> set[str]:
    """Everything in a kustomization.yaml that may be a path, also as `name=path`."""
    texts = set(_texts(_loaded(content)))
    texts |= {text.partition("=")[2] for text in texts if "=" in text}
    return {text for text in texts if text.isprintable() and not text.startswith("/") and "://" not in text}


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from _texts(value)


def _loaded(content: bytes) -> Any:
    """What a kustomization.yaml says; of one that cannot be read, the builder says why."""
    try:
        return yaml.load(content, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError):
        return None


def _prepared(folder: Path, changes: Mapping[str, Any]) -> bool:
    """Gives the folder the kustomization.yaml that Flux gives it; says whether there is anything to build."""
    own = next((folder / name for name in NAMES if (folder / name).is_file()), None)
    if own is None:
        resources = [place.relative_to(folder).as_posix() for place in _listed(folder)]
        if not resources:
            return False
        content: dict[str, Any] = {**HEADER, "resources": resources}
    elif not changes:
        return True
    else:
        content = _loaded(own.read_bytes()) or {}
    content |= {theirs: changes[ours] for ours, theirs in SET.items() if ours in changes}
    content |= {name: [*(content.get(name) or ()), *changes[name]] for name in APPENDED if name in changes}
    (own or folder / NAMES[0]).write_text(json.dumps(content, default=str), encoding="utf-8")
    return True


def _listed(folder: Path) -> Iterator[Path]:
    """What Flux takes from a folder without kustomization.yaml: YAML files, and folders that have one, as a whole."""
    for place in sorted(folder.iterdir()):
        if place.suffix in {".yaml", ".yml"} or any((place / name).is_file() for name in NAMES):
            yield place
        elif place.is_dir():
            yield from _listed(place)
