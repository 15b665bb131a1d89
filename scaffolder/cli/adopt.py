"""`adopt`: a repository that is there already, as it is."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from scaffolder.cli import change_options as change
from scaffolder.cli.options import DryRun, Manifests, Output, OutputFormat, taking


@taking(change.of_change_request)
def adopt(
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", metavar="PATH", help="Documents, a file or folder. [what is found in clusters/]"),
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Of the platform. [the repository's]")] = None,
    manifests: Manifests = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
    *,
    given: Mapping[str, Any],
) -> None:
    """Take a repository as it is: one that was made without scaffolder, or that has lost its locks.

    Documents, locks and our files are added. No file that is there is changed: where it differs from what would be
    generated, that is your edit from now on.
    """
    from scaffolder.cli.work import adopt as work

    asked = work.Asked(file, name, manifests)
    change.either("adopt", partial(work.adopt, asked=asked), given, output=output, dry_run=dry_run)
