"""What is wrong with a document: one line each, with its place and what would be right."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails

Path = tuple[str | int, ...]

FEW: Final = 24  # words; more of them help nobody


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong at one place of one document."""

    kind: str
    name: str
    path: Path  # in the document: ("chart", "version")
    message: str
    of_key: bool = False  # the key itself is wrong, not its value


def field(path: Path) -> str:
    """`("overlays", "prod", "images", 0)` as people write it: `overlays.prod.images[0]`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def suggest(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` where one of the known words is close, and what is allowed where they are few."""
    words = sorted(known)
    close = difflib.get_close_matches(word, words, n=1)
    allowed = f"; allowed: {', '.join(words)}" if words else "; there are none"
    return (f"; did you mean `{close[0]}`?" if close else "") + (allowed if len(words) <= FEW else "")


def explain(model: type[BaseModel], error: ErrorDetails) -> tuple[Path, str, bool]:
    """Where, what, and whether the key is meant, for one error of a model."""
    path = tuple(step for step in error["loc"] if step != "[key]")
    of_key = "[key]" in error["loc"] or error["type"] == "extra_forbidden"
    named = f"`{field(path)}`"
    match error["type"]:
        case "extra_forbidden":
            return path, f"unknown field {named}{suggest(str(path[-1]), _fields(model, path[:-1]))}", True
        case "missing":
            return path[:-1], f"{named} is required", False
        case "value_error":
            reason = str(error["ctx"]["error"])
            return path, f"{named} {reason}" if path else reason, of_key
        case "literal_error":
            options = error["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            return path, f"{named} cannot be {_show(error['input'])}{suggest(str(error['input']), options)}", of_key
        case "string_pattern_mismatch":
            return path, f"{named} must match {error['ctx']['pattern']}, not {_show(error['input'])}", of_key
        case kind:
            return path, f"{named} must be {_wanted(kind)}, not {_show(error['input'])}", of_key


def _fields(model: type[BaseModel], path: Path) -> list[str]:
    """The field names at a path of a model; none where it leads into free-form values."""
    for step in path:
        fields = {f.alias or name: f.annotation for name, f in model.model_fields.items()}
        inner = _record(fields.get(str(step)))
        if inner is None:
            return []
        model = inner
    return [f.alias or name for name, f in model.model_fields.items()]


def _record(annotation: Any) -> type[BaseModel] | None:
    """The record inside a field's type; of a mapping or list of records, that record."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _record(arg))), None)


def _wanted(kind: str) -> str:
    names = {
        "string_type": "text",
        "bool_type": "true or false",
        "int_type": "a whole number",
        "dict_type": "a mapping",
        "model_type": "a mapping",
        "tuple_type": "a list",
        "list_type": "a list",
    }
    return names.get(kind, kind.replace("_", " "))


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value} (quote it)"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "nothing" if value is None else f"`{str(value)[:60]}`"
