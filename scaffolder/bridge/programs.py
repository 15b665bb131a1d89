"""The programs of others that are on the PATH, and their versions."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from typing import Final

PATIENCE: Final = 20.0  # seconds for one answer
VERSION: Final = re.compile(r"v?\d+\.\d+[\w.+-]*")
OFFLINE: Final = {"SOPS_DISABLE_VERSION_CHECK": "true"}  # else it asks the network for a newer one


@dataclass(frozen=True)
class Program:
    """`words` make it say its version; `purpose` is what is done with it."""

    words: tuple[str, ...]
    purpose: str

    @property
    def name(self) -> str:
        return self.words[0]


PROGRAMS: Final = (
    Program(("kubectl", "version", "--client"), "--apply and `rehearse`"),
    Program(("kustomize", "version"), "`check` and `diff --rendered`; kubectl does it, too"),
    Program(("kubeconform", "-v"), "checking objects by their schemas"),
    Program(("sops", "--version"), "encrypting secrets, also for --secret-file"),
    Program(("gpg", "--version"), "signing commits with --gpg-key-ring"),
    Program(("flux", "version", "--client"), "the cluster's part by hand, and manifests without a network"),
)


def version(program: Program) -> str | None:
    """What a program says its version is, empty where it says none; None where it is not on the PATH."""
    if not shutil.which(program.name):
        return None
    try:
        done = subprocess.run(
            program.words,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
            env={**os.environ, **OFFLINE},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = VERSION.search(done.stdout.decode("utf-8", "replace"))
    return found[0] if found and done.returncode == 0 else ""
