"""`bootstrap`: `git` and `local`, which have no API, and the group of all of them."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from scaffolder.cli import bootstrap_hosted as hosted
from scaffolder.cli import bootstrap_options as flags
from scaffolder.cli.change_options import of_change_request
from scaffolder.cli.options import split, taking

app = typer.Typer(
    name="bootstrap",
    help="Put the repository on a forge, as flux bootstrap does.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
@taking(flags.of_every_forge, flags.of_commits, *flags.ABOUT_CLUSTER, of_change_request, flags.of_every_run)
def git(
    url: Annotated[
        str, typer.Option(metavar="URL", help="The repository: https://, ssh://, or a folder.", show_default=False)
    ],
    username: Annotated[
        str | None,
        typer.Option("--username", "-u", metavar="NAME", help="User of the Git server. [that of --url, or git]"),
    ] = None,
    password: Annotated[
        str,
        typer.Option(
            "--password",
            "-p",
            metavar="TEXT",
            envvar="GIT_PASSWORD",
            show_default=False,
            help="Password or token, or the key's passphrase. Others can see it here: rather export GIT_PASSWORD.",
        ),
    ] = "",
    token_auth: Annotated[
        bool,
        typer.Option(
            "--token-auth/--no-token-auth",
            help="Clusters fetch by HTTPS with a password, not by SSH. [no]",
            show_default=False,
        ),
    ] = False,
    private_key_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="SSH key. [that of ssh-agent or ~/.ssh]")
    ] = None,
    ssh_hostname: Annotated[
        str | None, typer.Option(metavar="HOST", help="Where clusters find the server by SSH. [that of --url]")
    ] = None,
    ca_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificates of the authorities to trust for HTTPS.")
    ] = None,
    allow_insecure_http: Annotated[
        bool,
        typer.Option(
            "--allow-insecure-http/--no-allow-insecure-http", help="Allow http:// URLs. [no]", show_default=False
        ),
    ] = False,
    with_bearer_token: Annotated[
        bool,
        typer.Option(
            "--with-bearer-token/--no-with-bearer-token",
            help="The password is a bearer token, for us and for clusters. [no]",
            show_default=False,
        ),
    ] = False,
    ssh_hostkey_algos: Annotated[
        list[str] | None, typer.Option(metavar="NAMES", help="Kinds of the server's SSH host keys to take. [ssh's own]")
    ] = None,
    ssh_signing_reuse_private_key: Annotated[
        bool,
        typer.Option(
            "--ssh-signing-reuse-private-key/--no-ssh-signing-reuse-private-key",
            help="The key of --private-key-file signs the commits. [no]",
            show_default=False,
        ),
    ] = False,
    silent: Annotated[
        bool,
        typer.Option(
            "--silent/--no-silent",
            "-s",
            help="The cluster's key may read the repository already. [no]",
            show_default=False,
        ),
    ] = False,
    *,
    given: Mapping[str, Any],
) -> None:
    """Push to a repository on any Git server.

    It has to be there already, and may be empty. What is left to do on the cluster is printed, or done with --apply.
    In a repository with documents: pushes it. Elsewhere: makes documents from these flags. May be run again.
    """
    from scaffolder.cli.work.bootstrap import server as work
    from scaffolder.cli.work.bootstrap.asked import Asked

    server = work.Server(
        url=url,
        username=username,
        password=password,
        private_key_file=private_key_file,
        ca_file=ca_file,
        token_auth=token_auth,
        ssh_hostname=ssh_hostname,
        allow_insecure_http=allow_insecure_http,
        ssh_signing_reuse_private_key=ssh_signing_reuse_private_key,
        with_bearer_token=with_bearer_token,
        ssh_hostkey_algos=tuple(split(ssh_hostkey_algos)),
    )
    asked = partial(Asked, visibility=None, silent=silent, **flags.shared(given))
    run = partial(work.bootstrap, server=server, cluster=flags.about_cluster(given), asked=asked)
    flags.run("bootstrap git", run, given)


@app.command()
@taking(flags.of_every_forge, flags.of_commits, of_change_request, flags.of_every_run)
def local(
    owner: Annotated[
        str | None, typer.Option(metavar="NAME", help="Owner of the repository. [that of repository.url, or local]")
    ] = None,
    repository: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Name of the repository. [that of repository.url, or the platform's]"),
    ] = None,
    root: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Folder of the local forge. [~/.local/share/scaffolder/forge]"),
    ] = None,
    private: Annotated[
        bool | None, typer.Option("--private/--no-private", help="Nobody else may read the repository. [yes]")
    ] = None,
    *,
    given: Mapping[str, Any],
) -> None:
    """Push to a bare repository in a local folder.

    In a repository with documents: pushes it. Elsewhere: makes documents from these flags. May be run again.
    """
    from scaffolder.cli.work.bootstrap import run as work
    from scaffolder.cli.work.bootstrap.asked import Asked
    from scaffolder.forge.local import LocalForge, default_root

    forge = LocalForge((root or default_root()).resolve())
    asked = Asked(
        forge=forge,
        changes=forge.changes,
        owner=owner,
        repository=repository,
        visibility=flags.visibility(private=private),
        **flags.shared(given),
    )
    flags.run("bootstrap local", partial(work.bootstrap, asked=asked), given)


app.command()(hosted.github)
app.command()(hosted.gitlab)
app.command()(hosted.gitea)
