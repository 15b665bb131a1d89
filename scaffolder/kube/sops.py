"""SOPS, through the `sops` program: secrets go in and out of it by pipes, and are no file in between."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scaffolder.errors import UsageError
from scaffolder.redact import redact

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE: Final = 120  # seconds: keys may be in a cloud
VALUES: Final = "^(data|stringData)$"  # as Flux's own guide has it: kind and name stay readable
FORM: Final = ("--input-type=yaml", "--output-type=yaml")


@dataclass(frozen=True)
class Sops:
    """Encrypts for age recipients, or where there are none as the creation rules of `.sops.yaml` say."""

    program: str
    recipients: tuple[str, ...] = ()

    @classmethod
    def found(cls, recipients: tuple[str, ...], place: Path) -> Sops:
        """The program on the PATH.

        Raises:
            UsageError: there is none.
        """
        program = shutil.which("sops")
        if program is None:
            hint = "install it; or write the file outside of any repository, without --sops-age"
            raise UsageError(f"--secret-file {place}: sops is not on the PATH, to encrypt it", hint=hint)
        return cls(program, recipients)

    def encrypted(self, text: str, place: Path) -> str:
        """A YAML text, as it may lie at a place.

        Raises:
            UsageError: sops does not know for whom, or cannot.
        """
        to_whom = (f"--age={','.join(self.recipients)}", f"--encrypted-regex={VALUES}") if self.recipients else ()
        done = self._run("encrypt", text, place, *to_whom)
        if done.returncode:
            lines = [line.strip() for line in done.stderr.splitlines() if line.strip()] or ["sops failed"]
            hint = "--sops-age names for whom, or a creation rule of `.sops.yaml`"
            raise UsageError(f"--secret-file {place} cannot be encrypted: {redact(lines[0])}", hint=hint)
        return done.stdout

    def decrypted(self, text: str, place: Path) -> str | None:
        """The text again; None where we have no key for it."""
        done = self._run("decrypt", text, place)
        return None if done.returncode else done.stdout

    def _run(self, verb: str, text: str, place: Path, *words: str) -> subprocess.CompletedProcess[str]:
        command = [self.program, verb, *FORM, f"--filename-override={place}", *words, "/dev/stdin"]
        try:
            return subprocess.run(
                command,
                input=text,
                cwd=place.parent,  # from here it looks for `.sops.yaml`
                capture_output=True,
                timeout=PATIENCE,
                check=False,
                encoding="utf-8",
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise UsageError(
                f"sops cannot be used: {type(error).__name__}", hint="`sops --version` has to work"
            ) from None
