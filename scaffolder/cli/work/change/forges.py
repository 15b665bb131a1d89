"""The forge that a repository is on, for its change requests: what its documents say, else what `origin` is."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from scaffolder import git
from scaffolder.apply import WorkTree
from scaffolder.cli.work import tokens
from scaffolder.cli.work.change.delivery import Home
from scaffolder.cli.work.given import readable
from scaffolder.cli.work.session import has_documents
from scaffolder.errors import ForgeError, UsageError, shown
from scaffolder.forge.base import Hosted, Login, Server
from scaffolder.forge.hosted import HOSTS, Host
from scaffolder.forge.local_changes import LocalChanges
from scaffolder.redact import redact
from scaffolder.spec.load import Spec

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.spec.model import Platform

SHORT: Final = re.compile(r"(?:[^@/:]+@)?(?P<host>[^/:]+):(?P<path>[^/].*)")  # git@host:path
HINT: Final = "set `repository.forge` and `repository.url` in the platform document"


@contextmanager
def opened(console: Console, repo: git.Repo, platform: Platform | None) -> Iterator[Home]:
    """The forge of a repository, as long as it is needed.

    Raises:
        UsageError: it is not known, or has no change requests.
        ForgeError: the repository is not there.
    """
    origin = git.run(repo, "remote", "get-url", "origin", ok=(0, 2, 128)).out.strip()
    said = platform.repository if platform else None
    if said and said.forge and said.url:
        host, url = HOSTS[said.forge], said.url
    elif _is_folder(origin):
        yield _local(Path(repo.root or repo.git_dir, origin.removeprefix("file://")).resolve())
        return
    else:
        host, url = _known(origin), origin
    name, path = _parts(url)
    server = Server((said and said.hostname) or name, name)
    owner, repository = _named(server, path)
    ca_file = authorities(repo, server)
    login = Login(server, tokens.found(console, host, server.host, ca_file=ca_file), ca_file)
    with host.opened(login) as forge:
        hosted = forge.find_repository(owner, repository)
        if hosted is None:
            raise ForgeError(f"{forge.title} has no repository {owner}/{repository}", hint="`scaffolder bootstrap`")
        yield Home(hosted, forge.changes)


def platform_of(repo: git.Repo) -> Platform | None:
    """What a repository's documents say of it, if it has any; nothing is written, so no turn is waited for."""
    tree = WorkTree(repo.root or repo.git_dir, repo.git_dir)
    return Spec(tree).platform if has_documents(tree) else None


def _is_folder(origin: str) -> bool:
    return origin.startswith(("/", "./", "../", "file://"))


def _local(place: Path) -> Home:
    if not (place / "HEAD").is_file():
        raise ForgeError(f"the remote `origin` is {place}, which is no bare repository", hint=HINT)
    return Home(Hosted(place.parent.name, place.name.removesuffix(".git"), None, str(place), None), LocalChanges())


def _known(origin: str) -> Host:
    """The kind of forge that a remote's host is, where it is its makers' own."""
    if not origin:
        raise UsageError("it is not known which forge this repository is on: it has no remote `origin`", hint=HINT)
    domain = _parts(origin)[0]
    for host in HOSTS.values():
        if host.domain == domain:
            return host
    message = f"it is not known which kind of forge {shown(redact(domain))} is"
    raise UsageError(message, hint=f"{HINT}; a plain Git server has no change requests")


def _parts(url: str) -> tuple[str, str]:
    """Host and path: `https://git.example.com:3000/acme/fleet.git`, `git@git.example.com:acme/fleet.git`."""
    if short := SHORT.fullmatch(url) if "://" not in url else None:
        return short["host"], short["path"]
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return (host if parts.scheme in {"http", "https"} else host.partition(":")[0]), parts.path.strip("/")


def _named(server: Server, path: str) -> tuple[str, str]:
    """Owner and name; the path that the forge itself is at belongs to neither."""
    prefix = server.host.partition("/")[2]
    own = path.removeprefix(f"{prefix}/") if prefix else path
    owner, _, name = own.removesuffix(".git").rpartition("/")
    return owner, name


def authorities(repo: git.Repo | None, server: Server) -> Path | None:
    """The certificates that git is told to trust for a server, instead of the system's.

    Raises:
        UsageError: they cannot be read.
    """
    words = ("config", "--type=path", "--get-urlmatch", "http.sslCAInfo", f"https://{server.host}")
    found = os.environ.get("GIT_SSL_CAINFO") or git.run(repo, *words, ok=(0, 1)).out.strip()
    return readable("http.sslCAInfo", Path(found)) if found else None
