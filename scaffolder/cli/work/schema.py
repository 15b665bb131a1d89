"""The JSON Schema of a kind of document, printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from scaffolder.report import Report
from scaffolder.spec.schema import schema as schema_of

if TYPE_CHECKING:
    from scaffolder.cli.console import Console


def schema(console: Console, *, kind: str) -> Report:
    console.out(json.dumps(schema_of(kind), indent=2) + "\n")
    return Report(command="schema")
