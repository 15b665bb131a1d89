"""JSON Schema of each kind, for editors and for programs that write documents."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from scaffolder.spec.model import KINDS


class _WithoutTitles(GenerateJsonSchema):
    """A field's name is title enough."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  the signature is pydantic's
        return False


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind of document."""
    body = KINDS[kind].model_json_schema(by_alias=True, schema_generator=_WithoutTitles)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **body, "title": kind}
