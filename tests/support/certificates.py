"""An authority of the tests' own, and the certificate of a server on `localhost` that it signed."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.testbed.processes import LOOPBACK

HOST = "localhost"  # the real flux knows no addresses here


def certificates(folder: Path) -> None:
    """`authority.pem`, and `cert.pem` with `key.pem`, which it signed."""
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    new += ["-days", "9"]
    authority = ["-subj", "/CN=authority", "-keyout", "authority.key", "-out", "authority.pem"]
    server = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST},IP:{LOOPBACK}"]
    server += ["-addext", "basicConstraints=CA:FALSE", "-CA", "authority.pem", "-CAkey", "authority.key"]
    for words in (authority, [*server, "-keyout", "key.pem", "-out", "cert.pem"]):
        subprocess.run([*new, *words], cwd=folder, check=True, capture_output=True)
