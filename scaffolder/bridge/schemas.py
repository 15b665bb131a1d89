"""CustomResourceDefinitions as JSON Schemas that refuse unknown fields; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

CRD: Final = "CustomResourceDefinition"
OPEN: Final = ("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "additionalProperties")

_TEXT: Final = {"type": "string"}
_MAP: Final = {"type": ["object", "null"], "additionalProperties": _TEXT}
_THINGS: Final = {"type": ["array", "null"]}
# what people and Flux write there; an API server adds more
METADATA: Final = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **dict.fromkeys(("name", "generateName", "namespace"), _TEXT),
        **dict.fromkeys(("labels", "annotations"), _MAP),
        **dict.fromkeys(("finalizers", "ownerReferences"), _THINGS),
        "creationTimestamp": {"type": ["string", "null"]},
    },
}


def schemas_of(definitions: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A schema for each kind and version that is served: `group/kind_version.json` to schema."""
    return {name: schema for definition in definitions for name, schema in _of(definition)}


def _of(definition: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    spec = definition["spec"]
    group, kind = spec["group"], spec["names"]["kind"]
    for version in spec["versions"]:
        schema = (version.get("schema") or {}).get("openAPIV3Schema")
        if version.get("served") and schema:
            whole = closed(schema)
            whole["properties"] = {
                **whole.get("properties", {}),
                "apiVersion": {"enum": [f"{group}/{version['name']}"]},
                "kind": {"enum": [kind]},
                "metadata": METADATA,
            }
            yield f"{group}/{kind.lower()}_{version['name']}.json", whole


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A schema that refuses what the API server would drop.

    Only what says which fields there are is followed: conditions such as `anyOf` may not add any in Kubernetes.
    """
    made = dict(schema)
    if made.get("x-kubernetes-int-or-string"):
        made["type"] = ["integer", "string"]
    elif made.get("nullable") and "type" in made:
        made["type"] = [made["type"], "null"]
    if "properties" in made:
        made["properties"] = {name: closed(inner) for name, inner in made["properties"].items()}
    for field in ("items", "additionalProperties"):
        if isinstance(made.get(field), dict):
            made[field] = closed(made[field])
    if schema.get("type") == "object" and not any(made.get(mark) for mark in OPEN):
        made["additionalProperties"] = False
    return made
