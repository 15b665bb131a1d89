"""`bootstrap` on forges with an API: `flux bootstrap`'s flags, with its names and meaning."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from scaffolder.cli import bootstrap_kubectl as kubectl
from scaffolder.cli import bootstrap_options as flags
from scaffolder.cli.change_options import of_change_request
from scaffolder.cli.options import split, taking
from scaffolder.cli.token_options import given_token, of_app, of_token
from scaffolder.errors import UsageError

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.report import Report

SHARED = (
    of_token,
    flags.of_every_forge,
    flags.of_commits,
    *flags.ABOUT_CLUSTER,
    kubectl.of_flux_by_ssh,
    of_change_request,
    flags.of_every_run,
)


class Transport(StrEnum):
    https = "https"
    ssh = "ssh"
    api = "api"


def of_forge(
    *,
    owner: Annotated[str, typer.Option(metavar="NAME", help="Organisation or group, or with --personal the user.")],
    repository: Annotated[str, typer.Option(metavar="NAME", help="Name of the repository.")],
    hostname: Annotated[
        str | None, typer.Option(metavar="HOST", help="Where the forge is, with a port or a path if need be.")
    ] = None,
    personal: Annotated[
        bool, typer.Option("--personal/--no-personal", help="The owner is a user. [no]", show_default=False)
    ] = False,
    private: Annotated[
        bool | None, typer.Option("--private/--no-private", help="Only members may read a new repository. [yes]")
    ] = None,
    team: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[:PERMISSION]", help="Team that gets the repository; repeat for more."),
    ] = None,
    token_auth: Annotated[
        bool,
        typer.Option(
            "--token-auth/--no-token-auth",
            help="Clusters fetch by HTTPS with the token, not by SSH with a deploy key. [no]",
            show_default=False,
        ),
    ] = False,
    ssh_hostname: Annotated[
        str | None, typer.Option(metavar="HOST", help="Where clusters find it by SSH. [that of --hostname]")
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificates of the authorities to trust for HTTPS.")
    ] = None,
    read_write_key: Annotated[
        bool,
        typer.Option(
            "--read-write-key/--no-read-write-key", help="The deploy key may also push. [no]", show_default=False
        ),
    ] = False,
    checks: Annotated[
        bool | None,
        typer.Option(
            "--checks/--no-checks",
            help="Documents ask for CI that checks every change. [as they are; yes in new ones]",
            show_default=False,
        ),
    ] = None,
    transport: Annotated[
        Transport,
        typer.Option(
            help="How commits get there: pushed with the token, with your own SSH key, or made through the API."
        ),
    ] = Transport.https,
    protect: Annotated[
        bool | None,
        typer.Option(
            "--protect/--no-protect",
            help="Documents ask for a protected branch: change requests, checks, one approval. [as they are]",
            show_default=False,
        ),
    ] = None,
    reconcile: Annotated[
        bool,
        typer.Option(
            "--reconcile/--no-reconcile", help="As for Flux: teams are seen to in any case.", show_default=False
        ),
    ] = False,
) -> None:
    """Where the forge is, and what is asked for on it."""


@taking(of_forge, of_app, kubectl.of_flux_with_key, *SHARED)
def github(*, given: Mapping[str, Any]) -> None:
    """Make a repository on GitHub or GitHub Enterprise, and push to it.

    The token is that of GITHUB_TOKEN, else one that git or gh keeps, else standard input is asked for it. What is left
    to do on the cluster is printed, or done with --apply. In a repository with documents: pushes it. Elsewhere: makes
    documents from these flags. May be run again; a repository that is there already keeps its settings.
    """
    _attempt("github", given, visibility=flags.visibility(private=given["private"]))


class Visibility(StrEnum):
    private = "private"
    internal = "internal"
    public = "public"


@taking(of_forge, *SHARED)
def gitlab(
    *,
    visibility: Annotated[
        Visibility | None,
        typer.Option(help="Who may see a new repository; --private is an older way to say it. [private]"),
    ] = None,
    deploy_token_auth: Annotated[
        bool,
        typer.Option(
            "--deploy-token-auth/--no-deploy-token-auth",
            help="Clusters fetch by HTTPS with a deploy token, which can only read. [no]",
            show_default=False,
        ),
    ] = False,
    private_key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="SSH key that clusters fetch with. [a new one]")
    ] = None,
    given: Mapping[str, Any],
) -> None:
    """Make a repository on GitLab, and push to it.

    The token is that of GITLAB_TOKEN, else one that git or glab keeps, else standard input is asked for it. What is
    left to do on the cluster is printed, or done with --apply. In a repository with documents: pushes it. Elsewhere:
    makes documents from these flags. May be run again; a repository that is there already keeps its settings. The
    owner is a group by its full path, as group/subgroup; of these only the first has to be there.
    """
    said = flags.visibility(private=given["private"])
    if visibility and said not in {None, visibility}:
        raise typer.BadParameter(f"--visibility {visibility} and --private do not agree")
    wanted = visibility.value if visibility else said
    own = {"deploy_token_auth": deploy_token_auth, "private_key": private_key_file}
    _attempt("gitlab", given, visibility=wanted, **own)


@taking(of_forge, kubectl.of_flux_with_key, *SHARED)
def gitea(*, given: Mapping[str, Any]) -> None:
    """Make a repository on Gitea or Forgejo, and push to it.

    The token is that of GITEA_TOKEN, else one that git or tea keeps, else standard input is asked for it. What is left
    to do on the cluster is printed, or done with --apply. In a repository with documents: pushes it. Elsewhere: makes
    documents from these flags. May be run again; a repository that is there already keeps its settings.
    """
    _attempt("gitea", given, visibility=flags.visibility(private=given["private"]))


def _attempt(kind: str, given: Mapping[str, Any], *, visibility: str | None, **own: Any) -> NoReturn:
    """`own` are fields of the account that this forge alone has."""
    from scaffolder.cli.work.bootstrap import hosted as work
    from scaffolder.cli.work.bootstrap.account import API, Account
    from scaffolder.cli.work.bootstrap.asked import Asked
    from scaffolder.forge.hosted import HOSTS

    # --reconcile: there is nothing of a repository that Flux would change
    account = Account(
        kind=kind,
        owner=given["owner"],
        repository=given["repository"],
        hostname=given["hostname"] or HOSTS[kind].domain,
        personal=given["personal"],
        team=tuple(split(given["team"])),
        token_auth=given["token_auth"],
        ssh_hostname=given["ssh_hostname"],
        ca_file=given["ca_file"],
        read_write_key=given["read_write_key"],
        token=given_token(given),
        transport=given["transport"].value,
        **own,
    )
    asked = partial(
        Asked, visibility=visibility, checks=given["checks"], protect=given["protect"], **flags.shared(given)
    )

    def run(console: "Console", *, dry_run: bool) -> "Report":
        if account.transport == API:
            _refuse_with_api(given)
        return work.bootstrap(
            console, account=account, cluster=flags.about_cluster(given), asked=asked, dry_run=dry_run
        )

    flags.run(f"bootstrap {kind}", run, given)


def _refuse_with_api(given: Mapping[str, Any]) -> None:
    """What only git can do."""
    for name in ("gpg_key_ring", "ssh_signing_key_file", "change_request"):
        if given[name]:
            hint = "--transport=https or ssh can do that"
            raise UsageError(f"--{name.replace('_', '-')} does not go with --transport=api", hint=hint)
