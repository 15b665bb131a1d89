"""Files that flags name."""

from __future__ import annotations

from pathlib import Path

from scaffolder.errors import UsageError


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
