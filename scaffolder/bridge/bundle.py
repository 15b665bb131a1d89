"""The files of a Flux release: out of a folder or its tarball, and whether they are what was released."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# Release -> `fingerprint` of its manifests.tar.gz: for each release known here to its last byte.
PINS: Final = {
    "v2.2.3": "08b3a812c18f003119859f4f685c0a8bcae16127f8b554518d2f0158c4fc97fb",
    "v2.6.4": "4cb6f1ebdd202e32b80ed0db4d422df07c4651cd630aaa2b4bfa194e9acbfd96",
    "v2.7.5": "6657ade57217638359f9ae8822268144e586de05606a112ae0892df5dbd7fb0c",
    "v2.8.8": "e5eb3e74fe248ac59de2757a98b53e085c9fc79338325de4dc2c34dc9e01db67",
    "v2.9.4": "38b6b75f0f68f0eb216d6efa28a659341cdf856da3c2201738c4c91e89a8744e",
}

_UNPACKED: Final = 16 * 2**20  # bytes; the largest release has 0.7 MB


def fingerprint(files: Mapping[str, str]) -> str:
    """The SHA-256, in hex, of the files' names and contents: what `sha256sum *.yaml | sha256sum` prints."""
    sums = [f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in sorted(files.items())]
    return hashlib.sha256("".join(sums).encode()).hexdigest()


def listed(checksums: str, name: str) -> str:
    """The SHA-256 that a release's `flux_<version>_checksums.txt` has for a file; empty where it has none."""
    pairs = (line.split() for line in checksums.splitlines())
    return next((pair[0] for pair in pairs if pair[1:] == [name]), "")


def read(folder: Path) -> dict[str, str]:
    """The `.yaml` files at the top of a folder: name to text.

    Raises:
        OSError, UnicodeDecodeError: one of them, or the folder, cannot be read.
    """
    return {path.name: path.read_bytes().decode() for path in sorted(folder.iterdir()) if path.suffix == ".yaml"}


def unpack(tarball: bytes) -> dict[str, str]:
    """The `.yaml` files at the top of a tarball: name to text.

    Raises:
        ValueError: it is none, or holds what no release holds: links, devices, ways out of it, too much.
    """
    try:
        with gzip.open(io.BytesIO(tarball)) as stream:
            plain = stream.read(_UNPACKED + 1)
        if len(plain) > _UNPACKED:
            raise ValueError(f"it unpacks to more than {_UNPACKED // 2**20} MiB")
        with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            return _files(archive)
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise ValueError("it is not a whole .tar.gz") from error


def _files(archive: tarfile.TarFile) -> dict[str, str]:
    files: dict[str, str] = {}
    for member in archive:
        name = member.name.removeprefix("./")
        if name.startswith("/") or ".." in name.split("/"):
            raise ValueError(f"it holds `{name}`, which leads out of it")
        if not (member.isreg() or member.isdir()) or member.size > _UNPACKED:
            raise ValueError(f"it holds `{name}`, which is no ordinary file")
        content = archive.extractfile(member)
        if content and name.endswith(".yaml") and "/" not in name:
            if name in files:
                raise ValueError(f"it holds `{name}` twice")
            files[name] = content.read().decode()
    if not files:
        raise ValueError("there is no .yaml file at its top")
    return files
