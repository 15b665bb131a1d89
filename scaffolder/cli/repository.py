"""`sync`, `diff`, `check`, `schema`: commands of a repository that is there."""

from __future__ import annotations

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
    """Bring the repository in step with its documents; people's edits stay."""
    from scaffolder.cli.work import sync as work

    attempt("sync", partial(work.sync, dry_run=dry_run), output=output, dry_run=dry_run)


def diff(output: Output = OutputFormat.text) -> None:
    """Show what `sync` would change, as a patch."""
    from scaffolder.cli.work import sync as work

    attempt("diff", work.diff, output=output, dry_run=True)


def check(output: Output = OutputFormat.text) -> None:
    """Does the repository hold what its documents ask for, and does it build?"""
    from scaffolder.cli.work import sync as work

    attempt("check", work.check, output=output)


def schema(kind: Annotated[Kind, typer.Argument(help="Kind of document.", show_default=False)]) -> None:
    """Print the JSON Schema of a kind of document, for editors."""
    from scaffolder.cli.work import schema as work

    attempt("schema", partial(work.schema, kind=kind))
