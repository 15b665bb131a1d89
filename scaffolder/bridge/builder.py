"""Builds kustomizations with whichever program the user has; `check` and `diff --rendered` ask it."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scaffolder.errors import ScaffolderError
from scaffolder.redact import redact

BUILDERS: Final = (("kustomize", "build"), ("kubectl", "kustomize"))
# how kubectl says it since 1.36
LOGGED: Final = re.compile(r"E\d{4} .+?\] \"command failed\" err=(<\s*|\")(?P<said>.*?)(\s*>|\")$")
FREE: Final = ("--load-restrictor", "LoadRestrictionsNone")  # as Flux builds
PATIENCE: Final = 120  # seconds for one folder


@dataclass(frozen=True)
class Builder:
    """A program that builds a folder with a kustomization.yaml."""

    words: tuple[str, ...]

    @property
    def name(self) -> str:
        return " ".join(self.words)

    def build(self, folder: Path) -> str:
        """The objects as YAML.

        Raises:
            ScaffolderError: the folder does not build; the message is the program's own, on one line.
        """
        try:
            done = subprocess.run([*self.words, str(folder)], capture_output=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            raise ScaffolderError(f"{self.name} took longer than {PATIENCE} s") from None
        except OSError as error:
            raise ScaffolderError(f"{self.name} cannot be run: {(error.strerror or str(error)).lower()}") from None
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace")
            reason = " ".join(said.split()) or f"{self.name} ended with status {done.returncode}"
            raise ScaffolderError(
                redact(LOGGED.sub(r"\g<said>", reason.removeprefix("Error: ").removeprefix("error: ")))
            )
        return done.stdout.decode("utf-8", "replace")


def on_path() -> Builder | None:
    """The first builder on the PATH."""
    return next((Builder((found, *rest)) for name, *rest in BUILDERS if (found := shutil.which(name))), None)
