"""A unit's template and inputs to its tree; pure, and the same bytes on every machine."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffolder.errors import TemplateError
from scaffolder.paths import reason_against
from scaffolder.templates import template
from scaffolder.tree import File

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scaffolder.render.inputs import Inputs
    from scaffolder.render.units import Unit
    from scaffolder.templates import TemplateFile


_reason_against = functools.lru_cache(maxsize=65_536)(reason_against)  # few parts make up all paths


@dataclass(frozen=True)
class Rendered:
    """What a unit should hold; `seeded` files are written once and then belong to people."""

    files: Mapping[str, File]
    seeded: frozenset[str]


def render(version: str, unit: Unit, inputs: Inputs) -> Rendered:
    """All files of a unit.

    Raises:
        TemplateError: an undefined input, a path that leads out of the repository, two files at one path.
    """
    files: dict[str, File] = {}
    seeded = set()
    for source in template(version, unit.template).files:
        path = _path(source, inputs)
        if not path:
            continue
        if path in files:
            raise TemplateError(f"{source.name}: `{path}` is written twice")
        files[path] = File(source.content(inputs), source.executable)
        if source.seeded:
            seeded.add(path)
    return Rendered(files, frozenset(seeded))


def paths(version: str, unit: Unit, inputs: Inputs) -> list[str]:
    """Where each file of a unit's template goes, in the template's order; empty for one that is left out.

    Raises:
        TemplateError: a path that leads out of the repository.
    """
    return [_path(source, inputs) for source in template(version, unit.template).files]


def _path(source: TemplateFile, inputs: Inputs) -> str:
    parts = source.path(inputs).split("/")
    if not all(parts):
        return ""  # an empty part leaves the file out, as in Copier
    parts = [part for part in parts if part != "."]
    path = "/".join(parts)
    if reason := next(filter(None, map(_reason_against, parts)), ""):
        raise TemplateError(f"{source.name}: the path `{path}` {reason}")
    return path
