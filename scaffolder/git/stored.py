"""The password that the user's git keeps for a server."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from scaffolder.git.command import run

# Only what is kept: nothing is asked for on a terminal, in a window or in a browser.
SILENT: Final = {"GIT_ASKPASS": "", "GCM_INTERACTIVE": "never"}


def stored(url: str) -> str:
    """What a credential helper has for an https:// URL; empty where none has anything."""
    parts = urlsplit(url)
    asked = {"protocol": parts.scheme, "host": parts.netloc, "path": parts.path.strip("/")}
    lines = [f"{name}={value}\n" for name, value in asked.items() if value]
    words = ("-c", "credential.interactive=false", "credential", "fill")
    answer = run(None, *words, stdin="".join([*lines, "\n"]).encode(), env=SILENT, ok=range(256))
    found = dict(line.partition("=")[::2] for line in answer.out.splitlines()) if answer.status == 0 else {}
    return found.get("password", "")
