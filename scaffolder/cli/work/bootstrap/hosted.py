"""`bootstrap` on a forge with an API: the token, the forge's address, and who else gets at the repository."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from scaffolder.cli.work import tokens
from scaffolder.cli.work.bootstrap import run as work
from scaffolder.cli.work.bootstrap.asked import Asked
from scaffolder.cli.work.bootstrap.server import refuse_no_host
from scaffolder.cli.work.bootstrap.target import read
from scaffolder.cli.work.bootstrap.transport import BY_GIT, ByApi
from scaffolder.cli.work.given import readable
from scaffolder.errors import ForgeError, GitError, UsageError
from scaffolder.forge.base import (
    Action,
    DeployKey,
    Ensured,
    Hosted,
    LendingForge,
    Login,
    Permission,
    Repository,
    Server,
    SharingForge,
)
from scaffolder.forge.hosted import HOSTS, Host
from scaffolder.forge.names import server_at
from scaffolder.forge.ssh import SshForge
from scaffolder.git.credentials import Access
from scaffolder.report import Made

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.report import Report

FORBIDDEN: Final = "returned error: 403"  # git's words
OF_WORKFLOWS: Final = "create or update workflow"  # GitHub's
HTTPS, SSH, API = "https", "ssh", "api"  # what --transport may be


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


@dataclass(frozen=True)
class Shared:
    """A forge that lets teams have a repository as soon as it is there. `made` has what was done for each."""

    console: Console
    forge: SharingForge
    teams: Mapping[str, Permission | None]
    made: dict[str, Action] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.forge.kind

    @property
    def title(self) -> str:
        return self.forge.title

    def find_repository(self, owner: str, name: str) -> Hosted | None:
        """The repository; a team that there is not is found out before anything is made."""
        found = self.forge.find_repository(owner, name)
        for team, permission in self.teams.items():
            self.made.setdefault(team, self.forge.find_team(owner, name, team, permission))
        return found

    def ensure_repository(self, wanted: Repository) -> Ensured[Hosted]:
        ensured = self.forge.ensure_repository(wanted)
        self.console.record(ensured.action, "repository", f"{wanted.owner}/{wanted.name}")
        for team, permission in self.teams.items():
            self.console.record(self.forge.ensure_team(ensured.value, team, permission), "team", team)
        return ensured


@dataclass(frozen=True)
class Grant:
    """Makes a cluster's public key the deploy key of a repository. `made` has what was done."""

    console: Console
    forge: SharingForge
    account: Account
    made: list[Action] = field(default_factory=list)

    def __call__(self, title: str, public_key: str) -> None:
        found = self.forge.find_repository(self.account.owner, self.account.repository)
        if found is None:
            return  # deleted meanwhile: the cluster will say that it cannot fetch it
        wanted = DeployKey(title, public_key, read_only=not self.account.read_write_key)
        self.made.append(self.forge.ensure_deploy_key(found, wanted).action)
        self.console.record(self.made[-1], "deploy key", self.account.full)
        self.console.done(f'configured deploy key "{title}" for "{found.git_url.removesuffix(".git")}"')


@dataclass(frozen=True)
class Borrowed:
    """A deploy token of a repository for a cluster, by its title. `made` has what was done."""

    console: Console
    forge: LendingForge
    account: Account
    made: list[Action]
    title: str

    def works(self, username: str) -> bool:
        found = self.forge.find_repository(self.account.owner, self.account.repository)
        return found is not None and self.forge.has_deploy_token(found, self.title, username)

    def renewed(self) -> Access:
        found = self.forge.find_repository(self.account.owner, self.account.repository)
        if found is None:
            raise ForgeError(f"{self.account.full} was deleted meanwhile", hint="run this again to make it anew")
        lent = self.forge.make_deploy_token(found, self.title)
        self.made.append(Action.CREATED)
        self.console.record(Action.CREATED, "deploy token", self.account.full)
        self.console.done(f'configured deploy token "{self.title}" for "{found.git_url.removesuffix(".git")}"')
        return lent


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
        forge, grant = Shared(console, opened, teams), Grant(console, opened, account)
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
            loan=partial(Borrowed, console, cast("LendingForge", opened), account, grant.made)
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
