"""Manifests that `add-app --manifests` copies in: which files, and that Flux will take them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml

from scaffolder.errors import DocumentError, UsageError, shown
from scaffolder.paths import reason_against
from scaffolder.tree import File
from scaffolder.yamlio import dump

if TYPE_CHECKING:
    from scaffolder.cli.work.session import Documents

KUSTOMIZATIONS: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
ENDINGS: Final = (".yaml", ".yml", ".json")
LARGEST: Final = 16 * 2**20  # bytes: manifests are small, a folder that was meant otherwise is not


class Object(NamedTuple):
    """A Kubernetes object in a file."""

    place: str  # file:line:column
    file: str
    data: dict[str, Any]

    @property
    def identity(self) -> tuple[str, str, str, str]:
        meta = self.data.get("metadata")
        meta = meta if isinstance(meta, dict) else {}
        group = str(self.data.get("apiVersion", "")).rpartition("/")[0]
        return group, str(self.data.get("kind")), str(meta.get("namespace", "")), str(meta.get("name", ""))


def copied(folder: Path, to: str) -> Documents:
    """The files of a folder at their new paths; with a `kustomization.yaml` where it had none.

    Raises:
        UsageError: the folder cannot be read, is empty, or holds links or too much.
        DocumentError: what it holds cannot be taken, with every problem.
    """
    files = _files(folder)
    own = any(name in files for name in KUSTOMIZATIONS)
    objects: list[Object] = []
    problems: list[str] = []
    for name, content in files.items():
        if name.endswith(ENDINGS) or name in KUSTOMIZATIONS:
            try:
                objects += _objects(folder / name, name, content, strict=not own)
            except DocumentError as error:
                problems += error.problems
    problems += [problem for found in objects for problem in _refused(found)]
    if problems or (problems := [] if own else list(_twice(objects))):
        raise DocumentError(problems)
    if not own and not objects:
        raise UsageError(f"--manifests {folder}: no Kubernetes objects in it")
    found: Documents = {f"{to}/{name}": File(content) for name, content in files.items()}
    if not own:
        found[f"{to}/{KUSTOMIZATIONS[0]}"] = File(_kustomization(sorted({item.file for item in objects})))
    return found


def _kustomization(names: list[str]) -> bytes:
    head = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
    return dump({**head, "resources": names}).encode()


def _files(folder: Path) -> dict[str, bytes]:
    """All files below a folder, by path, sorted."""
    if not folder.is_dir():
        raise UsageError(f"--manifests {folder}: is no folder")
    found, size = {}, 0
    for file in sorted(Path(base, name) for base, _, names in os.walk(folder) for name in names):
        name = file.relative_to(folder).as_posix()
        if file.is_symlink() or not file.is_file() or reason_against(name):
            raise UsageError(f"--manifests {file}: only plain files can be copied")
        size += file.stat().st_size
        if size > LARGEST:
            raise UsageError(f"--manifests {folder}: is larger than {LARGEST >> 20} MiB")
        try:
            found[name] = file.read_bytes()
        except OSError as error:
            raise UsageError(f"{file} cannot be read: {(error.strerror or '').lower()}") from None
    return found


def _objects(place: Path, name: str, content: bytes, *, strict: bool) -> Iterator[Object]:
    """The objects in a file; `strict` where every file must hold nothing else."""
    try:
        nodes = list(yaml.compose_all(content, Loader=yaml.CSafeLoader))
        values = list(yaml.load_all(content, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        at = f"{mark.line + 1}:{mark.column + 1}" if mark else "1:1"
        raise DocumentError([f"{place}:{at}: {getattr(error, 'problem', None) or 'is no YAML'}"]) from None
    for node, value in zip(nodes, values, strict=True):
        at = f"{place}:{node.start_mark.line + 1}:{node.start_mark.column + 1}"
        if isinstance(value, dict) and isinstance(value.get("kind"), str) and "apiVersion" in value:
            yield Object(at, name, value)
        elif strict and value is not None:
            raise DocumentError([f"{at}: is no Kubernetes object: it has no apiVersion and kind"])


def _refused(found: Object) -> Iterator[str]:
    kind = found.data["kind"]
    if kind == "Namespace":
        yield f"{found.place}: a Namespace cannot be copied: a tenant document makes it (--create-namespace)"
    if kind == "Secret" and "sops" not in found.data and (found.data.get("data") or found.data.get("stringData")):
        yield f"{found.place}: a Secret in plain text cannot be copied: encrypt it with SOPS, or make it on the cluster"
    if kind == "Kustomization" and found.data.get("secretGenerator"):
        yield f"{found.place}: secretGenerator makes Secrets from plain text: encrypt them with SOPS instead"


def _twice(objects: list[Object]) -> Iterator[str]:
    first: dict[tuple[str, str, str, str], str] = {}
    for found in objects:
        if (other := first.setdefault(found.identity, found.place)) != found.place:
            kind, name = found.identity[1], found.identity[3]
            yield f"{found.place}: {kind} {shown(name)} is already in {other}"
