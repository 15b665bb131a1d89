"""`sync`, `diff`, `check`, `schema`: commands of a repository that is there."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import DryRun, Output, OutputFormat


class Kind(StrEnum):
    platform = "platform"
    environment = "environment"
    cluster = "cluster"
    tenant = "tenant"
    app = "app"


def sync(dry_run: DryRun = False, output: Output = OutputFormat.text) -> None:
    """Bring the files in step with the documents.

    People's edits stay. What cannot be merged is listed, and ends with 5.
    """
    from scaffolder.cli.work import sync as work

    attempt("sync", partial(work.sync, dry_run=dry_run), output=output, dry_run=dry_run)


def diff(output: Output = OutputFormat.text) -> None:
    """Show what sync would change, as a patch."""
    from scaffolder.cli.work import sync as work

    attempt("diff", work.diff, output=output, dry_run=True)


def check(output: Output = OutputFormat.text) -> None:
    """Compare the files with the documents, and build them.

    Builds with kustomize or kubectl, whichever is on the PATH. Needs no network. Ends with 1 on any finding.
    """
    from scaffolder.cli.work import sync as work

    attempt("check", work.check, output=output)


def schema(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help="platform, environment, cluster, tenant or app.")],
) -> None:
    """Print the JSON Schema of a kind of document."""
    from scaffolder.cli.work import schema as work

    attempt("schema", partial(work.schema, kind=kind))
