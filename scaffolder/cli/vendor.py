"""`vendor`: Flux's components into the repository."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from collections.abc import Mapping
from functools import partial
from typing import Any

from scaffolder.cli import change_options as change
from scaffolder.cli.options import DryRun, Manifests, Output, OutputFormat, taking


@taking(change.of_change_request)
def vendor(
    manifests: Manifests = None,
    dry_run: DryRun = False,
    output: Output = OutputFormat.text,
    *,
    given: Mapping[str, Any],
) -> None:
    """Put Flux's components into the repository.

    From --manifests, the cache, a flux of the same version on the PATH, or the release's download.
    """
    from scaffolder.cli.work import vendor as work

    change.either("vendor", partial(work.vendor, manifests=manifests), given, output=output, dry_run=dry_run)
