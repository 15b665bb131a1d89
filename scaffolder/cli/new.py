"""`new`: a repository from documents, or from a few options."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import AuthorEmail, AuthorName, DryRun, Manifests, Output, OutputFormat, split


def new(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Folder to make; one that is there must be empty.")],
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", "-f", metavar="FILE", help="Documents to start from, kept as they are; or a folder with them."
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Name of the platform. [the folder's]")] = None,
    environment: Annotated[
        list[str] | None,
        typer.Option(
            "--environment", "-e", metavar="ENV", help="Environments, in the order that changes travel; repeat."
        ),
    ] = None,
    cluster: Annotated[
        list[str] | None,
        typer.Option("--cluster", "-c", metavar="ENV/NAME", help="A cluster and its environment; repeat for more."),
    ] = None,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Where Flux will fetch the repository.")] = None,
    branch: Annotated[str | None, typer.Option(metavar="BRANCH", help="The branch that Flux follows. [main]")] = None,
    domain: Annotated[str | None, typer.Option(metavar="DOMAIN", help="Default of the variable DOMAIN.")] = None,
    variable: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A variable of every cluster, with its default; repeat."),
    ] = None,
    flux_version: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Flux release, such as v2.9.4. [the newest known]")
    ] = None,
    kubernetes: Annotated[
        str | None, typer.Option(metavar="MINOR", help="Oldest Kubernetes in use, such as 1.33.")
    ] = None,
    first_app: Annotated[
        str | None,
        typer.Option("--app", metavar="'NAME URL [VERSION]'", help="A first app: a Helm chart and its repository."),
    ] = None,
    manifests: Manifests = None,
    author_name: AuthorName = None,
    author_email: AuthorEmail = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing: what no option says is as the questions suggest.")
    ] = False,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Make and commit a repository.

    From documents (--file) or from options. Without any: dev, staging and prod, with a cluster in each. On a terminal,
    what no option says is asked, and nothing is written before the plan is agreed to.
    """
    from scaffolder.cli.work import new as work
    from scaffolder.cli.work.commits import Author
    from scaffolder.cli.work.starter import Starter

    starter = Starter(
        name=name,
        environments=tuple(split(environment)),
        clusters=tuple(split(cluster)),
        url=url,
        branch=branch,
        domain=domain,
        variables=tuple(variable or ()),
        flux_version=flux_version,
        kubernetes=kubernetes,
        app=first_app,
    )
    asked = work.Asked(folder, file, starter, manifests, Author(author_name, author_email), ask=not yes)
    attempt("new", partial(work.new, asked=asked, dry_run=dry_run), output=output, dry_run=dry_run)
