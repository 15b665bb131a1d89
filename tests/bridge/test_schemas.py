from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from scaffolder.bridge.schemas import schemas_of

SPEC = {
    "type": "object",
    "properties": {
        "port": {"x-kubernetes-int-or-string": True},
        "note": {"type": "string", "nullable": True},
        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "names": {"type": "object", "additionalProperties": {"type": "string"}},
        "items": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}},
    },
}
VERSIONS = [
    {"name": "v1", "served": True, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": SPEC}}}},
    {"name": "v1alpha1", "served": False, "schema": {"openAPIV3Schema": {"type": "object"}}},
]
DEFINITION = {"spec": {"group": "acme.io", "names": {"kind": "Thing"}, "versions": VERSIONS}}


def judged(spec: dict[str, Any], **more: Any) -> bool:
    thing = {"apiVersion": "acme.io/v1", "kind": "Thing", "metadata": {"name": "x"}, "spec": spec, **more}
    return jsonschema.Draft202012Validator(schemas_of([DEFINITION])["acme.io/thing_v1.json"]).is_valid(thing)


def test_only_what_is_served_has_a_schema() -> None:
    assert list(schemas_of([DEFINITION])) == ["acme.io/thing_v1.json"]


@pytest.mark.parametrize(
    "spec", [{"port": 1, "note": None}, {"port": "http"}, {"free": {"a": 1}}, {"names": {"a": "b"}}, {"items": [{}]}]
)
def test_what_an_api_server_takes_is_taken(spec: dict[str, Any]) -> None:
    assert judged(spec)


@pytest.mark.parametrize("spec", [{"ports": 1}, {"items": [{"b": 1}]}, {"names": {"a": 1}}, {"note": 1}])
def test_what_an_api_server_would_drop_or_refuse_is_refused(spec: dict[str, Any]) -> None:
    assert not judged(spec)


def test_fields_beside_the_spec_are_known_too() -> None:
    assert not judged({}, data={})
    assert not judged({}, metadata={"name": "x", "lables": {}})
    assert judged({}, metadata={"name": "x", "labels": {"a": "b"}, "creationTimestamp": None})
