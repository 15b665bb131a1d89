"""`${NAME}` in what Flux substitutes: a name without a value on every cluster would stop the app."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import shown
from scaffolder.spec.problems import Found, Path, suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from scaffolder.spec.load import Spec

SET_BY_US: Final = frozenset({"CLUSTER_NAME", "ENVIRONMENT"})
_USE: Final = re.compile(r"(?P<escape>\$?)\$\{(?P<name>[A-Za-z0-9_]*)(?=(?P<rest>[^}]{0,60}\}?))")  # also in another


def undeclared(spec: Spec, value: Any, path: Path, own: Collection[str] = ()) -> Iterator[Found]:
    """Uses of variables that neither clusters nor the app itself (`own`) have a value for, at any depth."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from (Found((*path, key), message, of_key=True) for message in _messages(spec, key, own))
            yield from undeclared(spec, item, (*path, key), own)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from undeclared(spec, item, (*path, index), own)
    elif isinstance(value, str):
        yield from (Found(path, message) for message in _messages(spec, value, own))


def _messages(spec: Spec, text: str, own: Collection[str]) -> Iterator[str]:
    uses = [use for use in _USE.finditer(text) if not use["escape"]] if "${" in text else []
    known = {*SET_BY_US, *own, *spec.platform.variables, *(["DOMAIN"] if spec.platform.domain else [])} if uses else own
    for use in uses:
        written = f"{{{use['name']}{use['rest']}"
        if use["name"] not in known:
            meant = f"text that is meant so is written {shown('$$' + written)}"
            yield f"{shown('$' + written)} names no variable{suggest(use['name'], known)}; {meant}"
        elif text.rfind("}") < use.end():
            yield f"{shown('$' + written)} is not closed"
