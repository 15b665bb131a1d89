"""What every document and every part of one is made of: a strict, frozen record."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from scaffolder.spec.types import Name

KIND: Final = Field(description="What the document is.")


def about(description: str, default: Any = None) -> Any:
    """A field that may be left out, and its meaning."""
    return Field(default, description=description)


class Record(BaseModel):
    """Strict and frozen: an unknown field, or a number where text must stand, is an error."""

    model_config: ClassVar = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        alias_generator=to_camel,
    )


class Reference(Record):
    """Another object, by name."""

    name: Name = Field(description="Its name.")


class Document(Record):
    name: Name = Field(description="Its name, unique among documents of its kind.")
