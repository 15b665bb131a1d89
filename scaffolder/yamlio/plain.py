"""How YAML 1.1 and YAML 1.2 read a plain (unquoted) scalar, and where they disagree.

Kubernetes, kustomize and Helm read with go-yaml (mostly 1.1), editors and many tools with 1.2: text on which
the two disagree must be quoted. Sources: yaml.org/type (1.1), section 10.3.2 of the 1.2.2 specification (core
schema), and go-yaml's resolver, which takes a few more numbers than either.
"""

from __future__ import annotations

import functools
import math
import re
from typing import Final

Plain = str | int | float | bool | None

NULL: Final = re.compile(r"~|null|Null|NULL|")
BOOL: Final = re.compile(r"true|True|TRUE|false|False|FALSE")
INT: Final = re.compile(r"[-+]?(0|[1-9][0-9]*)|0x[0-9a-fA-F]+")
FLOAT: Final = re.compile(r"([-+]?[0-9]+\.[0-9]*|\.[0-9]+)([eE][-+][0-9]+)?")
LONGEST: Final = 20  # characters of a number in 64 bits; of a larger one Go makes a float

# What at least one reader in use takes for something other than text, beside the above.
ODD: Final = re.compile(
    r"""y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF
    | <<|=
    | [-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)
    | [-+]?[1-9][0-9_]*(:[0-5]?[0-9])+|[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\.[0-9_]*
    | [-+]?0[box]_+|[-+]_+|[-+]?\.[0-9_]+([eE][-+][0-9]+)?
    | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}
      (([Tt]|[ \t]+)[0-9]{1,2}(:[0-9]{1,2}){2}([.,][0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?)?""",
    re.VERBOSE,
)
NUMBER: Final = re.compile(  # without its underscores, as Go has it
    r"[-+]?(0[bB][-+]?[01]+|0[oO][-+]?[0-7]+|0[xX][0-9a-fA-F]+|([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?)"
)
START: Final = re.compile(r"[-+0-9]|\.[0-9]")
CLOCK: Final = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")  # Go quotes these, text to all or not


class AmbiguousError(ValueError):
    """Text that YAML 1.1 and 1.2 read differently; it must be quoted."""


@functools.lru_cache(maxsize=65_536)
def is_text(text: str) -> bool:
    """Whether every reader takes the plain scalar for the string that it looks like, and Go writes it so."""
    try:
        return isinstance(read(text), str) and not CLOCK.fullmatch(text)
    except AmbiguousError:
        return False


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
    if INT.fullmatch(text) and len(text) <= LONGEST and -(2**63) <= (whole := int(text, 0)) < 2**64:
        return whole
    if FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    if ODD.fullmatch(text) or (START.match(text) and NUMBER.fullmatch(text.replace("_", ""))):
        raise AmbiguousError(text)
    return text
