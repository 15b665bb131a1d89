"""`bootstrap local`: `flux bootstrap`'s flags, with its names and meaning."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import AuthorEmail, AuthorName, DryRun, Manifests, Output, OutputFormat, split

app = typer.Typer(
    name="bootstrap",
    help="Put the repository on a forge, as `flux bootstrap` does; run it again at any time.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def _bootstrap() -> None:
    """Put the repository on a forge, as `flux bootstrap` does; run it again at any time."""


@app.command()
def local(
    owner: Annotated[str, typer.Option(help="Owner of the repository; may be a group in a group.")] = "local",
    repository: Annotated[
        str | None, typer.Option(help="Name of the repository.", show_default="the platform's name")
    ] = None,
    root: Annotated[
        Path | None, typer.Option(help="Folder of the local forge.", show_default="~/.local/share/scaffolder/forge")
    ] = None,
    branch: Annotated[str | None, typer.Option(help="Git branch.", show_default="main")] = None,
    path: Annotated[str | None, typer.Option(help="The cluster's folder in the repository.")] = None,
    private: Annotated[
        bool | None,
        typer.Option("--private/--no-private", help="Nobody else may read the repository.", show_default="private"),
    ] = None,
    interval: Annotated[str | None, typer.Option(help="Sync interval.", show_default="1m0s")] = None,
    version: Annotated[
        str | None, typer.Option("--version", "-v", help="Flux release.", show_default="newest known")
    ] = None,
    components: Annotated[list[str] | None, typer.Option(help="Components, commas or repetition.")] = None,
    components_extra: Annotated[list[str] | None, typer.Option(help="Components beside the default ones.")] = None,
    registry: Annotated[
        str | None, typer.Option(help="Registry of the controllers' images.", show_default="ghcr.io/fluxcd")
    ] = None,
    image_pull_secret: Annotated[str | None, typer.Option(help="Secret with the registry's credentials.")] = None,
    toleration_keys: Annotated[
        list[str] | None, typer.Option(help="Keys of taints that the controllers tolerate.")
    ] = None,
    network_policy: Annotated[
        bool | None, typer.Option("--network-policy/--no-network-policy", help="Network policies.", show_default="yes")
    ] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info or error.", show_default="info")] = None,
    watch_all_namespaces: Annotated[
        bool | None,
        typer.Option(
            "--watch-all-namespaces/--no-watch-all-namespaces", help="Watch every namespace.", show_default="yes"
        ),
    ] = None,
    cluster_domain: Annotated[
        str | None, typer.Option(help="Internal domain of the cluster.", show_default="cluster.local")
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option(
            "--namespace", "-n", help="Namespace of Flux.", envvar="FLUX_SYSTEM_NAMESPACE", show_default="flux-system"
        ),
    ] = None,
    secret_name: Annotated[
        str | None, typer.Option(help="Secret with the repository's credentials.", show_default="flux-system")
    ] = None,
    recurse_submodules: Annotated[
        bool | None,
        typer.Option("--recurse-submodules/--no-recurse-submodules", help="Clone submodules.", show_default="no"),
    ] = None,
    commit_message_appendix: Annotated[str, typer.Option(help="Text after each commit message, e.g. [ci skip].")] = "",
    manifests: Manifests = None,
    author_name: AuthorName = None,
    author_email: AuthorEmail = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Create a bare repository in a local folder, commit and push to it; needs no network and no account."""
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
    }
    asked = Asked(
        forge=LocalForge((root or default_root()).absolute()),
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
