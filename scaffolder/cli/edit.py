"""`remove`, `move`, `promote`, `pin`: edits of documents that are there, and what follows from them."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import Annotated, Any

import typer

from scaffolder.cli import change_options as change
from scaffolder.cli.options import DryRun, Output, OutputFormat, split, taking


class Removable(StrEnum):
    environment = "environment"
    cluster = "cluster"
    tenant = "tenant"
    app = "app"


@taking(change.of_change_request)
def remove(
    kind: Annotated[Removable, typer.Argument(metavar="KIND", help="environment, cluster, tenant or app.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Also take it out of documents that name it.")] = False,
    delete_namespace: Annotated[
        bool, typer.Option("--delete-namespace", help="Of an app: its namespace is to go too, in a second step.")
    ] = False,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
    *,
    given: Mapping[str, Any],
) -> None:
    """Remove a document, and what was generated from it.

    Refused where others depend on it. An app's own namespace stays, as a tenant.
    """
    from scaffolder.cli.work import remove as work

    run = partial(
        work.remove,
        kind=kind.value,
        name=name,
        force=force,
        delete_namespace=delete_namespace,
    )
    change.either("remove", run, given, what=f"{kind.value}-{name}", output=output, dry_run=dry_run)


@taking(change.of_change_request)
def move(
    cluster: Annotated[str, typer.Argument(metavar="CLUSTER", help="Its name.", show_default=False)],
    to: Annotated[str | None, typer.Option(metavar="ENV", help="The environment that it moves to.")] = None,
    finish: Annotated[bool, typer.Option("--finish", help="The cluster has followed: its old folder may go.")] = False,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
    *,
    given: Mapping[str, Any],
) -> None:
    """Move a cluster to another environment.

    In two steps: its old folder leads Flux to the new one, until --finish. Lists what Flux would prune.
    """
    from scaffolder.cli.work import move as work

    run = partial(work.move, name=cluster, to=to, finish=finish)
    change.either("move", run, given, what=cluster, output=output, dry_run=dry_run)


@taking(change.of_change_request)
def promote(
    from_: Annotated[str, typer.Option("--from", metavar="ENV", help="The environment to take versions from.")],
    to: Annotated[str, typer.Option(metavar="ENV", help="The environment that gets them; it comes after the other.")],
    app: Annotated[str | None, typer.Argument(metavar="[APP]", help="Its name.", show_default=False)] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every app that is in both.")] = False,
    values: Annotated[
        list[str] | None, typer.Option("--values", metavar="KEY", help="Also this Helm value, e.g. image.tag; or more.")
    ] = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
    *,
    given: Mapping[str, Any],
) -> None:
    """Give an environment the versions that another one has.

    Chart versions, Git and OCI refs, image tags; nothing else, but the values that --values names.
    """
    from scaffolder.cli.work import promote as work

    asked = work.Asked(app, from_, to, everything=all_, values=tuple(split(values)))
    run = partial(work.promote, asked=asked)
    change.either("promote", run, given, what=f"{app or 'all'}-{to}", output=output, dry_run=dry_run)


@taking(change.of_change_request)
def pin(
    environment: Annotated[str, typer.Argument(metavar="ENV", help="Its name.", show_default=False)],
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="Follow this tag of the repository.")] = None,
    branch: Annotated[str | None, typer.Option(metavar="BRANCH", help="Follow this branch of it.")] = None,
    unpin: Annotated[bool, typer.Option("--unpin", help="Follow the platform's branch again.")] = False,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
    *,
    given: Mapping[str, Any],
) -> None:
    """Say what an environment follows: a tag or branch."""
    from scaffolder.cli.work import pin as work

    asked = work.Asked(environment, tag, branch, unpin=unpin)
    change.either("pin", partial(work.pin, asked=asked), given, what=environment, output=output, dry_run=dry_run)
