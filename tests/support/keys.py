"""Keys that sign, made by the programs that people make them with, and what git needs to know of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

MAIL = "ada@example.com"


def need(name: str) -> None:
    """A program of the system's; on CI its absence is a failure, so that skipping is never green."""
    if shutil.which(name) is None:
        if os.environ.get("SCAFFOLDER_CI") == "1":
            pytest.fail(f"no {name} on the PATH")
        pytest.skip(f"no {name} on the PATH")


@dataclass(frozen=True)
class Ring:
    """A GnuPG home of the test's own, in a short path: an agent's socket has little room for its name."""

    home: Path

    def gpg(self, *words: str) -> str:
        command = ["gpg", f"--homedir={self.home}", "--batch", "--no-tty", "--pinentry-mode=loopback", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def add(self, who: str, *, usage: str = "sign", passphrase: str = "") -> str:
        """A new key; its id."""
        self.gpg(f"--passphrase={passphrase}", "--quick-generate-key", who, "ed25519", usage, "never")
        listed = self.gpg("--with-colons", "--list-secret-keys", who).splitlines()
        return next(line.split(":")[4] for line in listed if line.startswith("sec:"))

    def exported(self, place: Path, *ids: str, passphrase: str = "", private: bool = True) -> Path:
        """A file with these keys, in this order."""
        what = "--export-secret-keys" if private else "--export"
        parts = [
            subprocess.run(
                [
                    *("gpg", f"--homedir={self.home}", "--batch", "--pinentry-mode=loopback"),
                    *(f"--passphrase={passphrase}", what, each),
                ],
                check=True,
                capture_output=True,
            ).stdout
            for each in ids
        ]
        place.write_bytes(b"".join(parts))
        return place

    def settings(self) -> str:
        """For git: a gpg that knows the public keys."""
        program = self.home / "verify"
        program.write_text(f'#!/bin/sh\nexec gpg --homedir={self.home} "$@"\n')
        program.chmod(0o755)
        return f"[gpg]\n\tprogram = {program}"


@pytest.fixture
def ring() -> Iterator[Ring]:
    need("gpg")
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="ring-", ignore_cleanup_errors=True) as home:
        yield Ring(Path(home))
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False, capture_output=True)


def ssh_key(place: Path, *options: str, passphrase: str = "") -> Path:
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", MAIL, "-f", str(place), *options]
    subprocess.run(words, check=True, capture_output=True)
    return place


def ssh_settings(key: Path) -> str:
    """For git: who may sign, and with which key."""
    allowed = key.with_suffix(".allowed")
    allowed.write_text(f"{MAIL} {key.with_suffix('.pub').read_text()}")
    return f'[gpg]\n\tformat = ssh\n[gpg "ssh"]\n\tallowedSignersFile = {allowed}'
