"""The questions of `new`: what no flag says is asked on a terminal, and each answer is judged as its flag would be."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import typer

from scaffolder import report
from scaffolder.cli.console import data
from scaffolder.cli.work import starter
from scaffolder.cli.work.starter import STAGES, Starter
from scaffolder.errors import INTERRUPTED, ScaffolderError, UsageError
from scaffolder.flux.versions import NEWEST
from scaffolder.spec.types import LABEL

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.report import Report

NONE: Final = "none"


class StoppedError(ScaffolderError):
    """Somebody said no, or ended the questions."""

    code = INTERRUPTED

    def __init__(self) -> None:
        super().__init__("stopped before anything was written")


def possible(console: Console) -> bool:
    """Whether somebody is there to read questions, and to answer them."""
    streams = (sys.stdin, sys.stdout)
    return not console.json and all(stream is not None and stream.isatty() for stream in streams)


def answered(asked: Starter, folder: str) -> Starter:
    """What was asked for in flags, with an answer to each question that no flag answers.

    Raises:
        UsageError: a flag is wrong, whatever the answers.
        StoppedError: Ctrl-C or Ctrl-D.
    """
    starter.documents(replace(asked, name=asked.name or "name"), folder)
    if asked.name is None:
        suggested = folder if LABEL.fullmatch(folder) else None
        asked = _asked("Name of the platform", suggested, folder, lambda text: replace(asked, name=text))
    if asked.url is None:
        asked = _asked("URL of its repository", NONE, folder, lambda text: replace(asked, url=_some(text)))
    asked = _places(asked, folder)
    if asked.flux_version is None:
        asked = _asked("Flux version", NEWEST, folder, lambda text: replace(asked, flux_version=text))
    if asked.app is None:
        question = "First app, a Helm chart: NAME URL [VERSION]"
        asked = _asked(question, NONE, folder, lambda text: replace(asked, app=_some(text)))
    return asked


def _places(asked: Starter, folder: str) -> Starter:
    """Environments, and the clusters of each; clusters that flags name say their environments, too."""
    if asked.clusters:
        return asked
    if not asked.environments:
        question = "Environments, in the order that changes travel"
        stages = ", ".join(STAGES)
        asked = _asked(question, stages, folder, lambda text: replace(asked, environments=_listed(text)))
    for stage in asked.environments:
        asked = _asked(f"Clusters of {stage}", f"{stage}-1", folder, partial(_with_clusters, asked, stage))
    return asked


def _with_clusters(asked: Starter, stage: str, text: str) -> Starter:
    return replace(asked, clusters=(*asked.clusters, *(f"{stage}/{name}" for name in _listed(text))))


def _some(text: str) -> str | None:
    return None if text == NONE else text


def _printable(text: str) -> str:
    if not text.isprintable():  # arrow keys, where the terminal is a simple one
        raise UsageError("must be one line of printable text")
    return text


def _listed(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, re.split(r"[\s,]+", text)))
    if not names:
        raise UsageError("must be one name at least")
    return names


def _asked(question: str, suggested: str | None, folder: str, taken: Callable[[str], Starter]) -> Starter:
    """Asks until the answer can be meant."""
    while True:
        try:
            chosen = taken(_printable(_read(typer.prompt, question, default=suggested).strip()))
            starter.documents(chosen, folder)
        except UsageError as error:
            data("".join(f"✗ {line}\n" for line in error.message.splitlines()))
        except UnicodeDecodeError:
            data("✗ is not text in the terminal's encoding\n")
        else:
            return chosen


def confirm(plan: Report) -> None:
    """Shows what is going to happen, and asks whether it may.

    Raises:
        StoppedError: it may not.
    """
    data("".join(f"{line}\n" for line in report.text(plan)))
    if not _read(typer.confirm, "Go ahead?", default=True):
        raise StoppedError


def _read(ask: Callable[..., Any], question: str, **options: Any) -> Any:
    try:
        return ask(question, **options)
    except typer.Abort:
        data("\n")
        raise StoppedError from None
