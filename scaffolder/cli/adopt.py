"""`adopt`: a repository that is there already, as it is."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import DryRun, Manifests, Output, OutputFormat


def adopt(
    file: Annotated[
        Path | None,
        typer.Option("--file", "-f", metavar="PATH", help="Documents, a file or folder. [what is found in clusters/]"),
    ] = None,
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Of the platform. [the repository's]")] = None,
    manifests: Manifests = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
) -> None:
    """Take a repository as it is: one that was made without scaffolder, or that has lost its locks.

    Documents, locks and our files are added. No file that is there is changed: where it differs from what would be
    generated, that is your edit from now on.
    """
    from scaffolder.cli.work import adopt as work

    asked = work.Asked(file, name, manifests)
    attempt("adopt", partial(work.adopt, asked=asked, dry_run=dry_run), output=output, dry_run=dry_run)
