"""`${NAME}` in what Flux substitutes: a name without a value on every cluster would stop the app."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import shown
from scaffolder.spec.problems import Found, Path, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.spec.load import Spec

SET_BY_US: Final = frozenset({"CLUSTER_NAME", "ENVIRONMENT"})
_USE: Final = re.compile(r"(?P<escape>\$?)\$\{(?P<name>[A-Za-z0-9_]*)(?=(?P<rest>[^}]{0,60}\}?))")  # also in another


def undeclared(spec: Spec, value: Any, path: Path) -> Iterator[Found]:
    """Uses of variables that no cluster has a value for, in keys and values at any depth."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from (Found((*path, key), message, of_key=True) for message in _messages(spec, key))
            yield from undeclared(spec, item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from undeclared(spec, item, (*path, index))
    elif isinstance(value, str):
        yield from (Found(path, message) for message in _messages(spec, value))


def _messages(spec: Spec, text: str) -> Iterator[str]:
    uses = [use for use in _USE.finditer(text) if not use["escape"]] if "${" in text else []
    known = {*SET_BY_US, *spec.platform.variables, *(["DOMAIN"] if spec.platform.domain else [])} if uses else set()
    for use in uses:
        written = f"{{{use['name']}{use['rest']}"
        if use["name"] not in known:
            meant = f"text that is meant so is written {shown('$$' + written)}"
            yield f"{shown('$' + written)} names no variable{suggest(use['name'], known)}; {meant}"
        elif text.rfind("}") < use.end():
            yield f"{shown('$' + written)} is not closed"
