"""What opens another repository: told to one git process in its environment, never on a command line or in a file."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from scaffolder.git.command import run
from scaffolder.redact import HIDDEN, redact

# Git runs it in a shell, as the only helper, and for one server: whoever is redirected to learns nothing, and no helper
# of the user's is told to keep the password.
HELPER: Final = (
    '!f() { test "$1" != get || '
    'printf "username=%s\\npassword=%s\\n" "$SCAFFOLDER_GIT_USERNAME" "$SCAFFOLDER_GIT_PASSWORD"; }; f'
)
# Nothing is asked, as nobody may be there to answer; whoever does not answer is not waited for.
SSH_OPTIONS: Final = ("-o", "BatchMode=yes", "-o", "ConnectTimeout=30")


@dataclass(frozen=True)
class Access:
    """A name and password for HTTP, a key for SSH; what is missing is left to the user's own git and ssh.

    `ca_file` holds the authorities to trust instead of the system's; it and `private_key` are absolute.
    """

    username: str = "git"
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    private_key: Path | None = None

    def environment(self, url: str) -> dict[str, str]:
        """What a git process that talks to this URL has to find in its environment."""
        parts = urlsplit(url)
        if parts.scheme == "ssh":
            return {"GIT_SSH_COMMAND": self._ssh()}
        if parts.scheme not in {"http", "https"}:
            return {}
        found = {"GIT_SSL_CAINFO": str(self.ca_file)} if self.ca_file else {}
        if self.password:
            server = f"{parts.scheme}://{parts.netloc}"
            found |= _settings([("credential.helper", ""), (f"credential.{server}.helper", HELPER)])
            found |= {"SCAFFOLDER_GIT_USERNAME": self.username, "SCAFFOLDER_GIT_PASSWORD": self.password}
            found |= {"GIT_ASKPASS": ""}  # else a window might open where the password is wrong
        return found

    def _ssh(self) -> str:
        """The user's own ssh command, with our options after theirs."""
        configured = run(None, "config", "--get", "core.sshCommand", ok=(0, 1)).out.strip()
        command = os.environ.get("GIT_SSH_COMMAND") or configured or "ssh"
        key = ("-i", str(self.private_key), "-o", "IdentitiesOnly=yes") if self.private_key else ()
        return f"{command} {shlex.join((*SSH_OPTIONS, *key))}"

    def hidden(self, text: str) -> str:
        """The text without the password, should a server repeat it."""
        return redact(text.replace(self.password, HIDDEN) if self.password else text)


ANONYMOUS: Final = Access()


def _settings(settings: list[tuple[str, str]]) -> dict[str, str]:
    """Git's settings as its environment holds them, after those that it holds already."""
    known = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(known) if known.isdecimal() else 0
    found = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (key, value) in enumerate(settings, first):
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return found
