"""Where the manifests of a Flux release come from: what people name, their cache, or the release itself."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.bridge import cache
from scaffolder.bridge.builder import BUILDERS, Builder, on_path
from scaffolder.bridge.bundle import PINS, fingerprint, listed, read, unpack
from scaffolder.bridge.web import LIMIT, NotFoundError, bare, fetch
from scaffolder.errors import ForgeError, ScaffolderError, UsageError
from scaffolder.flux.components import Install, header, render
from scaffolder.flux.versions import KNOWN, Minor

if TYPE_CHECKING:
    from collections.abc import Mapping

RELEASES: Final = "https://github.com/fluxcd/flux2/releases/download"
TIMEOUT: Final = 3.0  # seconds until a server has to answer

_TARBALL: Final = "manifests.tar.gz"
_SCHEMES: Final = ("https://", "http://")
_OVERLAYS: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")


@dataclass(frozen=True)
class Manifests:
    """The files of a release: name, such as `rbac.yaml`, to text."""

    files: Mapping[str, str]


@dataclass(frozen=True)
class Overlay:
    """What kustomize builds of a folder with a kustomization.yaml of its own."""

    text: str


def text_of(install: Install, found: Manifests | Overlay) -> str:
    """The text of `gotk-components.yaml`.

    Raises:
        UsageError: what is asked for is not in the manifests.
    """
    return header(install) + found.text if isinstance(found, Overlay) else render(install, found.files)


def minor(found: Manifests | Overlay) -> str:
    """The minor of the release that files are of, such as `2.9`; empty where it is none that we know."""
    text = found.files.get("kustomize-controller.yaml", "") if isinstance(found, Manifests) else ""
    image = re.search(r"image: \S*/kustomize-controller:v1\.(\d+)\.", text)  # v1.9 is that of Flux 2.9, and so on
    return f"2.{image[1]}" if image and Minor(2, int(image[1])) in KNOWN else ""


def given(place: str, *, timeout: float = TIMEOUT) -> Manifests | Overlay:
    """What `--manifests` names: a release's tarball, a URL of one, or a folder, see `from_folder`.

    Args:
        place: a path, or a URL of http or https.
        timeout: seconds until a server has to answer; it has a minute more to send everything.

    Raises:
        UsageError: it is not there, or is not to be used; of a tarball, no more than a release holds is taken.
        UnreachableError: no answer in time, or none that helps.
    """
    web = place.startswith(_SCHEMES)
    if not web and Path(place).is_dir():
        return from_folder(Path(place))
    told = f"--manifests {bare(place) if web else place}"
    try:
        (tarball,) = fetch([place], timeout=timeout) if web else [_tarball(Path(place))]
        files = unpack(tarball)
    except OSError as error:
        raise UsageError(f"{told} cannot be read: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, NotFoundError) as error:
        raise UsageError(f"{told} cannot be used: {error}") from None
    if found := sorted(files.keys() & set(_OVERLAYS)):
        raise UsageError(f"{told} holds a {found[0]}: unpack it, and name the folder")
    return Manifests(files)


def _tarball(path: Path) -> bytes:
    with path.open("rb") as stream:
        content = stream.read(LIMIT + 1)
    if len(content) > LIMIT:
        raise ValueError(f"it is larger than {LIMIT // 2**20} MiB")
    return content


def from_folder(path: Path) -> Manifests | Overlay:
    """The unpacked files of a release or, where there is a kustomization.yaml, what kustomize builds of the folder.

    Raises:
        UsageError: there is no such folder, nothing in it, no program to build it with, or it cannot be built.
    """
    try:
        if kustomization := next((path / name for name in _OVERLAYS if (path / name).is_file()), None):
            return Overlay(_build(kustomization))
        files = read(path)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if not files:
        what = f"the unpacked files of a release's {_TARBALL}, or with a kustomization.yaml"
        raise UsageError(f"{path} holds no manifests", hint=f"name a folder with {what}")
    return Manifests(files)


def from_cache(version: str) -> Manifests | None:
    """The files of a release that was downloaded before; None where there are none, or not the right ones.

    Raises:
        UsageError: that is no release.
    """
    files = cache.load(_checked(version))
    return Manifests(files) if files else None


def download(version: str, *, base: str = RELEASES, timeout: float = TIMEOUT) -> Manifests:
    """The files of a release from where it was released; the cache keeps them, where it can be written.

    A release with a pin must be what was pinned, to the byte. Of any other, the tarball must have the SHA-256 that
    the release's own `flux_<version>_checksums.txt` has for it, which finds what broke on the way; it does not find
    a server that lies.

    Args:
        version: such as `v2.9.4`.
        base: the URL below which `<version>/manifests.tar.gz` is; http, https or file.
        timeout: seconds until the server has to answer; it has a minute more to send everything.

    Raises:
        UsageError: there is no such release.
        UnreachableError: no answer in time, or none that helps; the message is one line.
        ForgeError: the answer is not the release.
    """
    sums = f"flux_{_checked(version)[1:]}_checksums.txt"
    names = [_TARBALL] if version in PINS else [_TARBALL, sums]
    try:
        tarball, *checksums = fetch([f"{base}/{version}/{name}" for name in names], timeout=timeout)
        files = _proven(version, tarball, *checksums)
    except NotFoundError as error:
        raise UsageError(f"Flux {version} cannot be downloaded: {error}") from error
    except ValueError as error:
        raise ForgeError(f"the download of Flux {version} is refused: {error}") from error
    cache.store(version, files)
    return Manifests(files)


def _proven(version: str, tarball: bytes, checksums: bytes = b"") -> dict[str, str]:
    """The files of a tarball that is what was released; ValueError where it is not."""
    proof = listed(checksums.decode(errors="replace"), _TARBALL)
    if version not in PINS and hashlib.sha256(tarball).hexdigest() != proof:
        raise ValueError(f"its SHA-256 is not the one that was released, {proof or 'of which there is none'}")
    files = unpack(tarball)
    if version in PINS and fingerprint(files) != PINS[version]:
        raise ValueError("its files are not the ones that were released, by their SHA-256")
    return files


def _checked(version: str) -> str:
    """The version, which is to be part of a path and of a URL."""
    if not re.fullmatch(r"v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?", version):
        raise UsageError(f"`{version}` is not a Flux release such as v2.9.4")
    return version


def _build(kustomization: Path) -> str:
    builder = on_path()
    if not builder:
        programs = " nor ".join(program for program, _ in BUILDERS)
        raise UsageError(f"{kustomization} is to be built, and neither {programs} is on the PATH")
    free = Builder((*builder.words, "--load-restrictor", "LoadRestrictionsNone"))  # as Flux builds
    with tempfile.TemporaryDirectory() as scratch:
        try:
            return free.build(_in_order(kustomization, Path(scratch).resolve()))
        except ScaffolderError as error:
            raise UsageError(f"{kustomization.parent} cannot be built: {error}") from error


def _in_order(kustomization: Path, scratch: Path) -> Path:
    """The folder to build. Flux keeps the order of the resources, and the programs do so only where they are told."""
    folder = kustomization.parent.resolve()
    if "sortOptions:" in kustomization.read_text(encoding="utf-8"):
        return folder
    text = f"resources: [{json.dumps(os.path.relpath(folder, scratch))}]\nsortOptions: {{order: fifo}}\n"
    (scratch / "kustomization.yaml").write_text(text, encoding="utf-8")
    return scratch
