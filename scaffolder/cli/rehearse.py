"""`rehearse`: a repository on a disposable cluster."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from functools import partial
from typing import Annotated

import typer

from scaffolder.cli import bootstrap_options as flags
from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import Output, OutputFormat


def rehearse(
    cluster: Annotated[
        list[str] | None, typer.Option("--cluster", "-c", metavar="CLUSTER", help="Only this one; repeat. [all]")
    ] = None,
    branch: Annotated[
        str | None,
        typer.Option(metavar="BRANCH", help="What a branch has, as that of a change request. [the work tree]"),
    ] = None,
    kubeconfig: flags.Kubeconfig = None,
    context: flags.Context = None,
    listen: Annotated[
        str, typer.Option(metavar="HOST[:PORT]", help="An address of this machine that the cluster can reach.")
    ] = "127.0.0.1",
    replace_flux: Annotated[
        str | None, typer.Option(metavar="CONTEXT", help="This context's cluster may have a Flux, and loses it.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the last cluster as it is, to look at it.")] = False,
    timeout: flags.Timeout = None,
    output: Output = OutputFormat.text,
) -> None:
    """Try the repository on a disposable cluster, and take it away again.

    Served from here by git over HTTP, applied, waited for, and reported by cluster and layer, one cluster after the
    other. A cluster that has Flux already is not touched. Ends with 1 where something does not get ready.
    """
    given = {"kubeconfig": kubeconfig, "context": context, "timeout": timeout}
    from scaffolder.cli.work import rehearse as work

    wanted = work.Wanted(cluster or (), branch, listen, replace_flux, keep)
    told = {name: value for name, value in given.items() if value is not None}
    attempt("rehearse", partial(work.rehearse, wanted=wanted, flags=told), output=output)
