"""Flux's variables, `${NAME}`, in the text of objects (`spec.postBuild` of a Flux Kustomization)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# a dollar sign that is meant; a name, and what it is without a value: `${NAME}`, `${NAME:=x}`, `${NAME:-x}`
_VARIABLE: Final = re.compile(r"\$\$|\$\{([A-Za-z_]\w*)(?::?[=-]((?:[^$}]|\$(?!\{))*))?\}")


def substituted(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables replaced; those without a value, as of a Secret, stay as they are written."""

    def value(found: re.Match[str]) -> str:
        name, default = found.groups()
        if name is None:
            return "$"
        return values.get(name) or (found[0] if default is None else default)

    return _VARIABLE.sub(value, text)
