"""Flux's variables (`spec.postBuild`): text in, text out, as its envsubst does it in strict mode.

Only what a generated repository may hold is known: `${NAME}`, defaults, and `$$` for a dollar sign. Flux knows more
(`${NAME^^}`, `${NAME/a/b}`, a variable within a default): that is refused here, never passed on unseen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.judges.objects import Object

SWITCH = "kustomize.toolkit.fluxcd.io/substitute"

NAME = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*")

PLACEHOLDER = re.compile(
    r"""
    (?P<dollar>\$\$)
    | \$\{ (?P<name>\w+) (?: (?: := | :- | = ) (?P<default>(?:[^}$]|\$(?!\{))*) )? \}
    | \$\{
    """,
    re.VERBOSE,
)


class SubstitutionError(Exception):
    """Flux would stop here, or go further than this module can follow."""


def switched_off(subject: Object) -> bool:
    marks = (subject.metadata.get("labels"), subject.metadata.get("annotations"))
    return any(isinstance(mark, dict) and mark.get(SWITCH) == "disabled" for mark in marks)


@dataclass(frozen=True)
class Variables:
    """`unknown` is what a name that is not among the values becomes; None: an error."""

    values: Mapping[str, str]
    unknown: str | None = None


def substitute(text: str, variables: Variables) -> str:
    for name in variables.values:
        if not NAME.fullmatch(name):
            raise SubstitutionError(f"{name!r} is no name for a variable")
    return PLACEHOLDER.sub(lambda found: value(found, variables), text)


def substitute_known(text: str, variables: Variables) -> str:
    """Leave alone what has no value: for folders of which nobody knows on which cluster they will be."""

    def known(found: re.Match[str]) -> str:
        try:
            return value(found, variables)
        except SubstitutionError:
            return found[0]

    return PLACEHOLDER.sub(known, text)


def value(found: re.Match[str], variables: Variables) -> str:
    name, default = found["name"], found["default"]
    if found["dollar"]:
        return "$"
    if name is None:
        start = found.start()
        raise SubstitutionError(f"cannot substitute {found.string[start : start + 40].splitlines()[0]!r}")
    if default is not None:
        return variables.values.get(name) or default
    result = variables.values.get(name, variables.unknown)
    if result is None:
        raise SubstitutionError(f"variable {name} is not set")
    return result
