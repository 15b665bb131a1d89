"""Cuts an official description down to the operations that a forge of these tests has, without prose and examples.

npm install --ignore-scripts @octokit/openapi@23.0.2
FROM=node_modules/@octokit/openapi/generated/api.github.com.json
python -m tests.support.forges.subset $FROM "@octokit/openapi 23.0.2" github
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PROSE = frozenset({"description", "summary", "example", "examples", "externalDocs", "title", "tags", "operationId"})
ERROR = "4"  # how statuses of errors begin; nobody judges them


def subset(document: dict[str, Any], operations: Iterable[str]) -> dict[str, Any]:
    """`operations` are `METHOD /path`; those that are not described are left out."""
    paths: dict[str, Any] = {}
    for method, _, path in (each.partition(" ") for each in sorted(operations)):
        described = document["paths"].get(path, {})
        if operation := described.get(method.lower()):
            kept = {name: operation[name] for name in ("parameters", "requestBody") if name in operation}
            good = {status: each for status, each in operation["responses"].items() if status < "3"}
            shared = {name: described[name] for name in ("parameters",) if name in described}
            paths.setdefault(path, shared)[method.lower()] = {**kept, "responses": good}
    kept = _plain(paths)
    return {
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": kept,
        "components": _used(document, kept),
    }


def _plain(value: Any, *, names: bool = False) -> Any:
    """Without prose. In `properties`, what looks like prose is the `name` of one."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        key: "" if key == "description" and not names else _plain(inner, names=key == "properties" and not names)
        for key, inner in value.items()
        if names or _kept(key, value)
    }


def _kept(key: str, inside: dict[str, Any]) -> bool:
    """OpenAPI asks for a description of each answer."""
    is_answer = key == "description" and ("content" in inside or set(inside) <= {"description", "headers"})
    return is_answer or not (key in PROSE or key.startswith("x-"))


def _used(document: dict[str, Any], kept: Any) -> dict[str, Any]:
    """The components that are referred to, and those that these refer to."""
    components: dict[str, Any] = {}
    left = [kept]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, dict):
            left += value.values()
            _, _, kind, name = (*str(value.get("$ref", "")).split("/", 3), "", "", "", "")[:4]
            if name and name not in components.setdefault(kind, {}):
                components[kind][name] = _plain(document["components"][kind][name])
                left.append(components[kind][name])
    return components


def main(source: str, origin: str, forge: str) -> None:
    routes = importlib.import_module(f"tests.support.forges.{forge}").ROUTES
    found = subset(json.loads(Path(source).read_text(encoding="utf-8")), routes)
    found["info"] = {"title": f"a part of {origin}", **{key: found["info"][key] for key in ("version", "license")}}
    target = Path(__file__).with_name(f"{forge}.json")
    target.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
