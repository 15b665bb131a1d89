"""The objects of a build, as the text that kustomize printed."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

FLUX = "kustomize.toolkit.fluxcd.io"


@functools.cache
def read(text: str) -> Any:
    """Every scalar stays a string, so that nothing here hangs on what one YAML reader takes for a number."""
    return yaml.load(text, Loader=yaml.CBaseLoader)


@dataclass(frozen=True)
class Object:
    text: str

    @property
    def data(self) -> dict[str, Any]:
        try:
            return mapping(read(self.text))
        except yaml.YAMLError:  # whoever builds the file will say so
            return {}

    @property
    def group(self) -> str:
        return str(self.data.get("apiVersion", "")).rpartition("/")[0]

    @property
    def kind(self) -> str:
        return str(self.data.get("kind", ""))

    @property
    def metadata(self) -> dict[str, Any]:
        return mapping(self.data.get("metadata"))

    @property
    def spec(self) -> dict[str, Any]:
        return mapping(self.data.get("spec"))

    @property
    def name(self) -> str:
        return str(self.metadata.get("name", ""))

    @property
    def namespace(self) -> str:
        return str(self.metadata.get("namespace", ""))

    @property
    def flux_kustomization(self) -> bool:
        return self.kind == "Kustomization" and self.group == FLUX

    def __str__(self) -> str:
        return f"{self.kind} {'/'.join(filter(None, (self.namespace, self.name)))}"


def mapping(value: Any) -> dict[str, Any]:
    """An empty field is an empty map."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def split(stream: str) -> Iterator[Object]:
    """kustomize indents everything below the top level, so a line of dashes always divides."""
    for document in re.split(r"^---$", stream, flags=re.MULTILINE):
        if document.strip():
            yield Object(document.lstrip("\n"))
