"""Takes credentials out of any text before a person or a file can see it."""

from __future__ import annotations

import re
from typing import Final

_URL: Final = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*://)(?P<user>[^\s/@:]*):(?P<secret>[^\s/@]+)@", re.IGNORECASE)
_TOKEN: Final = re.compile(
    r"\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl(pat|cbt|dt|rt)-[\w-]{16,}|x-access-token:\S+)"
)
HIDDEN: Final = "***"


def redact(text: str) -> str:
    """The text without passwords in URLs and without tokens of the known shapes."""
    return _TOKEN.sub(HIDDEN, _URL.sub(rf"\g<scheme>\g<user>:{HIDDEN}@", text))
