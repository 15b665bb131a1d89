"""`vendor`: Flux's components into the repository."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from functools import partial

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import DryRun, Manifests, Output, OutputFormat


def vendor(manifests: Manifests = None, dry_run: DryRun = False, output: Output = OutputFormat.text) -> None:
    """Put Flux's components into the repository.

    From --manifests, the cache, a flux of the same version on the PATH, or the release's download.
    """
    from scaffolder.cli.work import vendor as work

    attempt("vendor", partial(work.vendor, manifests=manifests, dry_run=dry_run), output=output, dry_run=dry_run)
