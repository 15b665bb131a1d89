"""What is applied, in the order in which a cluster can take it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

SEPARATOR: Final = re.compile(r"^---\s*$", re.MULTILINE)
KIND: Final = re.compile(r"^kind: *(\S+)\s*$", re.MULTILINE)
API: Final = re.compile(r"^apiVersion: *(\S+)\s*$", re.MULTILINE)
DEFINITION: Final = "CustomResourceDefinition"
BEFORE_ALL: Final = (DEFINITION, "Namespace")
OF_FLUX: Final = ".toolkit.fluxcd.io/"


@dataclass(frozen=True)
class Stages:
    """A folder's objects as YAML: kinds and namespaces, what runs, and the objects of Flux that wait for both."""

    first: str
    components: str
    sync: str


def stages(text: str) -> Stages:
    """Sorts the objects that kustomize prints; their text stays as it is."""
    first: list[str] = []
    components: list[str] = []
    sync: list[str] = []
    for document in SEPARATOR.split(text):
        kind, api = (found[1] if (found := pattern.search(document)) else "" for pattern in (KIND, API))
        if not kind:
            continue
        chosen = first if kind in BEFORE_ALL else sync if OF_FLUX in api else components
        chosen.append(document.strip("\n") + "\n")
    return Stages(*("---\n".join(chosen) for chosen in (first, components, sync)))
