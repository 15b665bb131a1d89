"""What is wrong with a document: one line each, with its place and what would be right."""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_args, get_origin

from pydantic import BaseModel

from scaffolder.errors import printable, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic.fields import FieldInfo
    from pydantic_core import ErrorDetails

Path = tuple[str | int, ...]

FEW: Final = 32  # words; more of them help nobody
KEY: Final = "[key]"  # how pydantic says that it means the key itself
WANTED: Final = {
    "string_type": "text",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "tuple_type": "a list",
    "int_type": "a whole number",
}


class Found(NamedTuple):
    """One thing that is wrong in the document that is looked at."""

    path: Path  # ("chart", "version")
    message: str
    of_key: bool = False  # the key itself is wrong, not its value


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong at one place of one document."""

    kind: str
    name: str
    path: Path
    message: str
    of_key: bool = False


def field(path: Path) -> str:
    """`("overlays", "prod", "images", 0)` as people write it: `overlays.prod.images[0]`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return printable(text.removeprefix("."))


def ordered(lines: Iterable[str]) -> list[str]:
    """Lines by file, line and column, each once; `9` comes before `10`."""
    return sorted(set(lines), key=lambda line: [int(p) if p.isdecimal() else p for p in re.split(r"([0-9]+)", line)])


def suggest(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` where one of the known words is close, and what is allowed where they are few."""
    words = tuple(sorted(known))
    if not words:
        return "; there are none"
    close = _closest(word, words)
    meant = f"; did you mean `{close}`?" if close else ""
    allowed = f"{'' if meant else ';'} allowed: {', '.join(words)}" if len(words) <= FEW else ""
    return meant + allowed


@functools.lru_cache  # one renamed document can be missed by a thousand others
def _closest(word: str, words: tuple[str, ...]) -> str:
    return next(iter(difflib.get_close_matches(word, words, n=1)), "")


def explain(model: type[BaseModel], error: ErrorDetails) -> tuple[Path, str, bool]:
    """Where, what, and whether the key is meant, for one error of a model."""
    of_key = error["loc"][1:][-1:] == (KEY,) and error["type"] != "extra_forbidden"
    path = error["loc"][:-1] if of_key else error["loc"]
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
            options = re.findall(r"'([^']*)'", error["ctx"]["expected"])
            return path, f"{named} cannot be {_show(error['input'])}{suggest(str(error['input']), options)}", of_key
        case kind:
            wanted = WANTED.get(kind, kind.replace("_", " "))
            text, number = isinstance(error["input"], str), isinstance(error["input"], int | float)
            given = f"{'the text ' * text}{_show(error['input'])}{': quote it' * (number and wanted == 'text')}"
            return path, f"{named} must be {wanted}, not {given}", of_key


def _fields(model: type[BaseModel], path: Path) -> list[str]:
    """The field names at a path of a model; none where it leads into free-form values."""
    steps = iter(path)
    for step in steps:
        annotation = next((f.annotation for name, f in _named(model) if name == step), None)
        inner = _record(annotation)
        if inner is None:
            return []
        if _holds_many(annotation):
            next(steps, None)  # a key or an index
        model = inner
    return [name for name, _ in _named(model)]


def _named(model: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    yield from ((info.alias or name, info) for name, info in model.model_fields.items())


def _record(annotation: Any) -> type[BaseModel] | None:
    """The record inside a field's type; of a mapping or list of records, that record."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _record(arg))), None)


def _holds_many(annotation: Any) -> bool:
    return get_origin(annotation) in {dict, tuple} or any(map(_holds_many, get_args(annotation)))


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "null" if value is None else shown(value)
