"""Any Git server, by URL: no API, so that the repository has to be there already, as for `flux bootstrap git`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from scaffolder import git
from scaffolder.errors import ForgeError, UsageError
from scaffolder.forge.base import Action, Ensured, Hosted, Repository
from scaffolder.git.command import reason
from scaffolder.git.credentials import Access
from scaffolder.git.remote import contact
from scaffolder.redact import redact

USER: Final = "git"
OWNER: Final = "local"  # of a repository in a folder
EXAMPLE: Final = "write it as https://host/owner/name.git"
SHORT: Final = re.compile(r"(?P<host>[^/:]+):(?P<path>(?!//).+)")  # git@host:path
KEY: Final = "Permission denied ("  # what ssh says where a server takes none of its keys
NOTHING: Final = ("not found", "does not appear to be a git repository", "does not exist")

# what git and ssh say -> what it means, and what to do about it
REFUSALS: Final = {
    "Authentication failed": ("it does not take this name and password", "--username, and --password or GIT_PASSWORD"),
    "could not read Username": ("it asks for a name and password", "--username, and --password or GIT_PASSWORD"),
    "could not read Password": ("it asks for a password", "--password or GIT_PASSWORD"),
    KEY: (
        "it does not take our SSH key",
        "--private-key-file names one, and --password or GIT_PASSWORD its passphrase",
    ),
    "HOST IDENTIFICATION HAS CHANGED": (
        "its SSH host key is another than before",
        "somebody may be listening in; compare its fingerprint with what its administrators publish",
    ),
    "Host key verification failed": (
        "its SSH host key is not known",
        "compare its fingerprint with what its administrators publish, then: ssh-keyscan {host} >> ~/.ssh/known_hosts",
    ),
    "certificate": ("its certificate is not trusted", "--ca-file names the authority that signed it"),
}


@dataclass(frozen=True)
class Address:
    """What `--url` says. `url` is without a user for HTTP, with one for SSH, and absolute for a folder."""

    url: str
    owner: str
    name: str
    user: str

    def synced(self, *, token_auth: bool = False, ssh_hostname: str | None = None) -> str | None:
        """Where a cluster fetches the repository, as `flux bootstrap git` has it; None for a folder.

        By HTTPS with a token, else by SSH, however we push; HTTP stays HTTP.
        """
        parts = urlsplit(self.url)
        if not parts.scheme:
            return None
        host = parts.netloc.rpartition("@")[2]
        if not token_auth:
            return parts._replace(scheme="ssh", netloc=f"{self.user}@{ssh_hostname or host}").geturl()
        if parts.scheme == "ssh":
            return parts._replace(scheme="https", netloc=_without_port(host)).geturl()
        return self.url


def _without_port(host: str) -> str:
    return re.sub(r":\d*$", "", host)


def address(said: str, *, username: str | None = None, insecure: bool = False) -> Address:
    """Reads a `--url`: https, ssh, http where that is allowed, or a folder.

    Raises:
        UsageError: it is none of these, or holds a password.
    """
    if "://" not in said or said.startswith("file://"):
        return _folder(said.removeprefix("file://"))
    try:
        parts = urlsplit(said)
        host, user, password = _authority(parts), parts.username, parts.password
    except ValueError as error:
        raise UsageError(f"--url {redact(said)}: {error}") from None
    if password is not None:
        raise UsageError("--url must not hold a password", hint="export it as GIT_PASSWORD")
    if not re.fullmatch(r"[^\s?#]+", said) or not said.isprintable() or not host or not parts.path.strip("/"):
        raise UsageError(f"--url {said!r} names no repository", hint=EXAMPLE)
    if parts.scheme not in {"https", "http", "ssh"}:
        raise UsageError(f"--url {said}: Flux knows https, http and ssh, not {parts.scheme}")
    if parts.scheme == "http" and not insecure:
        raise UsageError(f"--url {said}: http is insecure", hint="--allow-insecure-http allows it")
    user = username or user or USER
    netloc = f"{user}@{host}" if parts.scheme == "ssh" else host
    owner, _, name = parts.path.strip("/").removesuffix(".git").rpartition("/")
    return Address(parts._replace(netloc=netloc).geturl(), owner, name, user)


def _authority(parts: SplitResult) -> str:
    """Host and port, without a user; the library checks a port when it is read."""
    host = parts.netloc.rpartition("@")[2]
    return host if parts.port is not None else host.removesuffix(":")


def _folder(said: str) -> Address:
    if not said.strip():
        raise UsageError(f"--url {said!r} names no repository", hint=EXAMPLE)
    short = SHORT.fullmatch(said)
    if short and not Path(said).exists():
        url = f"ssh://{short['host']}/{short['path'].lstrip('/')}"
        raise UsageError(f"--url {said}: Flux does not know the short form", hint=f"write {url}")
    place = Path(said).resolve()
    return Address(str(place), OWNER, place.name.removesuffix(".git"), USER)


@dataclass(frozen=True)
class GitForge:
    """One repository; owner and name are what its URL says."""

    address: Address
    access: Access
    sync_url: str | None
    kind: str = "git"

    @property
    def title(self) -> str:
        return self.address.url

    def find_repository(self, owner: str, name: str) -> Hosted:
        """The repository at the URL.

        Raises:
            UsageError: it is asked for another one.
            ForgeError: it is missing, or cannot be read.
        """
        if (owner, name) != (self.address.owner, self.address.name):
            raise UsageError(f"`{owner}/{name}` is not what {self.title} names")
        answer = contact(None, self.access, self.title, "ls-remote", "--", self.title, "HEAD", ok=range(256))
        if answer.status:
            raise self._refused(answer)
        return Hosted(owner, name, None, self.title, self.sync_url, self.access)

    def ensure_repository(self, wanted: Repository) -> Ensured[Hosted]:
        return Ensured(self.find_repository(wanted.owner, wanted.name), Action.UNCHANGED)

    def _refused(self, answer: git.Answer) -> ForgeError:
        if told := refused(self.title, answer):
            return told
        if any(said in answer.err for said in NOTHING):
            hint = "make it there first, empty; if it is there, this user may not see it"
            return ForgeError(f"there is no repository at {self.title}", hint=hint)
        return ForgeError(f"{self.title} cannot be read: {self.access.hidden(reason(answer))}")


def refused(url: str, answer: git.Answer) -> ForgeError | None:
    """What it means, and what to do, where a server does not let us in; None where it is about something else."""
    parts = urlsplit(url)
    host = f"-p {parts.port} {parts.hostname}" if parts.port else parts.hostname or ""  # as `ssh-keyscan` wants it
    for said, (meaning, hint) in REFUSALS.items():
        if said in answer.err:
            return ForgeError(f"{url} cannot be read: {meaning}", hint=hint.format(host=host))
    return None
