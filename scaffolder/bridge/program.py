"""The `flux` program on the PATH: it carries the manifests of its own version, and prints them without a network."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Final

from scaffolder.flux.components import header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.flux.components import Install

PATIENCE: Final = 30.0  # seconds for one answer


def has(version: str) -> bool:
    """Whether there is a `flux` of exactly this version; a program of that name may be another one altogether."""
    return _said(["flux", "version", "--client"]).strip() == f"flux: {version}"


def export(install: Install) -> str | None:
    """What that program prints for a cluster: `gotk-components.yaml`; None where it cannot.

    It is to be of the version that is asked for: asked for another, it would download that.
    """
    text = _said(["flux", "install", "--export", *_flags(install)])
    return text if text.startswith(header(install)) else None


def _flags(install: Install) -> Iterator[str]:
    for name, value in vars(install).items():
        flag = name.replace("_", "-")
        match value:
            case bool():
                yield f"--{flag}={str(value).lower()}"
            case tuple():
                yield f"--{flag}={','.join(value)}"
            case _:
                yield f"--{flag}={value}"


def _said(command: list[str]) -> str:
    """What a program says; nothing where it fails."""
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False, encoding="utf-8"
        )
    except (OSError, UnicodeDecodeError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
