"""What the flags say of a forge with an API, and of the repository on it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scaffolder.cli.work import tokens
from scaffolder.forge.hosted import HOSTS, Host

HTTPS: Final = "https"  # what --transport may be
SSH: Final = "ssh"
API: Final = "api"


@dataclass(frozen=True)
class Account:
    """What the flags say, under their names; `kind` is the forge's."""

    kind: str
    owner: str
    repository: str
    hostname: str
    personal: bool
    team: tuple[str, ...]
    token_auth: bool
    ssh_hostname: str | None
    ca_file: Path | None
    read_write_key: bool
    token: tokens.Given = tokens.NOTHING
    transport: str = HTTPS
    deploy_token_auth: bool = False
    private_key: Path | None = None

    @property
    def host(self) -> Host:
        return HOSTS[self.kind]

    @property
    def full(self) -> str:
        return f"{self.owner}/{self.repository}"

    @property
    def by_https(self) -> bool:
        """Whether clusters fetch with a name and password."""
        return self.token_auth or self.deploy_token_auth
