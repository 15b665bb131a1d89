"""What goes to an API and back, held against its official description, with request bodies closed.

The forges ignore names that they do not know, so a wrong name would pass unseen.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict, MultiDict

HOST = "https://forge.invalid"
JSON = "application/json"
GOOD = range(200, 300)
QUOTED = re.compile(r"'(\w+)'")


@dataclass(frozen=True)
class Exchange:
    """A request and its answer; `template` is `METHOD /path/{name}` of the description."""

    template: str
    names: Mapping[str, str]
    query: MultiDict[str, str]
    headers: Mapping[str, str]
    body: Any
    status: int
    data: Any


@dataclass(frozen=True)
class _Request:
    """As openapi-core wants it."""

    host_url: str
    path: str
    method: str
    parameters: RequestParameters
    body: bytes | None
    content_type: str = JSON


@dataclass(frozen=True)
class _Response:
    status_code: int
    data: bytes | None
    headers: Mapping[str, Any]
    content_type: str = JSON


class Description:
    """An official description.

    Args:
        document: OpenAPI 3.
        allowed: what is let pass: (`METHOD /path`, where in the body) to why. Of an answer, where begins with
            `< `; each entry of a list is `*`.
        answers: whether answers are looked at too; redirects and errors never are.
    """

    def __init__(
        self, document: Mapping[str, Any], allowed: Mapping[tuple[str, str], str], *, answers: bool = True
    ) -> None:
        own = _closed(copy.deepcopy(dict(document)))
        own["servers"] = [{"url": HOST}]
        own.pop("security", None)
        self._document = own
        self._allowed = allowed
        self._answers = answers
        settings = Config(spec_validator_cls=None)  # type: ignore[arg-type]  # as its documentation has it
        self._api = OpenAPI.from_dict(own, config=settings)

    def filled(self, template: str, status: int, data: Any) -> Any:
        """An answer with whatever else the description asks for, made up."""
        method, _, path = template.partition(" ")
        operation = self._document["paths"].get(path, {}).get(method.lower(), {})
        content = operation.get("responses", {}).get(str(status), {}).get("content", {})
        return self._filled(content[JSON]["schema"], data) if JSON in content else data

    def _filled(self, schema: dict[str, Any], data: Any) -> Any:
        schema = self._whole(schema, data)
        if isinstance(data, list):
            return [self._filled(schema.get("items", {}), each) for each in data]
        if not isinstance(data, dict):
            return data
        properties = schema.get("properties", {})
        missing = [name for name in schema.get("required", ()) if name not in data]
        return {name: self._filled(properties.get(name, {}), value) for name, value in data.items()} | {
            name: self._made_up(properties.get(name, {})) for name in missing
        }

    def _whole(self, schema: dict[str, Any], data: Any = None) -> dict[str, Any]:
        """A schema without references and alternatives: of these the first that can hold `data`."""
        if reference := schema.get("$ref"):
            return self._whole(self._document["components"]["schemas"][reference.rpartition("/")[2]], data)
        if parts := schema.get("allOf"):
            whole = [self._whole(each, data) for each in parts]
            properties = {name: each for part in whole for name, each in part.get("properties", {}).items()}
            required = [name for part in whole for name in part.get("required", ())]
            return {"type": "object", "properties": properties, "required": required}
        if parts := schema.get("anyOf") or schema.get("oneOf"):
            kinds = {dict: "object", list: "array", str: "string", int: "integer"}
            whole = [self._whole(each, data) for each in parts]
            return next((each for each in whole if each.get("type") == kinds.get(type(data))), whole[0])
        return schema

    def _made_up(self, schema: dict[str, Any]) -> Any:
        plain = self._whole(schema)
        if plain.get("nullable") or (schema.get("nullable") and not {"anyOf", "oneOf"} & schema.keys()):
            return None
        schema = plain
        if "enum" in schema:
            return schema["enum"][0]
        formats = {"uri": HOST, "date-time": "2026-01-01T00:00:00Z"}
        usual = {"string": formats.get(schema.get("format", ""), "x"), "integer": 1, "number": 1, "boolean": False}
        kind = schema.get("type", "object")
        return [] if kind == "array" else self._filled(schema, {}) if kind == "object" else usual[kind]

    def violations(self, exchange: Exchange) -> list[str]:
        """What is not as described, one line each."""
        method, _, path = exchange.template.partition(" ")
        if method.lower() not in self._document["paths"].get(path, {}):
            known = (exchange.template, "") in self._allowed
            return [] if known else [f"{exchange.template} is not described"]
        request = _Request(
            HOST,
            path.format(**{name: quote(value, safe="") for name, value in exchange.names.items()}),
            method.lower(),
            RequestParameters(query=ImmutableMultiDict(exchange.query), header=Headers(dict(exchange.headers))),
            None if exchange.body is None else json.dumps(exchange.body).encode(),
        )
        found = list(_problems(self._api.validate_request, request))
        if self._answers and exchange.status in GOOD:
            response = _Response(exchange.status, json.dumps(exchange.data).encode(), {})
            answers = _problems(self._api.validate_response, request, response)
            found += [(f"< {where}", said) for where, said in answers]
        return [
            f"{exchange.template} {where}: {said}"
            for where, said in dict(reversed(found)).items()
            if (exchange.template, where) not in self._allowed
        ]


def _problems(validate: Any, *said: object) -> Iterator[tuple[str, str]]:
    """Where in the body, and what is wrong there."""
    try:
        validate(*said)
    except Exception as error:  # noqa: BLE001  openapi-core has many, with no root of their own
        cause: BaseException | None = error
        while cause is not None:
            if details := getattr(cause, "schema_errors", None):
                for each in details:
                    yield from _where(each)
                return
            cause = cause.__cause__
        yield "", f"{error!r} {error.__cause__ or ''}"


def _where(error: Any) -> Iterator[tuple[str, str]]:
    """Of alternatives that all do not fit, the one that came furthest. A name too many or too few is a place, too."""
    while error.context:
        error = max(error.context, key=lambda each: len(each.absolute_path))
    path = ["*" if isinstance(part, int) else part for part in error.absolute_path]
    names = QUOTED.findall(error.message) if error.validator in {"additionalProperties", "required"} else []
    for name in names[: None if error.validator == "additionalProperties" else 1]:
        yield "/".join([*path, name]), error.message[:200]
    if not names:
        yield "/".join(path), error.message[:200]


def _closed(document: dict[str, Any]) -> dict[str, Any]:
    """The description with no room in its request bodies for names that it does not have."""
    operations = [each for path in document["paths"].values() for each in path.values() if isinstance(each, dict)]
    bodies = [body for each in operations for body in each.get("requestBody", {}).get("content", {}).values()]
    left = [body["schema"] for body in bodies if "schema" in body]
    seen: set[str] = set()
    while left:
        schema = left.pop()
        reference = schema.get("$ref", "")
        if reference and reference not in seen:
            seen.add(reference)
            left.append(document["components"]["schemas"][reference.rpartition("/")[2]])
        if schema.get("properties") and "allOf" not in schema:
            schema.setdefault("additionalProperties", False)
        left += _parts(schema)
    return document


def _parts(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for kind in ("oneOf", "anyOf", "allOf"):
        yield from schema.get(kind, ())
    yield from schema.get("properties", {}).values()
    if isinstance(schema.get("items"), dict):
        yield schema["items"]
