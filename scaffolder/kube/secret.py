"""The secret that Flux fetches a repository with."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from scaffolder.errors import ClusterError, UsageError
from scaffolder.git.keys import private_key, public_line

if TYPE_CHECKING:
    from pathlib import Path

    from scaffolder.git.credentials import Access

SCAN: Final = 30  # seconds for a server's host keys
ALGORITHMS: Final = ("rsa", "ecdsa", "ed25519")
SMALLEST: Final = 1024  # bits of an RSA key
CURVES: Final = {"p256": "SECP256R1", "p384": "SECP384R1", "p521": "SECP521R1"}


@dataclass(frozen=True)
class KeyOptions:
    """How a new SSH key is made, as `flux bootstrap`'s flags say it."""

    algorithm: str = "ecdsa"
    rsa_bits: int = 2048
    ecdsa_curve: str = "p384"

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise UsageError(f"--ssh-key-algorithm {self.algorithm}: must be one of {', '.join(ALGORITHMS)}")
        if self.ecdsa_curve not in CURVES:
            raise UsageError(f"--ssh-ecdsa-curve {self.ecdsa_curve}: must be one of {', '.join(CURVES)}")
        if self.rsa_bits < SMALLEST or self.rsa_bits % 8:
            raise UsageError(f"--ssh-rsa-bits {self.rsa_bits}: must be at least {SMALLEST} and a multiple of 8")


@dataclass(frozen=True)
class Credentials:
    """The secret's data, by key; `public_key` is one line where the server has to be told of it."""

    data: dict[str, str] = field(repr=False)
    public_key: str = ""
    kind: str = "Opaque"

    def manifest(self, name: str, namespace: str) -> str:
        """The Secret."""
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": namespace}}
        return json.dumps({**secret, "type": self.kind, "data": self.encoded})

    @property
    def encoded(self) -> dict[str, str]:
        return {key: base64.b64encode(value.encode()).decode() for key, value in self.data.items()}


def credentials(url: str, access: Access, options: KeyOptions) -> Credentials:
    """What opens a URL: name and password for HTTP, and for SSH the key of a file, or a new one.

    Raises:
        UsageError: a file does not hold what it should.
        ClusterError: the server's host keys cannot be had.
    """
    if not url.startswith("ssh://"):
        authority = {"ca.crt": access.ca_file.read_text(encoding="utf-8")} if access.ca_file else {}
        login = {"username": access.username, "password": access.password}
        return Credentials({**({"bearerToken": access.password} if access.bearer else login), **authority})
    private, public, passphrase = _of_file(access.private_key, access.password) if access.private_key else _new(options)
    data = {"identity": private, "identity.pub": public, "known_hosts": known_hosts(url)}
    if passphrase:
        data["password"] = passphrase
    return Credentials(data, public.strip())


def of_registry(registry: str, username: str, password: str) -> Credentials:
    """What lets a cluster pull images from a registry, in `flux bootstrap`'s form."""
    both = base64.b64encode(f"{username}:{password}".encode()).decode()
    login = {"username": username, "password": password, "auth": both}
    config = json.dumps({"auths": {registry: login}}, separators=(",", ":"))
    return Credentials({".dockerconfigjson": config}, kind="kubernetes.io/dockerconfigjson")


def _of_file(place: Path, passphrase: str) -> tuple[str, str, str]:
    """Private and public key, and the passphrase if there is one."""
    content = place.read_bytes()
    if found := private_key(content, passphrase):
        return content.decode(), public_line(found[0]) + "\n", found[1]
    hint = "GIT_PASSWORD or --password is its passphrase, if it has one"
    raise UsageError(f"--private-key-file {place}: it holds no private key that can be read", hint=hint)


def _new(options: KeyOptions) -> tuple[str, str, str]:
    from cryptography.hazmat.primitives import serialization as form  # noqa: PLC0415  few runs need it
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415  the same

    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
    if options.algorithm == "rsa":
        key = rsa.generate_private_key(65537, options.rsa_bits)
    elif options.algorithm == "ed25519":
        key = ed25519.Ed25519PrivateKey.generate()
    else:
        key = ec.generate_private_key(getattr(ec, CURVES[options.ecdsa_curve])())
    private = key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    return private.decode(), public_line(key) + "\n", ""


def known_hosts(url: str) -> str:
    """A server's host keys: those that the user's ssh knows, else those that the server shows now.

    Raises:
        ClusterError: neither has any.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    name = f"[{host}]:{parts.port}" if parts.port not in (None, 22) else host
    known = _lines(["ssh-keygen", "-F", name])
    found = [re.sub(r"^\S+", name, line) for line in known if not line.startswith("@")]
    found = found or _lines(["ssh-keyscan", "-T", str(SCAN), "-p", str(parts.port or 22), host])
    if not found:
        hint = "it has to be reachable from here, or in ~/.ssh/known_hosts"
        raise ClusterError(f"the SSH host keys of {name} cannot be had", hint=hint)
    return "\n".join(sorted(found))


def host_keys(known_hosts: str) -> list[str]:
    """The keys as people compare them, and `ssh-keygen -l` shows them: `git.example.com: ED25519 SHA256:…`."""
    found = []
    for host, kind, key in (line.split()[:3] for line in known_hosts.splitlines()):
        digest = base64.b64encode(hashlib.sha256(base64.b64decode(key)).digest()).decode().rstrip("=")
        found.append(f"{host}: {kind.removeprefix('ssh-').partition('-')[0].upper()} SHA256:{digest}")
    return found


def _lines(command: list[str]) -> list[str]:
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=SCAN * 3, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
