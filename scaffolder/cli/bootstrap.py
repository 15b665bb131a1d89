"""`bootstrap git` and `bootstrap local`: `flux bootstrap`'s flags, with its names and meaning."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from scaffolder.cli import bootstrap_options as flags
from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import AuthorEmail, AuthorName, DryRun, Manifests, Output, OutputFormat

app = typer.Typer(
    name="bootstrap",
    help="Put the repository on a forge, as flux bootstrap does.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.command()
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
    ssh_key_algorithm: flags.SshKeyAlgorithm = None,
    ssh_rsa_bits: flags.SshRsaBits = None,
    ssh_ecdsa_curve: flags.SshEcdsaCurve = None,
    silent: Annotated[
        bool,
        typer.Option(
            "--silent/--no-silent",
            "-s",
            help="The cluster's key may read the repository already. [no]",
            show_default=False,
        ),
    ] = False,
    branch: flags.Branch = None,
    path: flags.ClusterPath = None,
    interval: flags.Interval = None,
    version: flags.FluxVersion = None,
    components: flags.Components = None,
    components_extra: flags.ComponentsExtra = None,
    registry: flags.Registry = None,
    image_pull_secret: flags.ImagePullSecret = None,
    toleration_keys: flags.TolerationKeys = None,
    network_policy: flags.NetworkPolicy = None,
    log_level: flags.LogLevel = None,
    watch_all_namespaces: flags.WatchAllNamespaces = None,
    cluster_domain: flags.ClusterDomain = None,
    namespace: flags.Namespace = None,
    secret_name: flags.SecretName = None,
    recurse_submodules: flags.RecurseSubmodules = None,
    sparse_checkout: flags.SparseCheckout = None,
    commit_message_appendix: flags.CommitMessageAppendix = "",
    manifests: Manifests = None,
    author_name: AuthorName = None,
    author_email: AuthorEmail = None,
    apply: flags.Apply = False,
    kubeconfig: flags.Kubeconfig = None,
    context: flags.Context = None,
    timeout: flags.Timeout = None,
    force: flags.Force = False,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Push to a repository on any Git server.

    It has to be there already, and may be empty. What is left to do on the cluster is printed, or done with --apply.
    In a repository with documents: pushes it. Elsewhere: makes documents from these flags. May be run again.
    """
    common, cluster = flags.shared(locals()), flags.of_cluster(locals())
    from scaffolder.cli.work import server as work
    from scaffolder.cli.work.flags import Asked

    server = work.Server(
        url=url,
        username=username,
        password=password,
        private_key_file=private_key_file,
        ca_file=ca_file,
        token_auth=token_auth,
        ssh_hostname=ssh_hostname,
        allow_insecure_http=allow_insecure_http,
    )
    asked = partial(Asked, visibility=None, silent=silent, **common)
    run = partial(work.bootstrap, server=server, cluster=cluster, asked=asked, dry_run=dry_run)
    attempt("bootstrap git", run, output=output, dry_run=dry_run)


@app.command()
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
    branch: flags.Branch = None,
    path: flags.ClusterPath = None,
    private: Annotated[
        bool | None, typer.Option("--private/--no-private", help="Nobody else may read the repository. [yes]")
    ] = None,
    interval: flags.Interval = None,
    version: flags.FluxVersion = None,
    components: flags.Components = None,
    components_extra: flags.ComponentsExtra = None,
    registry: flags.Registry = None,
    image_pull_secret: flags.ImagePullSecret = None,
    toleration_keys: flags.TolerationKeys = None,
    network_policy: flags.NetworkPolicy = None,
    log_level: flags.LogLevel = None,
    watch_all_namespaces: flags.WatchAllNamespaces = None,
    cluster_domain: flags.ClusterDomain = None,
    namespace: flags.Namespace = None,
    secret_name: flags.SecretName = None,
    recurse_submodules: flags.RecurseSubmodules = None,
    sparse_checkout: flags.SparseCheckout = None,
    commit_message_appendix: flags.CommitMessageAppendix = "",
    manifests: Manifests = None,
    author_name: AuthorName = None,
    author_email: AuthorEmail = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Push to a bare repository in a local folder.

    In a repository with documents: pushes it. Elsewhere: makes documents from these flags. May be run again.
    """
    common = flags.shared(locals())
    from scaffolder.cli.work import bootstrap as work
    from scaffolder.cli.work.flags import Asked
    from scaffolder.forge.local import LocalForge, default_root

    visibility = None if private is None else "private" if private else "public"
    forge = LocalForge((root or default_root()).resolve())
    asked = Asked(forge=forge, owner=owner, repository=repository, visibility=visibility, **common)
    attempt("bootstrap local", partial(work.bootstrap, asked=asked, dry_run=dry_run), output=output, dry_run=dry_run)
