"""Private keys in files, as ssh-keygen and openssl write them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def private_key(content: bytes, passphrase: str) -> tuple[PrivateKey, str] | None:
    """The key, and its passphrase if it has one; None where there is none that SSH knows and that opens with it."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  few runs need it
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415  the same
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415  the same

    load = form.load_ssh_private_key if b"OPENSSH PRIVATE" in content else form.load_pem_private_key
    for tried in ("", passphrase):
        with contextlib.suppress(ValueError, TypeError, UnsupportedAlgorithm):
            key = load(content, tried.encode() or None)
            if isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey):
                return key, tried
    return None


def public_line(key: PrivateKey) -> str:
    """The public half as `type base64`."""
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415  few runs need it

    return key.public_key().public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).decode()
