"""Files and hosts that flags name."""

from __future__ import annotations

from pathlib import Path

from scaffolder.errors import UsageError
from scaffolder.forge.base import Server
from scaffolder.spec.types import HOSTNAME


def readable(flag: str, place: Path) -> Path:
    """A file that can be read, absolute.

    Raises:
        UsageError: it cannot.
    """
    try:
        place.open("rb").close()
    except OSError as error:
        raise UsageError(f"{flag} {place} cannot be read: {(error.strerror or str(error)).lower()}") from None
    return place.resolve()


def server_at(hostname: str) -> Server:
    """Where `--hostname` says that the forge is; its SSH is taken to be there, too.

    Raises:
        UsageError: it is no host, or one without HTTPS.
    """
    if hostname.startswith("http://"):
        raise UsageError(f"--hostname {hostname}: http is insecure", hint="the forge has to be reached by https")
    found = HOSTNAME.fullmatch(hostname.removeprefix("https://").rstrip("/"))
    if not found:
        raise UsageError(f"--hostname {hostname!r} is not a host", hint="write it as git.example.com")
    return Server(found[0], found[1])
