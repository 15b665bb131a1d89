"""`new`: a repository from documents, or from a few options."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import AuthorEmail, AuthorName, DryRun, Manifests, Output, OutputFormat, split


def new(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder to make; it must be empty.", show_default=False)
    ],
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Documents to start from; kept as they are.", show_default=False)
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the platform; that of the folder unless given.")] = None,
    environment: Annotated[
        list[str] | None,
        typer.Option("--environment", "-e", help="An environment, in the order that changes travel; repeat for more."),
    ] = None,
    cluster: Annotated[
        list[str] | None,
        typer.Option("--cluster", "-c", metavar="ENV/NAME", help="A cluster and its environment; repeat for more."),
    ] = None,
    url: Annotated[str | None, typer.Option(help="Where Flux will fetch the repository.")] = None,
    branch: Annotated[str | None, typer.Option(help="The branch that Flux follows.", show_default="main")] = None,
    domain: Annotated[str | None, typer.Option(help="Default of the variable DOMAIN.")] = None,
    variable: Annotated[
        list[str] | None,
        typer.Option("--variable", metavar="NAME=VALUE", help="A variable of every cluster, with its default."),
    ] = None,
    flux_version: Annotated[
        str | None, typer.Option(help="Flux release, such as v2.9.4.", show_default="newest known")
    ] = None,
    kubernetes: Annotated[str | None, typer.Option(help="Oldest Kubernetes minor in use, such as 1.33.")] = None,
    manifests: Manifests = None,
    author_name: AuthorName = None,
    author_email: AuthorEmail = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Make a repository, from documents or from options, and commit it."""
    from scaffolder.cli.work import new as work

    asked = work.Asked(
        name=name,
        environments=tuple(split(environment)),
        clusters=tuple(split(cluster)),
        url=url,
        branch=branch,
        domain=domain,
        variables=tuple(variable or ()),
        flux_version=flux_version,
        kubernetes=kubernetes,
    )
    author = work.Author(author_name, author_email)
    run = partial(work.new, folder=folder, file=file, asked=asked, manifests=manifests, author=author, dry_run=dry_run)
    attempt("new", run, output=output, dry_run=dry_run)
