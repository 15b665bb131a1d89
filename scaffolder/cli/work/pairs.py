"""What the command line says as `NAME=VALUE`, `ENV=VALUE` and `ENV:KEY=VALUE`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scaffolder.errors import UsageError

EVERYWHERE = ""  # the environment of what is said without one


def named(flag: str, given: Sequence[str]) -> dict[str, str]:
    """`NAME=VALUE` texts as a mapping."""
    found: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"{flag} {text}: must be NAME=VALUE")
        _once(flag, found, name, name)
        found[name] = value
    return found


def object_named(flag: str, text: str) -> dict[str, str]:
    """`Secret/web` as a reference to an object."""
    kind, slash, name = text.partition("/")
    if not (kind and slash and name):
        raise UsageError(f"{flag} {text}: must be KIND/NAME")
    return {"kind": kind, "name": name}


def by_environment(flag: str, given: Sequence[str], known: Sequence[str]) -> dict[str, str]:
    """`prod=1.0` is for one environment, `1.0` for all; the `=` of a range such as `>=1.0` is neither."""
    found: dict[str, str] = {}
    for text in given:
        head, equals, rest = text.partition("=")
        environment = _environment(f"{flag} {text}", head, known) if equals else EVERYWHERE
        value = rest if environment else text
        _once(flag, found, environment, environment or "all environments")
        if not value:
            raise UsageError(f"{flag} {text}: a value is missing")
        found[environment] = value
    return found


def _once(flag: str, found: dict[str, str], key: str, told: str) -> None:
    if key in found:
        raise UsageError(f"{flag} is given twice for {told}")


def _environment(said: str, head: str, known: Sequence[str]) -> str:
    """The environment that stands before a mark; what cannot be the name of one is a part of the value."""
    if not re.fullmatch(r"[A-Za-z0-9-]+", head):
        return EVERYWHERE
    if head not in known:
        hint = f"known: {', '.join(known)}" if known else "there are none yet"
        raise UsageError(f"{said}: unknown environment `{head}`", hint=hint)
    return head


@dataclass(frozen=True)
class Setting:
    """One Helm value of `--set`."""

    environment: str
    keys: tuple[str, ...]
    value: str | int | bool | None

    def put(self, values: dict[str, Any]) -> None:
        """Sets the value in a tree of values."""
        for key in self.keys[:-1]:
            inner = values.setdefault(key, {})
            if not isinstance(inner, dict):
                raise UsageError(f"--set {'.'.join(self.keys)}: `{key}` is no mapping")
            values = inner
        values[self.keys[-1]] = self.value


def settings(given: Sequence[str], known: Sequence[str]) -> Iterator[Setting]:
    """`--set` as Helm reads it: several at a comma, a backslash before what is meant as it is; lists need a file."""
    for text in given:
        head, colon, _ = text.partition("=")[0].partition(":")
        environment = _environment(f"--set {text}", head, known) if colon else EVERYWHERE
        for one in _parts(text.removeprefix(f"{environment}:") if environment else text, ","):
            key, equals, value = one.partition("=")
            keys = tuple(_parts(key, "."))
            if not equals or not all(keys):
                raise UsageError(f"--set {text}: must be KEY=VALUE or ENV:KEY=VALUE")
            if "[" in key or value.startswith("{"):
                raise UsageError(f"--set {text}: lists cannot be set here", hint="put them into a file for --values")
            yield Setting(environment, keys, _typed(value))


def _parts(text: str, mark: str) -> list[str]:
    """The parts between marks; one with a backslash before it is a letter like others."""
    parts = re.split(rf"(?<!\\){re.escape(mark)}", text)
    return [part.replace(f"\\{mark}", mark) for part in parts]


def _typed(text: str) -> str | int | bool | None:
    """Helm's own few types: whole numbers, true, false and null; `1.10` stays the text that it is."""
    if re.fullmatch(r"[-+]?(0|[1-9][0-9]{0,17})", text):
        return int(text)
    words: dict[str, bool | None] = {"true": True, "false": False, "null": None}
    return words.get(text.lower(), text)
