"""What a reader can take in at once: how long modules and functions may be, and nothing that is put off."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXTS = {
    file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8")
    for folder in ("scaffolder", "templates")
    for file in sorted((ROOT / folder).rglob("*"))
    if file.is_file() and "__pycache__" not in file.parts and file.suffix != ".zip"
}
MODULES = {path: text for path, text in TEXTS.items() if path.endswith(".py")}
PUT_OFF = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplemented(Error)?)\b")
SUPPRESSED = re.compile(r"# (noqa|type: ignore|pragma)\b(?!(: [A-Z0-9, ]+|\[[a-z, -]+\])  +\S)")


def functions(path: str) -> dict[str, int]:
    """The lines of a module's functions; of a command, which has a parameter for each option, those of its body."""
    command = re.fullmatch(r"scaffolder/cli/\w+\.py", path)
    return {
        f"{path}:{node.lineno} {node.name}": (node.end_lineno or 0) + 1 - (node.body[0] if command else node).lineno
        for node in ast.walk(ast.parse(MODULES[path]))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def found(pattern: re.Pattern[str], texts: dict[str, str]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_modules_have_at_most_260_lines() -> None:
    lengths = {path: len(text.splitlines()) for path, text in MODULES.items()}

    assert {path: length for path, length in lengths.items() if length > 260} == {}


def test_functions_have_at_most_45_lines() -> None:
    lengths = {name: length for path in MODULES for name, length in functions(path).items()}

    assert {name: length for name, length in lengths.items() if length > 45} == {}


def test_nothing_is_put_off() -> None:
    assert found(PUT_OFF, TEXTS) == []


def test_no_warning_is_suppressed_without_a_reason() -> None:
    assert found(SUPPRESSED, MODULES) == []
