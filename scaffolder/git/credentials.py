"""What opens another repository: told to one git process in its environment, never on a command line or in a file."""

from __future__ import annotations

import contextlib
import os
import shlex
import tempfile
from collections.abc import Iterator
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
# Ssh runs it for whatever it wants to know, and gets no answer but to this.
ASKPASS: Final = """#!/bin/sh
case $1 in
"Enter passphrase"*) printf '%s\\n' "$SCAFFOLDER_GIT_PASSWORD" ;;
*) exit 1 ;;
esac
"""
# Nothing is asked, as nobody may be there to answer; whoever does not answer is not waited for.
SSH_OPTIONS: Final = ("-o", "ConnectTimeout=30", "-o", "BatchMode=yes")
WITH_PASSPHRASE: Final = (*SSH_OPTIONS[:2], "-o", "PasswordAuthentication=no", "-o", "KbdInteractiveAuthentication=no")


@dataclass(frozen=True)
class Access:
    """A name and password for HTTP, a key for SSH; what is missing is left to the user's own git and ssh.

    The password of a key is its passphrase. `ca_file` holds the authorities to trust instead of the system's. Both
    are absolute paths. `bearer` says that the password is a bearer token, which goes without a name. A server may show
    only those host keys that are of `host_key_algorithms`, where there are any.
    """

    username: str = "git"
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    private_key: Path | None = None
    bearer: bool = False
    host_key_algorithms: tuple[str, ...] = ()

    @contextlib.contextmanager
    def opened(self, url: str) -> Iterator[dict[str, str]]:
        """What a git process that talks to this URL has to find in its environment, as long as it runs."""
        environment = self.environment(url)
        if not (url.startswith("ssh://") and self._has_passphrase):
            yield environment
            return
        with tempfile.TemporaryDirectory(prefix="scaffolder-") as folder:
            program = Path(folder, "askpass")
            program.write_text(ASKPASS, encoding="utf-8")
            program.chmod(0o700)
            asking = {"SSH_ASKPASS": str(program), "SSH_ASKPASS_REQUIRE": "force"}
            yield {**environment, **asking, "SCAFFOLDER_GIT_PASSWORD": self.password}

    @property
    def _has_passphrase(self) -> bool:
        return bool(self.private_key and self.password)

    def environment(self, url: str) -> dict[str, str]:
        """The part of `opened` that is settings alone."""
        parts = urlsplit(url)
        if parts.scheme == "ssh":
            return {"GIT_SSH_COMMAND": self._ssh()}
        if parts.scheme not in {"http", "https"}:
            return {}
        found = {"GIT_SSL_CAINFO": str(self.ca_file)} if self.ca_file else {}
        server = f"{parts.scheme}://{parts.netloc}"
        if self.password and self.bearer:
            found |= _settings(_of_bearer(server, self.password))
        elif self.password:
            found |= _settings([("credential.helper", ""), (f"credential.{server}.helper", HELPER)])
            found |= {"SCAFFOLDER_GIT_USERNAME": self.username, "SCAFFOLDER_GIT_PASSWORD": self.password}
        if self.password:
            found |= {"GIT_ASKPASS": ""}  # else a window might open where we are sent to another server
        return found

    def _ssh(self) -> str:
        """The user's own ssh command, with our options after theirs."""
        configured = run(None, "config", "--get", "core.sshCommand", ok=(0, 1)).out.strip()
        command = os.environ.get("GIT_SSH_COMMAND") or configured or "ssh"
        key = ("-i", str(self.private_key), "-o", "IdentitiesOnly=yes") if self.private_key else ()
        options = WITH_PASSPHRASE if self._has_passphrase else SSH_OPTIONS
        algorithms = ",".join(self.host_key_algorithms)
        shown = ("-o", f"HostKeyAlgorithms={algorithms}") if algorithms else ()
        return f"{command} {shlex.join((*options, *key, *shown))}"

    def hidden(self, text: str) -> str:
        """The text without the password, should a server repeat it."""
        return redact(text.replace(self.password, HIDDEN) if self.password else text)


ANONYMOUS: Final = Access()


def _of_bearer(server: str, token: str) -> list[tuple[str, str]]:
    """Git would take the header along to wherever it is sent, so that it may be sent nowhere."""
    header = (f"http.{server}/.extraHeader", f"Authorization: Bearer {token}")
    return [("credential.helper", ""), header, ("http.followRedirects", "false")]


def _settings(settings: list[tuple[str, str]]) -> dict[str, str]:
    """Git's settings as its environment holds them, after those that it holds already."""
    known = os.environ.get("GIT_CONFIG_COUNT", "")
    first = int(known) if known.isdecimal() else 0
    found = {"GIT_CONFIG_COUNT": str(first + len(settings))}
    for number, (key, value) in enumerate(settings, first):
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return found
