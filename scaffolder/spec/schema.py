"""JSON Schema of each kind, for editors and for programs that write documents."""

from __future__ import annotations

from typing import Any

from scaffolder.spec.model import KINDS


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind of document."""
    body = KINDS[kind].model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **body, "title": kind}
