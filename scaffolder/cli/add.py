"""`add-app`, `add-cluster`, `add-environment`, `add-tenant`: one new document, and what follows from it."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import DryRun, Environments, Manifests, Name, Output, OutputFormat, split


def add_app(
    name: Name,
    chart: Annotated[
        str | None, typer.Option(metavar="NAME|oci://…", help="A Helm chart: its name in --repo, or its oci:// URL.")
    ] = None,
    repo: Annotated[str | None, typer.Option(metavar="URL", help="The chart's HTTP repository.")] = None,
    version: Annotated[
        list[str] | None,
        typer.Option(
            "--version", metavar="[ENV=]VERSION", help="The chart's version or range; ENV= for one environment."
        ),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--values", metavar="[ENV=]FILE", help="Helm values, copied; ENV= for one environment."),
    ] = None,
    set_values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="[ENV:]KEY=VALUE", help="One Helm value; ENV: for one environment."),
    ] = None,
    git: Annotated[str | None, typer.Option(metavar="URL", help="A Git repository with manifests.")] = None,
    branch: Annotated[str | None, typer.Option(help="Follow a branch of --git.", show_default="main")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="[ENV=]TAG", help="Follow a tag of --git.")] = None,
    semver: Annotated[
        list[str] | None, typer.Option("--semver", metavar="[ENV=]RANGE", help="Follow a range of tags of --git.")
    ] = None,
    commit: Annotated[str | None, typer.Option(help="Stay at a commit of --git.")] = None,
    path: Annotated[str | None, typer.Option(help="Folder in --git.", show_default="./")] = None,
    secret_ref: Annotated[
        str | None, typer.Option(help="Secret with the source's credentials, in the namespace.")
    ] = None,
    namespace: Annotated[
        str | None, typer.Option("--namespace", "-n", help="Where it runs; its own name unless given.")
    ] = None,
    environment: Environments = None,
    interval: Annotated[
        str | None, typer.Option(help="How often Flux puts right what differs.", show_default="1h0m0s")
    ] = None,
    depends_on: Annotated[
        list[str] | None, typer.Option(help="An app that must be ready first; repeat for more.")
    ] = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Add an app to every environment, or to those named."""
    from scaffolder.cli.work import add as work

    asked = work.App(
        name=name,
        chart=chart,
        repo=repo,
        versions=tuple(version or ()),
        values=tuple(values or ()),
        sets=tuple(set_values or ()),
        git=git,
        branch=branch,
        tags=tuple(tag or ()),
        semvers=tuple(semver or ()),
        commit=commit,
        path=path,
        secret=secret_ref,
        namespace=namespace,
        environments=tuple(split(environment)),
        interval=interval,
        depends_on=tuple(split(depends_on)),
    )
    attempt("add-app", partial(work.add_app, asked=asked, dry_run=dry_run), output=output, dry_run=dry_run)


def add_cluster(
    name: Name,
    environment: Annotated[
        str, typer.Option("--environment", "-e", help="The environment it belongs to.", show_default=False)
    ],
    path: Annotated[str | None, typer.Option(help="Its folder.", show_default="clusters/ENV/NAME")] = None,
    ref: Annotated[str | None, typer.Option(help="What it follows alone, e.g. refs/tags/v1.0.0.")] = None,
    domain: Annotated[str | None, typer.Option(help="DOMAIN on this cluster.")] = None,
    variable: Annotated[
        list[str] | None, typer.Option("--variable", metavar="NAME=VALUE", help="A variable's value on this cluster.")
    ] = None,
    manifests: Manifests = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Add a cluster to an environment."""
    from scaffolder.cli.work import add as work

    fields = {"environment": environment, "path": path, "ref": ref, "domain": domain}
    run = partial(work.add_cluster, name=name, fields=fields, variables=variable, manifests=manifests, dry_run=dry_run)
    attempt("add-cluster", run, output=output, dry_run=dry_run)


def add_environment(
    name: Name,
    after: Annotated[str | None, typer.Option(help="The environment that changes come from.")] = None,
    ref: Annotated[str | None, typer.Option(help="What is followed here, e.g. refs/tags/v1.0.0.")] = None,
    domain: Annotated[str | None, typer.Option(help="DOMAIN in this environment.")] = None,
    variable: Annotated[
        list[str] | None,
        typer.Option("--variable", metavar="NAME=VALUE", help="A variable's value in this environment."),
    ] = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Add an environment; apps and tenants that are everywhere are in it too."""
    from scaffolder.cli.work import add as work

    fields = {"after": after, "ref": ref, "domain": domain}
    run = partial(work.add_environment, name=name, fields=fields, variables=variable, dry_run=dry_run)
    attempt("add-environment", run, output=output, dry_run=dry_run)


def add_tenant(
    name: Name,
    environment: Environments = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Add a tenant: a namespace, and what every namespace gets."""
    from scaffolder.cli.work import add as work

    run = partial(work.add_tenant, name=name, environments=split(environment), dry_run=dry_run)
    attempt("add-tenant", run, output=output, dry_run=dry_run)
