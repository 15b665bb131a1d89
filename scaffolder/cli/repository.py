"""`sync`, `diff`, `check`, `update`, `schema`: commands of a repository that is there."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from collections.abc import Mapping
from enum import StrEnum
from functools import partial
from typing import Annotated, Any

import typer

from scaffolder.cli import change_options as change
from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import DryRun, Output, OutputFormat, taking


class Kind(StrEnum):
    platform = "platform"
    environment = "environment"
    cluster = "cluster"
    tenant = "tenant"
    app = "app"


class Part(StrEnum):
    documents = "documents"
    build = "build"
    secrets = "secrets"


@taking(change.of_change_request)
def sync(
    abort: Annotated[bool, typer.Option("--abort", help="Take back what the last command wrote.")] = False,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
    *,
    given: Mapping[str, Any],
) -> None:
    """Bring the files in step with the documents.

    People's edits stay. What cannot be merged is listed, and ends with 5; when it is solved, sync goes on. It also
    finishes what git left of a merge, rebase, cherry-pick or revert.
    """
    from scaffolder.cli.work import sync as work

    if abort:
        change.here("sync", "--abort", work.abort, given, output=output, dry_run=dry_run)
    change.either("sync", work.sync, given, output=output, dry_run=dry_run)


def diff(
    rendered: Annotated[
        bool, typer.Option("--rendered", help="Which Kubernetes objects change, on which clusters.")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(metavar="REF", help="Which objects have changed since a commit, branch or tag; with --rendered."),
    ] = None,
    output: Output = OutputFormat.text,
) -> None:
    """Show what sync would change, as a patch, or as Kubernetes objects.

    Objects are built with kustomize, kubectl or flux, whichever is on the PATH.
    """
    if rendered or against is not None:
        from scaffolder.cli.work import rendered as objects

        attempt("diff", partial(objects.diff, against=against), output=output, dry_run=True)
    from scaffolder.cli.work import sync as work

    attempt("diff", work.diff, output=output, dry_run=True)


def check(
    only: Annotated[
        Part | None, typer.Option(metavar="PART", help="documents, build or secrets. [all]", show_default=False)
    ] = None,
    schemas: Annotated[
        str | None,
        typer.Option(
            metavar="WHERE",
            help="Judge every object with kubeconform. Where Kubernetes' schemas are: default, or a path or URL as "
            "kubeconform takes it.",
        ),
    ] = None,
    output: Output = OutputFormat.text,
) -> None:
    """Compare the files with the documents, and build them.

    Builds with kustomize or kubectl, whichever is on the PATH. Looks for secrets in plain text, too. Needs no network,
    unless --schemas asks it. Ends with 1 on any finding.
    """
    from scaffolder.cli.work import check as work

    attempt("check", partial(work.check, only=only, schemas=schemas), output=output)


@taking(change.of_change_request)
def update(
    to: Annotated[str | None, typer.Option(metavar="VERSION", help="Version of the templates. [the newest]")] = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
    *,
    given: Mapping[str, Any],
) -> None:
    """Bring newer or older templates in.

    People's edits stay. Needs no network: every released version is in the package.
    """
    from scaffolder.cli.work import update as work

    change.either("update", partial(work.update, to=to), given, output=output, dry_run=dry_run)


def schema(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help="platform, environment, cluster, tenant or app.")],
) -> None:
    """Print the JSON Schema of a kind of document."""
    from scaffolder.cli.work import schema as work

    attempt("schema", partial(work.schema, kind=kind))
