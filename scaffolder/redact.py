"""Takes credentials out of any text before a person or a file can see it."""

from __future__ import annotations

import re
from typing import Final

_URL: Final = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://[^\s/@:]*:)[^\s/]+(?P<after>@)", re.IGNORECASE)
_NAME: Final = re.compile(r"(?P<before>[a-z][a-z0-9+.-]*://)[^\s/@:]{32,}(?P<after>@)", re.IGNORECASE)  # a token as one
_HEADER: Final = re.compile(
    r"(?P<before>authorization: *(?:basic|bearer|token) +|private-token: *|[?&](?:access|private)_token=)[^\s&'\"]+",
    re.IGNORECASE,
)
_TOKEN: Final = re.compile(
    r"\b(gh[pour]_[A-Za-z0-9]{20,}|ghs_[\w.-]{20,}|github_pat_\w{20,}|gl[a-z]{2,5}-[\w.-]{16,}|AGE-SECRET-KEY-1\w+)"
    r"|(?<=-----)BEGIN [A-Z ]*PRIVATE KEY-----[^-]*"
)
HIDDEN: Final = "***"


def redact(text: str) -> str:
    """The text without passwords in URLs, without tokens of the known shapes, and without private keys."""
    for url in (_URL, _NAME):
        text = url.sub(rf"\g<before>{HIDDEN}\g<after>", text)
    return _TOKEN.sub(HIDDEN, _HEADER.sub(rf"\g<before>{HIDDEN}", text))
