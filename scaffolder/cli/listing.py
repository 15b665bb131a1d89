"""`list`: what there is, and in which version where."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import Output, OutputFormat


class Listed(StrEnum):
    app = "app"
    cluster = "cluster"
    environment = "environment"
    tenant = "tenant"


def list_(
    kind: Annotated[
        Listed, typer.Argument(metavar="[KIND]", help="app, cluster, environment or tenant. [app]", show_default=False)
    ] = Listed.app,
    output: Output = OutputFormat.text,
) -> None:
    """List apps with their versions, or other documents."""
    from scaffolder.cli.work import list as work

    attempt("list", partial(work.list_, kind=kind.value), output=output)
