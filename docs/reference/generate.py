"""Writes the reference from the code: `python docs/reference/generate.py`. A test fails where it is out of date."""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from scaffolder.cli.app import app
from scaffolder.cli.work.change.requests import Requests
from scaffolder.cli.work.list import Listing
from scaffolder.cli.work.promote import Promotion
from scaffolder.cli.work.rendered import Rendered
from scaffolder.report import Report
from scaffolder.spec.model import KINDS
from scaffolder.spec.schema import schema

# commands, and the report that they make
ADDING = {
    "`list`": Listing,
    "`diff --rendered`": Rendered,
    "`promote`": Promotion,
    "`change list`, `show`, `merge`, `close`": Requests,
}
HERE = Path(__file__).parent
NOTE = "<!-- Made by docs/reference/generate.py; change the code instead. -->\n"


def pages() -> dict[str, str]:
    """Every generated page: file name to text."""
    return {
        "documents.md": NOTE + "\n".join(documents()),
        "commands.md": NOTE + "\n".join(commands()),
        "output.md": NOTE + "\n".join(output()),
        "flux-flags.md": NOTE + "\n".join(flux_flags()),
    }


def documents() -> Iterator[str]:
    """One section a kind; records that kinds share come once, at the end."""
    records: dict[str, Any] = {}
    yield "# Documents\n"
    yield "Documents stand together in `gitops.yaml`, or one by one in `gitops/<kind>s/<name>.yaml`. Every document has"
    yield "`kind` and `name`; unknown fields are errors. `scaffolder schema KIND` prints a JSON Schema for editors.\n"
    for kind, model in KINDS.items():
        yield f"## {kind}\n\n{model.__doc__}\n"
        body = schema(kind)
        yield from table(body)
        records |= {name: inner for name, inner in body.get("$defs", {}).items() if name != "Reference"}
    for name, inner in sorted(records.items()):
        about = f"{inner['description']}\n\n" if "description" in inner else ""
        yield f"## {title(name)}\n\n{about}" + "\n".join(table(inner))


def title(record: str) -> str:
    return record[0].lower() + record[1:]


def table(body: dict[str, Any]) -> Iterator[str]:
    yield "| field | type | default | meaning |\n|---|---|---|---|"
    for name, value in body["properties"].items():
        if name == "kind":
            continue
        default = value.get("default")
        shown = "" if default is None or isinstance(default, dict | list) else f"`{json.dumps(default)}`"
        if name in body.get("required", ()):
            shown = "required"
        meaning = value.get("description", "").replace("|", "\\|")
        yield f"| `{name}` | {told(value)} | {shown} | {meaning} |"
    yield ""


def told(value: dict[str, Any]) -> str:
    """A field's type in a few words."""
    options = [option for option in value.get("anyOf", [value]) if option.get("type") != "null"]
    return " or ".join(one(option) for option in options)


def one(value: dict[str, Any]) -> str:
    if "$ref" in value:
        name = value["$ref"].rsplit("/", 1)[1]
        return "`{name: …}`" if name == "Reference" else f"[{title(name)}](#{name.lower()})"
    if "enum" in value:
        return ", ".join(f"`{option}`" for option in value["enum"])
    if value.get("type") == "array":
        return f"list of {told(value['items'])}"
    if isinstance(value.get("additionalProperties"), dict):
        return f"mapping to {told(value['additionalProperties'])}"
    if isinstance(value.get("patternProperties"), dict):
        return f"mapping to {told(next(iter(value['patternProperties'].values())))}"
    return {"string": "text", "boolean": "true or false", "object": "mapping"}.get(value.get("type", ""), "any")


def commands() -> Iterator[str]:
    yield "# Commands\n"
    yield "Status goes to standard error, data to standard output; `--output json` prints [one document](output.md).\n"
    yield "Exit codes: 0 done or nothing to do, 1 `check` found something, 2 usage, 3 bad document, 4 template,"
    yield "5 conflict, 6 git, 7 forge, 8 cluster, 70 a bug, 130 interrupted.\n"
    yield from command(typer.main.get_command(app), "scaffolder")


def command(found: Any, path: str) -> Iterator[str]:
    for name, inner in getattr(found, "commands", {}).items():
        if hasattr(inner, "commands"):
            yield from command(inner, f"{path} {name}")
            continue
        yield f"## {path} {name}\n\n{inner.help}\n"
        arguments = [param for param in inner.params if param.param_type_name == "argument"]
        words = " ".join((param.metavar or param.name.upper()) for param in arguments)
        yield f"```\n{path} {name}{' ' if words else ''}{words} [OPTIONS]\n```\n"
        yield "| option | meaning |\n|---|---|"
        for param in inner.params:
            if param.param_type_name == "option" and not param.hidden:
                flags = ", ".join(f"`{flag}`" for flag in (*param.opts, *param.secondary_opts))
                meaning = (param.help or "").replace("|", "\\|")
                yield f"| {flags} | {meaning} |"
        yield ""


def output() -> Iterator[str]:
    yield "# JSON output\n"
    yield "`--output json` prints exactly one document of this schema to standard output, whatever happens."
    yield "Where they end well, some commands add a field of their own:\n"
    yield "| command | field | what it holds |\n|---|---|---|"
    for words, report in ADDING.items():
        for name in [each for each in report.model_fields if each not in Report.model_fields]:
            yield f"| {words} | `{name}` | {report.model_fields[name].description} |"
    yield ""
    yield "```json\n" + json.dumps(Report.model_json_schema(by_alias=True, mode="serialization"), indent=2) + "\n```\n"


def flux_flags() -> Iterator[str]:
    yield from runpy.run_path(str(HERE / "flux_flags.py"))["page"]()


def main() -> int:
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
