"""Is a YAML text read the same by everybody?

By a YAML 1.1 reader (PyYAML), by one of YAML 1.2 with its core schema (ruamel.yaml), and by the Go library through
which kubectl and Flux see every object (kubeconform has it). `differences` compares the first two.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ruamel.yaml
import yaml
from ruamel.yaml.resolver import BaseResolver

from tests.judges.validate import kubeconform

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Yaml11(yaml.SafeLoader):
    """PyYAML leaves out the shortest booleans of YAML 1.1, which Go reads as such."""


Yaml11.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"[yYnN]$"), list("yYnN"))
Yaml11.bool_values = {**yaml.SafeLoader.bool_values, "y": True, "n": False}


class Core(BaseResolver):
    """ruamel.yaml's own resolver keeps some types of YAML 1.1 (dates, `1_000`); this is the core schema of YAML 1.2."""

    processing_version = (1, 2)

    def __init__(self, version: object = None, loader: Any = None) -> None:
        del version
        super().__init__(loader)


for tag, pattern, first in (
    ("null", r"null|Null|NULL|~|", ["n", "N", "~", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+.0123456789")),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN", list("-+.")),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{pattern})$"), first)


def read_1_1(text: str) -> list[Any]:
    return list(yaml.load_all(text, Loader=Yaml11))


def read_1_2(text: str) -> list[Any]:
    reader = ruamel.yaml.YAML(typ="safe", pure=True)
    reader.Resolver = Core
    return list(reader.load_all(text))


def differences(text: str) -> list[str]:
    """Where a reader of YAML 1.1 and one of YAML 1.2 disagree; each with its path."""
    try:
        return list(compare(read_1_1(text), read_1_2(text), ""))
    except yaml.YAMLError as error:
        reader, words = "1.1", str(error)
    except ruamel.yaml.error.YAMLError as error:
        reader, words = "1.2", str(error)
    return [f"a YAML {reader} reader refuses it: {' '.join(words.split())}"]


def compare(old: Any, new: Any, path: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict) and list(map(repr, old)) == list(map(repr, new)):
        for key in old:
            yield from compare(old[key], new[key], f"{path}/{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, pair in enumerate(zip(old, new, strict=True)):
            yield from compare(*pair, f"{path}/{number}")
    elif repr(old) != repr(new):
        yield f"{path or '/'}: YAML 1.1 reads {old!r}, YAML 1.2 {new!r}"


def go_differences(texts: Iterable[str]) -> list[str]:
    """Where Go does not read what YAML 1.2 reads: kubeconform holds each document against a schema of exactly that."""
    documents = [document for text in texts for document in re.split(r"^---$", text, flags=re.MULTILINE)]
    readings = [(document, values[0]) for document in documents if (values := read_1_2(document))]
    objects = []
    with tempfile.TemporaryDirectory(prefix="judged-") as folder:
        for number, (document, value) in enumerate(readings):
            (Path(folder) / f"judged{number}.json").write_text(json.dumps({"properties": {"value": exactly(value)}}))
            indented = re.sub(r"^(?=.)", "  ", document, flags=re.MULTILINE)
            objects.append(f"apiVersion: v1\nkind: Judged{number}\nvalue:\n{indented}")
        wrong = kubeconform(objects, [Path(folder) / "{{.ResourceKind}}.json"])
    return [f"document {number}: {why}" for number, why in wrong.items()]


def exactly(value: Any) -> dict[str, Any]:
    """In the words of JSON Schema's draft 4, which is what kubeconform goes by."""
    if isinstance(value, dict):
        fields = {key: exactly(inner) for key, inner in value.items()}
        return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    if isinstance(value, list):
        items = [exactly(inner) for inner in value]
        return {"type": "array", "items": items, "minItems": len(items), "additionalItems": False}
    return {"enum": [value]}
