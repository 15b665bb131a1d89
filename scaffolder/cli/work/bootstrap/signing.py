"""Which key signs the commits, as `flux bootstrap`'s flags say it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.cli.work.given import readable
from scaffolder.errors import UsageError
from scaffolder.git import signing

if TYPE_CHECKING:
    from scaffolder.git.signing import Signer

GPG: Final = "GPG_PASSPHRASE"
SSH: Final = "SSH_SIGNING_PASSWORD"


@dataclass(frozen=True)
class Signing:
    """What the flags say, under their names; the environment may say passphrases too. `reused` is another SSH key."""

    gpg_key_ring: Path | None = None
    gpg_passphrase: str = field(default="", repr=False)
    gpg_key_id: str = ""
    ssh_signing_key_file: Path | None = None
    ssh_signing_password: str = field(default="", repr=False)
    ssh_signing_passphrase: str = field(default="", repr=False)
    reused: tuple[Path, str] | None = field(default=None, repr=False)

    def reusing(self, key: Path | None, passphrase: str) -> Signing:
        """The same with the key that opens the repository, and its passphrase.

        Raises:
            UsageError: there is no such key, or another one signs already.
        """
        if self.ssh_signing_key_file:
            message = "--ssh-signing-key-file and --ssh-signing-reuse-private-key are mutually exclusive"
            raise UsageError(message, hint="leave out one of them")
        if key is None:
            message = "--ssh-signing-reuse-private-key requires --private-key-file"
            raise UsageError(message, hint="or --ssh-signing-key-file names a key for signing alone")
        return replace(self, reused=(key, passphrase))

    @contextlib.contextmanager
    def opened(self) -> Iterator[Signer | None]:
        """What signs, as long as it is needed; None where nothing is to be signed.

        Raises:
            UsageError: the flags do not go together, or the key cannot sign.
        """
        self._refuse_what_does_not_go_together()
        if self.gpg_key_ring:
            passphrase = self.gpg_passphrase or os.environ.get(GPG, "")
            with signing.of_gpg(readable("--gpg-key-ring", self.gpg_key_ring), passphrase, self.gpg_key_id) as signer:
                yield signer
        elif self.reused:
            yield _of_ssh("--private-key-file", *self.reused, "--password or GIT_PASSWORD")
        elif self.ssh_signing_key_file:
            said = self.ssh_signing_password or self.ssh_signing_passphrase or os.environ.get(SSH, "")
            yield _of_ssh("--ssh-signing-key-file", self.ssh_signing_key_file, said, f"--ssh-signing-password or {SSH}")
        else:
            yield None

    def _refuse_what_does_not_go_together(self) -> None:
        if self.gpg_key_ring and (self.ssh_signing_key_file or self.reused):
            message = "--gpg-* and --ssh-signing-* are mutually exclusive; pick one signing format"
            raise UsageError(message, hint="leave out one of them")
        if self.ssh_signing_passphrase and self.ssh_signing_password not in {"", self.ssh_signing_passphrase}:
            message = "--ssh-signing-password and --ssh-signing-passphrase are aliases; do not pass both"
            raise UsageError(message, hint="leave out one of them")
        needed = {
            "--ssh-signing-key-file": {
                "--ssh-signing-password": self.ssh_signing_password or self.ssh_signing_passphrase
            },
            "--gpg-key-ring": {"--gpg-passphrase": self.gpg_passphrase, "--gpg-key-id": self.gpg_key_id},
        }
        given = {"--ssh-signing-key-file": self.ssh_signing_key_file, "--gpg-key-ring": self.gpg_key_ring}
        for key, flags in needed.items():
            for flag, value in flags.items():
                if value and not given[key]:
                    raise UsageError(f"{flag} requires {key}", hint=f"{key} names the key that signs")


UNSIGNED: Final = Signing()


def _of_ssh(flag: str, place: Path, passphrase: str, variable: str) -> Signer:
    return signing.of_ssh(readable(flag, place).read_bytes(), passphrase, flag=f"{flag} {place}", hint=variable)
