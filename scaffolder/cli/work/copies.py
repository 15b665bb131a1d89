"""Manifests that `add-app --manifests` copies in: which files, and that Flux will take them."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import yaml

from scaffolder.errors import DocumentError, UsageError, shown
from scaffolder.paths import is_git, reason_against
from scaffolder.tree import File
from scaffolder.yamlio import dump

if TYPE_CHECKING:
    from scaffolder.cli.work.session import Documents

KUSTOMIZATIONS: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")
ENDINGS: Final = (".yaml", ".yml", ".json")
LARGEST: Final = 16 * 2**20  # bytes: manifests are small, a folder that was meant otherwise is not


class Object(NamedTuple):
    """A Kubernetes object in a file, or the settings of a kustomization, which need not say what they are."""

    place: str  # file:line:column
    file: str
    data: dict[str, Any]

    def identity(self, *, one_namespace: bool) -> tuple[str, ...]:
        """What the API server knows it by; where all are put into one namespace, their own do not count."""
        meta = self.data.get("metadata")
        meta = meta if isinstance(meta, dict) else {}
        group = str(self.data.get("apiVersion", "")).rpartition("/")[0]
        namespace = "" if one_namespace else str(meta.get("namespace", ""))
        return group, str(self.data.get("kind")), str(meta.get("name", "")), namespace


def copied(folder: Path, to: str, *, one_namespace: bool = True) -> Documents:
    """The files of a folder at their new paths; with a `kustomization.yaml` where it had none.

    Args:
        folder: where they are.
        to: where they go, relative to the repository.
        one_namespace: whether Flux puts all objects into the app's namespace.

    Raises:
        UsageError: the folder cannot be read, is empty, or holds links or too much.
        DocumentError: what it holds cannot be taken, with every problem.
    """
    files = _files(folder)
    built = {name.rpartition("/")[0] for name in files if _is_kustomization(name)}
    objects: list[Object] = []
    problems: list[str] = []
    for name, content in files.items():
        if name.endswith(ENDINGS) or _is_kustomization(name):
            try:
                objects += _objects(folder / name, name, content, strict=_home(name, built) is None)
            except DocumentError as error:
                problems += error.problems
    problems += [problem for found in objects for problem in _refused(found)]
    plain = [found for found in objects if _home(found.file, built) is None]
    if problems or (problems := list(_twice(plain, one_namespace=one_namespace))):
        raise DocumentError(problems)
    found: Documents = {f"{to}/{name}": File(content) for name, content in files.items()}
    if "" in built:
        return found
    if not objects:
        raise UsageError(f"{folder}: no Kubernetes objects in it")
    names = {_home(item.file, built) or item.file for item in objects}
    return {**found, f"{to}/{KUSTOMIZATIONS[0]}": File(_kustomization(sorted(names)))}


def _is_kustomization(name: str) -> bool:
    return name.rpartition("/")[2] in KUSTOMIZATIONS


def _home(name: str, built: set[str]) -> str | None:
    """The outermost folder with a kustomization that a file is in; Flux takes such a folder as a whole."""
    parts = name.split("/")[:-1]
    return next((home for end in range(len(parts) + 1) if (home := "/".join(parts[:end])) in built), None)


def _kustomization(names: list[str]) -> bytes:
    head = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
    return dump({**head, "resources": names}).encode()


def _files(folder: Path) -> dict[str, bytes]:
    """All files below a folder but git's own, by path, sorted."""
    if not folder.is_dir():
        raise UsageError(f"--manifests {folder}: is no folder")
    found, size = {}, 0
    for file in sorted(_paths(folder)):
        name = file.relative_to(folder).as_posix()
        if file.is_symlink() or not file.is_file() or reason_against(name):
            raise UsageError(f"{file}: only plain files can be copied")
        size += file.stat().st_size
        if size > LARGEST:
            raise UsageError(f"{folder}: is larger than {LARGEST >> 20} MiB")
        try:
            found[name] = file.read_bytes()
        except OSError as error:
            raise _unreadable(error) from None
    return found


def _paths(folder: Path) -> Iterator[Path]:
    """What is in a folder and its folders: files, and links to folders, which are not followed."""

    def refuse(error: OSError) -> None:
        raise _unreadable(error)

    for base, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not is_git(name)]
        yield from (Path(base, name) for name in (*files, *folders) if name in files or Path(base, name).is_symlink())


def _unreadable(error: OSError) -> UsageError:
    return UsageError(f"{error.filename} cannot be read: {(error.strerror or '').lower()}")


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
        if _is_kustomization(name) and isinstance(value, dict):
            yield Object(at, name, {**value, "kind": "Kustomization"})
        elif isinstance(value, dict) and isinstance(value.get("kind"), str) and "apiVersion" in value:
            yield from (Object(at, name, item) for item in _items(value))
        elif strict and value is not None:
            raise DocumentError([f"{at}: is no Kubernetes object: it has no apiVersion and kind"])


def _items(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of a list such as `kubectl get -o yaml` prints; any other object is its own."""
    items = data.get("items")
    if not data["kind"].endswith("List") or not isinstance(items, list):
        return [data]
    kind = data["kind"].removesuffix("List")
    return [{"kind": kind, "apiVersion": data["apiVersion"], **item} for item in items if isinstance(item, dict)]


def _refused(found: Object) -> Iterator[str]:
    kind = found.data["kind"]
    if kind == "Namespace":
        yield f"{found.place}: a Namespace cannot be copied: a tenant document makes it (--create-namespace)"
    if kind == "Secret" and "sops" not in found.data and (found.data.get("data") or found.data.get("stringData")):
        yield f"{found.place}: a Secret in plain text cannot be copied: encrypt it with SOPS, or make it on the cluster"
    if _is_kustomization(found.file):
        yield from _refused_settings(found)


def _refused_settings(found: Object) -> Iterator[str]:
    if found.data.get("secretGenerator"):
        yield f"{found.place}: secretGenerator makes Secrets from plain text: encrypt them with SOPS instead"
    here = found.file.rpartition("/")[0]
    for field in ("resources", "bases", "components"):
        for path in found.data.get(field) or ():
            if isinstance(path, str) and posixpath.normpath(posixpath.join(here, path)).startswith(("..", "/")):
                yield f"{found.place}: `{field}` leads out of the folder: {shown(path)}"


def _twice(objects: list[Object], *, one_namespace: bool) -> Iterator[str]:
    first: dict[tuple[str, ...], Object] = {}
    for found in objects:
        other = first.setdefault(found.identity(one_namespace=one_namespace), found)
        if other is not found:
            kind, name = found.identity(one_namespace=True)[1:3]
            yield f"{found.place}: {kind} {shown(name)} is already in {other.place}"
