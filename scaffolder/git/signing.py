"""Signatures for commits, as `git verify-commit` knows them: by an SSH key, or by GnuPG."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import shutil
import subprocess
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha512
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.errors import UsageError
from scaffolder.git.keys import private_key, public_line

if TYPE_CHECKING:
    from scaffolder.git.keys import PrivateKey

Signer = Callable[[bytes], str]  # the text of a commit -> its signature, armored

MAGIC: Final = b"SSHSIG"
NAMESPACE: Final = b"git"
WIDTH: Final = 70  # as ssh-keygen wraps its signatures
SMALLEST: Final = 2048  # bits of an RSA key, as for Flux
ID: Final = 16  # hex digits of a GPG key's id
PRIVATE: Final = 16  # the bit of gpg's IMPORT_OK that says so
PATIENCE: Final = 60  # seconds for one answer of gpg's
LOCKED: Final = ("Bad passphrase", "No passphrase", "Invalid passphrase")


def of_ssh(content: bytes, passphrase: str, *, flag: str, hint: str) -> Signer:
    """Signs as `ssh-keygen -Y sign -n git` does; the key stays in memory.

    Args:
        content: the private key.
        passphrase: of the key, if it has one.
        flag: what gave the key, for the message.
        hint: what says its passphrase.

    Raises:
        UsageError: it is no key that can sign.
    """
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415  few runs need it

    found = private_key(content, passphrase)
    if found is None:
        message = f"invalid SSH signing key: {flag} holds none that can be read"
        raise UsageError(message, hint=f"{hint} is its passphrase, if it has one")
    key, _ = found
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size < SMALLEST:
        raise UsageError(f"invalid SSH signing key: {flag} has {key.key_size} bits, and needs {SMALLEST}")
    return partial(_of_key, key)


def _of_key(key: PrivateKey, payload: bytes) -> str:
    asked = _string(NAMESPACE) + _string(b"") + _string(b"sha512")
    signature = _string(_signature(key, MAGIC + asked + _string(sha512(payload).digest())))
    public = _string(base64.b64decode(public_line(key).split()[1]))
    blob = base64.b64encode(MAGIC + (1).to_bytes(4, "big") + public + asked + signature).decode()
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *textwrap.wrap(blob, WIDTH), "-----END SSH SIGNATURE-----"])


def _signature(key: PrivateKey, data: bytes) -> bytes:
    """A signature in the form of the SSH protocol: the name of its kind, and its bytes."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  few runs need it
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils  # noqa: PLC0415  the same

    if isinstance(key, rsa.RSAPrivateKey):
        return _string(b"rsa-sha2-512") + _string(key.sign(data, padding.PKCS1v15(), hashes.SHA512()))
    kind = _string(public_line(key).split()[0].encode())
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        return kind + _string(key.sign(data))
    digest = {256: hashes.SHA256(), 384: hashes.SHA384()}.get(key.curve.key_size, hashes.SHA512())
    pair = utils.decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
    numbers = (number.to_bytes(number.bit_length() // 8 + 1, "big") for number in pair)  # none may look negative
    return kind + _string(b"".join(map(_string, numbers)))


def _string(value: bytes) -> bytes:
    return len(value).to_bytes(4, "big") + value


@contextlib.contextmanager
def of_gpg(ring: Path, passphrase: str, key_id: str = "") -> Iterator[Signer]:
    """Signs with a key of a ring, the first unless an id says which, through the user's `gpg`.

    GnuPG works on a home of its own, which goes with the agent that it starts; the ring is only read.

    Raises:
        UsageError: there is no gpg, no such key, or it cannot sign.
    """
    wanted = key_id.removeprefix("0x").upper()
    if wanted and not re.fullmatch(f"[0-9A-F]{{{ID}}}", wanted):
        raise _invalid(f"--gpg-key-id {key_id}: an id has {ID} hex digits", "`gpg --list-keys --keyid-format long`")
    if shutil.which("gpg") is None:
        raise UsageError("gpg is not on the PATH", hint="install GnuPG, or sign with --ssh-signing-key-file")
    with tempfile.TemporaryDirectory(prefix="scaffolder-", ignore_cleanup_errors=True) as home:
        try:
            signer = partial(_by_gpg, home, _chosen(home, ring, wanted), passphrase)
            signer(b"")  # what is wrong with the key is found out now
            yield signer
        finally:
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                subprocess.run(
                    ["gpgconf", "--homedir", home, "--kill", "all"], capture_output=True, timeout=PATIENCE, check=False
                )


def _chosen(home: str, ring: Path, wanted: str) -> str:
    """The fingerprint of the key to sign with, once the ring is read."""
    done = _gpg(home, "--status-fd=1", "--import", str(ring))
    if b"No agent running" in done.stderr:
        hint = "gpg-agent has to be installed, and its socket needs a short path: export TMPDIR=/tmp"
        raise UsageError(f"gpg finds no agent to keep the key, in {home}", hint=hint)
    imported = re.findall(rb"IMPORT_OK (\d+) ([0-9A-F]+)", done.stdout)
    held: dict[str, bool] = {}  # fingerprint -> whether the ring has the private key, in the ring's order
    for reason, fingerprint in imported:
        held[fingerprint.decode()] = held.get(fingerprint.decode(), False) or bool(int(reason) & PRIVATE)
    named = f"key id {wanted}" if wanted else "its first key"
    found = next((each for each in held if each.endswith(wanted)), None)
    if found is None:
        raise _invalid(f"--gpg-key-ring {ring} has no {f'key of id {wanted}' if wanted else 'keys'}", "")
    if not held[found]:
        hint = "write it with `gpg --export-secret-keys`, or give --gpg-key-id"
        raise _invalid(f"--gpg-key-ring {ring} does not hold the private key of {named}", hint)
    return found


def _by_gpg(home: str, fingerprint: str, passphrase: str, payload: bytes) -> str:
    """A signature; the passphrase goes through a pipe."""
    reading, writing = os.pipe()
    with open(reading, "rb"):  # noqa: PTH123  it is no path
        with open(writing, "wb") as pipe:  # noqa: PTH123  the same
            pipe.write(f"{passphrase}\n".encode())
        words = ("--pinentry-mode=loopback", f"--passphrase-fd={reading}", f"--local-user={fingerprint}")
        done = _gpg(home, *words, "--armor", "--detach-sign", payload=payload, pipe=(reading,))
    if done.returncode == 0:
        return done.stdout.decode("ascii").strip()
    said = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["gpg failed"]
    if any(locked in line for locked in LOCKED for line in said):
        raise _invalid("its passphrase is missing or wrong", "--gpg-passphrase, or rather export GPG_PASSPHRASE")
    raise _invalid(f"key {fingerprint[-ID:]} cannot sign: {said[0].removeprefix('gpg: ')}", "")


def _gpg(
    home: str, *words: str, payload: bytes = b"", pipe: tuple[int, ...] = ()
) -> subprocess.CompletedProcess[bytes]:
    command = ["gpg", f"--homedir={home}", "--batch", "--no-tty", "--quiet", *words]
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        return subprocess.run(
            command, input=payload, capture_output=True, pass_fds=pipe, env=environment, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UsageError(f"gpg cannot be used: {type(error).__name__}", hint="`gpg --version` has to work") from None


def _invalid(message: str, hint: str) -> UsageError:
    return UsageError(f"invalid GPG signing key: {message}", hint=hint)
