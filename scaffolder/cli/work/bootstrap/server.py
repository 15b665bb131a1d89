"""The flags of `bootstrap git` about the server: where it is, who we are to it, and where clusters find it."""

from __future__ import annotations

import getpass
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder.cli.work.bootstrap import run as work
from scaffolder.cli.work.bootstrap.asked import Asked
from scaffolder.cli.work.bootstrap.target import read
from scaffolder.cli.work.given import readable
from scaffolder.cli.work.questions import StoppedError, possible
from scaffolder.errors import UsageError
from scaffolder.forge.git import GitForge, address
from scaffolder.git.credentials import Access

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.report import Report


@dataclass(frozen=True)
class Server:
    """What the flags say, under their names."""

    url: str
    username: str | None
    password: str = field(repr=False)
    private_key_file: Path | None
    ca_file: Path | None
    token_auth: bool
    ssh_hostname: str | None
    allow_insecure_http: bool
    ssh_signing_reuse_private_key: bool
    with_bearer_token: bool
    ssh_hostkey_algos: tuple[str, ...]

    @property
    def fetches_with_token(self) -> bool:
        return self.token_auth or self.with_bearer_token


def bootstrap(
    console: Console, *, server: Server, cluster: Mapping[str, Any], asked: Callable[..., Asked], dry_run: bool
) -> Report:
    """Bootstraps the repository at a URL; `asked` takes what the URL says beside the flags that it has.

    `cluster` has the flags about the cluster, see `target.read`.
    """
    apply = read(cluster)
    found = address(server.url, username=server.username, insecure=server.allow_insecure_http)
    refuse_no_host(server.ssh_hostname)
    access = Access(
        found.user,
        _password(console, server),
        server.ca_file and readable("--ca-file", server.ca_file),
        server.private_key_file and readable("--private-key-file", server.private_key_file),
        server.with_bearer_token,
        _algorithms(server.ssh_hostkey_algos, found.url),
    )
    sync_url = found.synced(token_auth=server.fetches_with_token, ssh_hostname=server.ssh_hostname)
    forge = GitForge(found, access, sync_url)
    told = asked(forge=forge, owner=found.owner, repository=found.name, url=sync_url, access=access, apply=apply)
    if server.ssh_signing_reuse_private_key:
        told = replace(told, signing=told.signing.reusing(access.private_key, access.password))
    return work.bootstrap(console, asked=told, dry_run=dry_run)


def _password(console: Console, server: Server) -> str:
    """The password that was given; with `--token-auth`, as Flux does it, else what standard input has."""
    password = server.password
    if server.fetches_with_token and not password and server.url.startswith("http"):
        flag = "--token-auth" if server.token_auth else "--with-bearer-token"
        missing = UsageError(
            f"{flag} needs a password", hint="export it as GIT_PASSWORD, or write it to standard input"
        )
        password = of_input(console, "Please enter your Git repository password: ", missing)
    if not password.isprintable():
        raise UsageError("the password must be one line of printable text")
    return password


def _algorithms(said: tuple[str, ...], url: str) -> tuple[str, ...]:
    if said and not url.startswith("ssh://"):
        raise UsageError("--ssh-hostkey-algos: --url is not reached by SSH", hint="leave it out")
    if strange := [name for name in said if not re.fullmatch(r"[\w.@-]+", name)]:
        raise UsageError(f"--ssh-hostkey-algos {strange[0]}: that is no algorithm", hint="`ssh -Q HostKeyAlgorithms`")
    return said


def of_input(console: Console, question: str, missing: UsageError) -> str:
    """A secret that standard input has: what is answered on a terminal, else its first line."""
    return _asked(question) if possible(console) else _read(missing)


def _asked(question: str) -> str:
    try:
        return getpass.getpass(question)
    except (EOFError, KeyboardInterrupt):
        raise StoppedError from None


def _read(missing: UsageError) -> str:
    if sys.stdin is None or sys.stdin.isatty():
        raise missing
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise missing
    return password


def refuse_no_host(ssh_hostname: str | None) -> None:
    """Raises a UsageError for a `--ssh-hostname` that is not one."""
    if ssh_hostname is not None and not re.fullmatch(r"[\w.-]+(:\d+)?|\[[\da-fA-F:]+\](:\d+)?", ssh_hostname):
        raise UsageError(f"--ssh-hostname {ssh_hostname} is not a host, with or without a port")
