"""`add-app`, `add-cluster`, `add-environment`, `add-tenant`: one new document, and what follows from it."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from functools import partial
from typing import Annotated

import typer

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import DryRun, Environments, Manifests, Name, Output, OutputFormat, split

Variables = Annotated[
    list[str] | None, typer.Option("--variable", metavar="NAME=VALUE", help="A variable's value here; repeat for more.")
]
Ref = Annotated[str | None, typer.Option(metavar="REF", help="What is followed here, e.g. refs/tags/v1.0.0.")]
Domain = Annotated[str | None, typer.Option(metavar="DOMAIN", help="The variable DOMAIN here.")]


def add_app(
    name: Name,
    chart: Annotated[
        str | None, typer.Option(metavar="CHART", help="A Helm chart: its name in --repo, or oci://HOST/CHART.")
    ] = None,
    repo: Annotated[str | None, typer.Option(metavar="URL", help="The chart's HTTP repository.")] = None,
    version: Annotated[
        list[str] | None,
        typer.Option("--version", metavar="[ENV=]VERSION", help="The chart's version or range. [the newest]"),
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--values", metavar="[ENV=]FILE", help="Helm values, copied into the document."),
    ] = None,
    set_values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="[ENV:]KEY=VALUE", help="One Helm value, as helm's --set; repeat for more."),
    ] = None,
    git: Annotated[str | None, typer.Option(metavar="URL", help="A Git repository with manifests.")] = None,
    branch: Annotated[str | None, typer.Option(metavar="BRANCH", help="Branch of --git. [main]")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="[ENV=]TAG", help="Tag of --git.")] = None,
    semver: Annotated[
        list[str] | None, typer.Option("--semver", metavar="[ENV=]RANGE", help="Range of the tags of --git.")
    ] = None,
    commit: Annotated[str | None, typer.Option(metavar="SHA", help="Commit of --git, in full.")] = None,
    path: Annotated[str | None, typer.Option(metavar="FOLDER", help="Folder in --git. [./]")] = None,
    secret_ref: Annotated[
        str | None, typer.Option(metavar="NAME", help="Secret with the source's credentials, in the app's namespace.")
    ] = None,
    namespace: Annotated[
        str | None, typer.Option("--namespace", "-n", metavar="NAME", help="Where it runs. [its own name]")
    ] = None,
    environment: Environments = None,
    interval: Annotated[
        str | None, typer.Option(metavar="DURATION", help="How often Flux puts right what differs. [1h0m0s]")
    ] = None,
    depends_on: Annotated[
        list[str] | None, typer.Option(metavar="APP", help="An app that must be ready first; repeat for more.")
    ] = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Add an app: a Helm chart, or a Git repository.

    It runs in every environment, or in those named. `ENV=` or `ENV:` before a value is for one environment alone.
    """
    from scaffolder.cli.work import add as work
    from scaffolder.cli.work.app import App

    asked = App(
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
    environment: Annotated[str, typer.Option("--environment", "-e", metavar="ENV", help="Its environment.")],
    path: Annotated[str | None, typer.Option(metavar="FOLDER", help="Its folder. [clusters/ENV/NAME]")] = None,
    ref: Ref = None,
    domain: Domain = None,
    variable: Variables = None,
    manifests: Manifests = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Add a cluster to an environment."""
    from scaffolder.cli.work import add as work

    fields = {"environment": environment, "path": path, "ref": ref, "domain": domain}
    asked = work.Asked("cluster", name, fields, tuple(variable or ()))
    run = partial(work.add, asked=asked, manifests=manifests, dry_run=dry_run)
    attempt("add-cluster", run, output=output, dry_run=dry_run)


def add_environment(
    name: Name,
    after: Annotated[str | None, typer.Option(metavar="ENV", help="The environment that changes come from.")] = None,
    ref: Ref = None,
    domain: Domain = None,
    variable: Variables = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Add an environment.

    Apps and tenants that are everywhere are in it too.
    """
    from scaffolder.cli.work import add as work

    asked = work.Asked("environment", name, {"after": after, "ref": ref, "domain": domain}, tuple(variable or ()))
    attempt("add-environment", partial(work.add, asked=asked, dry_run=dry_run), output=output, dry_run=dry_run)


def add_tenant(
    name: Name,
    environment: Environments = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Add a tenant: a namespace, and what is in each."""
    from scaffolder.cli.work import add as work

    asked = work.Asked("tenant", name, {"environments": split(environment)})
    attempt("add-tenant", partial(work.add, asked=asked, dry_run=dry_run), output=output, dry_run=dry_run)
