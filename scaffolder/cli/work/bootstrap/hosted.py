"""`bootstrap` on a forge with an API: the token, the forge's address, and who else gets at the repository."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from scaffolder.cli.work import tokens
from scaffolder.cli.work.bootstrap import run as work
from scaffolder.cli.work.bootstrap.account import API, SSH, Account
from scaffolder.cli.work.bootstrap.asked import Asked
from scaffolder.cli.work.bootstrap.server import refuse_no_host
from scaffolder.cli.work.bootstrap.sharing import Borrowed, Grant, Shared
from scaffolder.cli.work.bootstrap.target import read
from scaffolder.cli.work.bootstrap.transport import BY_GIT, ByApi
from scaffolder.cli.work.given import readable
from scaffolder.errors import GitError, UsageError
from scaffolder.forge.base import (
    LendingForge,
    Login,
    Permission,
    Server,
)
from scaffolder.forge.hosted import Host
from scaffolder.forge.names import server_at
from scaffolder.forge.ssh import SshForge
from scaffolder.git.credentials import Access
from scaffolder.report import Made

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.report import Report

FORBIDDEN: Final = "returned error: 403"  # git's words
OF_WORKFLOWS: Final = "create or update workflow"  # GitHub's


def bootstrap(
    console: Console, *, account: Account, cluster: Mapping[str, Any], asked: Callable[..., Asked], dry_run: bool
) -> Report:
    """Bootstraps a repository on its forge; `asked` takes what the account says beside the flags that it has.

    `cluster` has the flags about the cluster, see `target.read`.
    """
    if account.token_auth and account.deploy_token_auth:
        raise UsageError("--token-auth and --deploy-token-auth cannot be set both")
    apply = read(cluster)
    server, teams = _server(account), _teams(account)
    ca_file = account.ca_file and readable("--ca-file", account.ca_file)
    token = tokens.found(console, account.host, server.host, account.token, ca_file)
    login = Login(server, token, ca_file, account.personal, account.by_https)
    with account.host.opened(login) as opened:
        forge = Shared(console, opened, teams)
        grant = Grant(console, opened, account, seen=forge.seen)
        told = asked(
            forge=SshForge(forge, server) if account.transport == SSH else forge,
            transport=ByApi(opened.contents) if account.transport == API else BY_GIT,
            owner=account.owner,
            repository=account.repository,
            url=server.sync_url(account.owner, account.repository, token_auth=account.by_https),
            # what clusters fetch with; we push with the forge's own
            access=_of_clusters(account, token, ca_file),
            apply=apply,
            grant=None if account.by_https else grant,
            loan=partial(Borrowed, console, cast("LendingForge", opened), account, grant.made, forge.seen)
            if account.deploy_token_auth
            else None,
            variable=account.host.variable,
            hostname=_hostname(account.host, server),
            rules=opened.rules,
            changes=opened.changes,
        )
        with _hinting(account.host):
            made = work.bootstrap(console, asked=told, dry_run=dry_run)
    shares = tuple(Made(action=action.value, kind="team", name=team) for team, action in forge.made.items())
    return made.model_copy(update={"forge": (*made.forge, *shares, *_of_key(made, account, grant))})


def _of_clusters(account: Account, token: str, ca_file: Path | None) -> Access:
    """What clusters fetch with, without what the forge will lend them."""
    if not account.by_https:
        key = account.private_key
        return Access(private_key=key and readable("--private-key-file", key))
    return Access(password="" if account.deploy_token_auth else token, ca_file=ca_file)


@contextmanager
def _hinting(host: Host) -> Iterator[None]:
    """Git hears only that it may not push; what may be missing beyond the rights of the user is a scope."""
    try:
        yield
    except GitError as error:
        if OF_WORKFLOWS in error.message:
            hint = "the token needs the scope workflow too, or the permission Workflows; or leave them out: --no-checks"
        elif FORBIDDEN in error.message:
            hint = f"the token needs the scope {host.scope}"
        else:
            raise
        raise GitError(error.message, hint=hint) from None


def _of_key(made: Report, account: Account, grant: Grant) -> tuple[Made, ...]:
    """The deploy key or token in the report: with `--apply` it comes to be with the cluster's secret."""
    secret = next((each for each in made.cluster if each.kind == "secret"), None)
    if secret is None or account.token_auth:
        return ()
    action = grant.made[-1].value if grant.made else secret.action
    kind = "deploy token" if account.deploy_token_auth else "deploy key"
    return (Made(action=action, kind=kind, name=account.full),)


def _server(account: Account) -> Server:
    """Where `--hostname` says that the forge is, and `--ssh-hostname` that its SSH is."""
    refuse_no_host(account.ssh_hostname)
    found = server_at(account.hostname)
    has_port = found.host.removeprefix(found.ssh).startswith(":")
    if has_port and not account.ssh_hostname and (account.transport == SSH or not account.by_https):
        hint = f"--ssh-hostname={found.ssh}:22, or where its SSH is" + ("" if account.by_https else "; or --token-auth")
        who = "git finds" if account.by_https else "clusters find"
        raise UsageError(f"--hostname {account.hostname}: {who} no SSH at the port of https", hint=hint)
    return replace(found, ssh=account.ssh_hostname or found.ssh)


def _hostname(host: Host, server: Server) -> str | None:
    """What the documents have to say of where the forge is: nothing where the repository's URL says it."""
    return None if server.host in (host.domain, server.ssh.partition(":")[0]) else server.host


def _teams(account: Account) -> dict[str, Permission | None]:
    """`name[:permission]` each."""
    found: dict[str, Permission | None] = {}
    for said in account.team:
        name, _, permission = said.partition(":")
        known = ", ".join(Permission)
        if not name or permission not in {"", *Permission}:
            raise UsageError(f"--team {said}: must be NAME or NAME:PERMISSION", hint=f"the permissions: {known}")
        found[name] = Permission(permission) if permission else None
    if found and account.personal:
        raise UsageError("--team: only organisations have teams", hint="leave out --team or --personal")
    return found
