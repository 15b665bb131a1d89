"""`add-cluster`, `add-environment`, `add-tenant`: one new document, and what follows from it."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

import typer

from scaffolder.cli import change_options as change
from scaffolder.cli.options import (
    Clusters,
    DryRun,
    Environments,
    Manifests,
    Name,
    Output,
    OutputFormat,
    split,
    taking,
)

Variables = Annotated[
    list[str] | None, typer.Option("--variable", metavar="NAME=VALUE", help="A variable's value here; repeat for more.")
]
Ref = Annotated[str | None, typer.Option(metavar="REF", help="What is followed here, e.g. refs/tags/v1.0.0.")]
Domain = Annotated[str | None, typer.Option(metavar="DOMAIN", help="The variable DOMAIN here.")]


@taking(change.of_change_request)
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
    *,
    given: Mapping[str, Any],
) -> None:
    """Add a cluster to an environment."""
    from scaffolder.cli.work import add as work

    fields = {"environment": environment, "path": path, "ref": ref, "domain": domain}
    asked = work.Asked("cluster", name, fields, tuple(variable or ()))
    run = partial(work.add, asked=asked, manifests=manifests)
    change.either("add-cluster", run, given, what=name, output=output, dry_run=dry_run)


@taking(change.of_change_request)
def add_environment(
    name: Name,
    after: Annotated[str | None, typer.Option(metavar="ENV", help="The environment that changes come from.")] = None,
    ref: Ref = None,
    domain: Domain = None,
    variable: Variables = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
    *,
    given: Mapping[str, Any],
) -> None:
    """Add an environment.

    Apps and tenants that are everywhere are in it too.
    """
    from scaffolder.cli.work import add as work

    asked = work.Asked("environment", name, {"after": after, "ref": ref, "domain": domain}, tuple(variable or ()))
    run = partial(work.add, asked=asked)
    change.either("add-environment", run, given, what=name, output=output, dry_run=dry_run)


@taking(change.of_change_request)
def add_tenant(
    name: Name,
    environment: Environments = None,
    cluster: Clusters = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
    *,
    given: Mapping[str, Any],
) -> None:
    """Add a tenant: a namespace, and what is in each."""
    from scaffolder.cli.work import add as work

    asked = work.Asked("tenant", name, {"environments": split(environment), "clusters": split(cluster)})
    change.either("add-tenant", partial(work.add, asked=asked), given, what=name, output=output, dry_run=dry_run)
