"""How YAML 1.1 and YAML 1.2 read a plain (unquoted) scalar, and where they disagree.

Kubernetes, kustomize and Helm read with go-yaml (mostly 1.1), editors and many tools with 1.2: text on which
the two disagree must be quoted. Sources: yaml.org/type (1.1), section 10.3.2 of the 1.2.2 specification (core
schema), and go-yaml's resolver, which takes a few more numbers than either.
"""

from __future__ import annotations

import functools
import re
from typing import Final

Plain = str | int | float | bool | None

NULL: Final = re.compile(r"~|null|Null|NULL|")
BOOL: Final = re.compile(r"true|True|TRUE|false|False|FALSE")
INT: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)|0x[0-9a-fA-F]+")
FLOAT: Final = re.compile(r"[-+]?[0-9]+\.[0-9]*([eE][-+][0-9]+)?|[-+]?\.[0-9]+([eE][-+][0-9]+)?")

# What at least one reader in use takes for something other than text, beside the above.
ODD: Final = re.compile(
    r"""y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF
    | <<|=
    | [-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)
    | [-+]?0[bB][01_]+|[-+]?0[oO]?[0-7_]+|[-+]?0[xX][0-9a-fA-F_]+
    | [-+]?[0-9][0-9_]*
    | [-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?
    | [-+]?([0-9][0-9_]*)?\.?[0-9_]+\.?([eE][-+]?[0-9]+)?
    | [-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+]?[0-9]+)?
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt\ ].*)?""",
    re.VERBOSE,
)


class AmbiguousError(ValueError):
    """Text that YAML 1.1 and 1.2 read differently; it must be quoted."""


@functools.lru_cache(maxsize=65_536)
def is_text(text: str) -> bool:
    """Whether every reader takes the plain scalar for the string that it looks like."""
    return not any(pattern.fullmatch(text) for pattern in (NULL, BOOL, INT, FLOAT, ODD))


@functools.lru_cache(maxsize=65_536)
def read(text: str) -> Plain:
    """The value of a plain scalar on which all readers agree.

    Raises:
        AmbiguousError: they do not agree.
    """
    if NULL.fullmatch(text):
        return None
    if BOOL.fullmatch(text):
        return text.lower() == "true"
    if INT.fullmatch(text):
        return int(text, 0) if "x" in text else int(text)
    if FLOAT.fullmatch(text):
        return float(text)
    if ODD.fullmatch(text):
        raise AmbiguousError(text)
    return text
