"""What kustomize would refuse or quietly change on its way to a cluster, told where it is written."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import AfterValidator

from scaffolder.spec.problems import Found
from scaffolder.spec.types import Text
from scaffolder.yamlio import YamlError, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.spec.problems import Path

OPERATIONS: Final = frozenset({"add", "remove", "replace", "move", "copy", "test"})
NAMELESS: Final = ("", "$patch")  # one that it cannot merge, and one that it takes for an order
NUMBER: Final = "a number or boolean"
STANDS_IN: Final = (NUMBER, "text")  # the other way round, kustomize makes text of it


def patch_problem(text: str, *, targeted: bool) -> str:
    """Why a text is no patch, as the end of a sentence; empty where it is one.

    Args:
        text: merge patches or JSON 6902 operations, as YAML.
        targeted: whether something else says which objects it is for.
    """
    try:
        documents = [found.data for found in load(text.encode()) if found.data is not None]
    except YamlError as error:
        return f"is no patch: in its line {error.mark.line}, {error.message}"
    if not documents:
        return "is no patch: it is empty"
    return next((problem for data in documents if (problem := _patch(data, text, targeted=targeted))), "")


def _patch(data: Any, text: str, *, targeted: bool) -> str:
    if isinstance(data, dict):
        meta = data.get("metadata")
        named = isinstance(meta, dict) and meta.get("name")
        return (
            "" if data.get("apiVersion") and data.get("kind") and named else "needs apiVersion, kind and metadata.name"
        )
    if not isinstance(data, list) or not all(map(_operation, data)):
        return "is neither a merge patch nor a list of operations with `op` and `path`"
    if text.lstrip().startswith("[") and not _is_json(text):
        return "begins with [, so it must be JSON; or write each operation after a -"
    return "" if targeted else "needs a `target`: operations do not say which object they are for"


def _operation(data: Any) -> bool:
    return isinstance(data, dict) and data.get("op") in OPERATIONS and str(data.get("path")).startswith("/")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _expression(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error.msg}") from None
    return value


Expression = Annotated[Text, AfterValidator(_expression)]


def unmergeable(values: dict[str, Any], laid_over: dict[str, Any], path: Path) -> Iterator[Found]:
    """Helm values that cannot be laid over others as they are meant: maps merge, all else is replaced by its like."""
    for key, value in laid_over.items():
        here, there = (*path, key), values.get(key)
        if key in NAMELESS:
            yield Found(here, f"`{key}` cannot be the name of a value: kustomize does not take it for one", of_key=True)
        elif there is not None and (was := _told(there)) != (now := _told(value)) and (was, now) != STANDS_IN:
            yield Found(here, f"is {now} where the app has {was}: kustomize cannot lay one over the other")
        elif isinstance(value, dict):
            yield from unmergeable(there or {}, value, here)


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else "text" if isinstance(value, str) else NUMBER
