"""`doctor`: whether all is there that a job needs, before anything is changed."""

# Annotations are read by Typer when it starts, several times each: as text, they would cost a tenth of --help.

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from scaffolder.cli.boundary import attempt
from scaffolder.cli.options import Output, OutputFormat, taking
from scaffolder.cli.token_options import given_token, of_app, of_token


class Kind(StrEnum):
    github = "github"
    gitlab = "gitlab"
    gitea = "gitea"


@taking(of_token, of_app)
def doctor(
    kind: Annotated[
        Kind | None, typer.Argument(metavar="FORGE", help="github, gitlab or gitea. [the documents']")
    ] = None,
    owner: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who is to have the repository. [the documents']")
    ] = None,
    repository: Annotated[
        str | None, typer.Option(metavar="NAME", help="Name of the repository. [the documents']")
    ] = None,
    hostname: Annotated[str | None, typer.Option(metavar="HOST", help="Where the forge is. [the documents']")] = None,
    personal: Annotated[bool, typer.Option("--personal", help="The owner is a user.")] = False,
    teams: Annotated[bool, typer.Option("--teams", help="Teams are to get the repository.")] = False,
    ca_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Certificates of the authorities to trust for HTTPS.")
    ] = None,
    output: Output = OutputFormat.text,
    *,
    given: Mapping[str, Any],
) -> None:
    """Look whether all is there that bootstrap needs: programs, the forge, and what the token may do.

    Reads only. In a repository with documents, they say which forge and repository. Ends with 1 where something is
    missing, and says what to add.
    """
    from scaffolder.cli.work import doctor as work

    said = work.Said(kind, owner, repository, hostname, personal, teams, ca_file)
    attempt("doctor", lambda console: work.doctor(console, said=said, token=given_token(given)), output=output)
