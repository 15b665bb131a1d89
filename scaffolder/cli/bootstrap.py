"""`bootstrap local`: `flux bootstrap`'s flags, with its names and meaning."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import AuthorEmail, AuthorName, DryRun, Manifests, Output, OutputFormat, split

# flags that people of Flux also write as `--private=false`
SWITCHES: Final = frozenset(
    {"--private", "--network-policy", "--watch-all-namespaces", "--recurse-submodules", "--dry-run"}
)
ABOUT: Final = "Put the repository on a forge, as flux bootstrap does."

app = typer.Typer(name="bootstrap", help=ABOUT, no_args_is_help=True, rich_markup_mode=None)


@app.callback(help=ABOUT)
def _bootstrap() -> None:
    """Keeps `local` a command of its own as long as it is the only one."""


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
    branch: Annotated[str | None, typer.Option(metavar="BRANCH", help="Git branch. [main]")] = None,
    path: Annotated[str | None, typer.Option(metavar="FOLDER", help="The cluster's folder in the repository.")] = None,
    private: Annotated[
        bool | None, typer.Option("--private/--no-private", help="Nobody else may read the repository. [yes]")
    ] = None,
    interval: Annotated[str | None, typer.Option(metavar="DURATION", help="Sync interval. [1m0s]")] = None,
    version: Annotated[
        str | None, typer.Option("--version", "-v", metavar="VERSION", help="Flux release. [the newest known]")
    ] = None,
    components: Annotated[
        list[str] | None, typer.Option(metavar="NAMES", help="Components, with commas or repeated. [Flux's four]")
    ] = None,
    components_extra: Annotated[
        list[str] | None, typer.Option(metavar="NAMES", help="Components beside the default ones.")
    ] = None,
    registry: Annotated[
        str | None, typer.Option(metavar="HOST/PATH", help="Registry of the controllers' images. [ghcr.io/fluxcd]")
    ] = None,
    image_pull_secret: Annotated[
        str | None, typer.Option(metavar="NAME", help="Secret with the registry's credentials.")
    ] = None,
    toleration_keys: Annotated[
        list[str] | None, typer.Option(metavar="KEYS", help="Keys of taints that the controllers tolerate.")
    ] = None,
    network_policy: Annotated[
        bool | None, typer.Option("--network-policy/--no-network-policy", help="Network policies. [yes]")
    ] = None,
    log_level: Annotated[str | None, typer.Option(metavar="LEVEL", help="debug, info or error. [info]")] = None,
    watch_all_namespaces: Annotated[
        bool | None,
        typer.Option("--watch-all-namespaces/--no-watch-all-namespaces", help="Watch every namespace. [yes]"),
    ] = None,
    cluster_domain: Annotated[
        str | None, typer.Option(metavar="DOMAIN", help="Internal domain of the cluster. [cluster.local]")
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option(
            "--namespace",
            "-n",
            metavar="NAME",
            envvar="FLUX_SYSTEM_NAMESPACE",
            help="Namespace of Flux. [flux-system]",
        ),
    ] = None,
    secret_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Secret with the repository's credentials. [flux-system]")
    ] = None,
    recurse_submodules: Annotated[
        bool | None, typer.Option("--recurse-submodules/--no-recurse-submodules", help="Clone submodules. [no]")
    ] = None,
    sparse_checkout: Annotated[
        list[str] | None, typer.Option(metavar="FOLDERS", help="Fetch these folders alone. [all]")
    ] = None,
    commit_message_appendix: Annotated[
        str, typer.Option(metavar="TEXT", help="Text after each commit message, e.g. [ci skip].")
    ] = "",
    manifests: Manifests = None,
    author_name: AuthorName = None,
    author_email: AuthorEmail = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Push to a bare repository in a local folder.

    In a repository with documents: pushes it. Elsewhere: makes documents from these flags. May be run again.
    """
    from scaffolder.cli.work import bootstrap as work
    from scaffolder.cli.work.commits import Author
    from scaffolder.cli.work.flags import Asked
    from scaffolder.forge.local import LocalForge, default_root

    flux = {
        "version": version,
        "components": split(components),
        "componentsExtra": split(components_extra),
        "registry": registry,
        "imagePullSecret": image_pull_secret,
        "tolerationKeys": split(toleration_keys),
        "networkPolicy": network_policy,
        "logLevel": log_level,
        "watchAllNamespaces": watch_all_namespaces,
        "clusterDomain": cluster_domain,
        "namespace": namespace,
        "secretName": secret_name,
        "interval": interval,
        "recurseSubmodules": recurse_submodules,
        "sparseCheckout": split(sparse_checkout),
    }
    asked = Asked(
        forge=LocalForge((root or default_root()).resolve()),
        owner=owner,
        repository=repository,
        branch=branch,
        path=path,
        visibility=None if private is None else "private" if private else "public",
        flux={key: value for key, value in flux.items() if value not in (None, [])},
        manifests=manifests,
        appendix=commit_message_appendix,
        author=Author(author_name, author_email),
    )
    attempt("bootstrap local", partial(work.bootstrap, asked=asked, dry_run=dry_run), output=output, dry_run=dry_run)
