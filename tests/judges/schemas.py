"""JSON schemas for kubeconform that refuse unknown fields: of a Kubernetes version, and of custom resources.

They are made once per version, and kept beside the programs. The names of the files are those that LOCATIONS tells
kubeconform to look for.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.judges.objects import Object, mapping, sequence
from tests.toolbox.programs import home

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

CORE = "{{.ResourceKind}}{{.KindSuffix}}.json"
CUSTOM = "{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json"

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"

# How the package's files name each other, and how a file names its own parts.
PACKAGE, OWN = "/api/_definitions.json#/$defs/", "#/$defs/"


def core(kubernetes: str) -> Path:
    """Of the objects that Kubernetes itself has; `kubernetes` is a minor version such as 1.33."""
    minor = ".".join(kubernetes.removeprefix("v").split(".")[:2])
    return kept(f"kubernetes-{minor}", "", lambda folder: write_core(folder, packaged(minor)))


def custom(definitions: Iterable[Object], kubernetes: str) -> Path:
    """Of these CustomResourceDefinitions, in the versions that they serve."""
    minor = ".".join(kubernetes.removeprefix("v").split(".")[:2])
    texts = sorted({definition.text for definition in definitions})
    content = "\n".join([minor, *texts])
    return kept("custom", content, lambda folder: write_custom(folder, texts, packaged(minor)))


def kept(name: str, content: str, write: Callable[[Path], None]) -> Path:
    """A folder for this content and this state of this file; another process never sees it half-written."""
    digest = hashlib.sha256(Path(__file__).read_bytes() + content.encode()).hexdigest()[:16]
    folder = home() / "schemas" / f"{name}-{digest}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(dir=folder.parent))
        write(unfinished)
        try:
            unfinished.rename(folder)
        except OSError:  # another process was quicker
            shutil.rmtree(unfinished)
    return folder


def packaged(minor: str) -> Path:
    package = importlib.util.find_spec("kubernetes_validate")
    if not package or not package.origin:
        raise RuntimeError("no kubernetes-validate: pip install .[dev]")
    source = Path(package.origin).parent / f"kubernetes-json-schema/v{minor}.0-local-strict"
    if not source.is_dir():
        raise RuntimeError(f"kubernetes-validate has no schemas of Kubernetes {minor}")
    return source


def parts(source: Path) -> dict[str, Any]:
    return mapping(json.loads((source / "_definitions.json").read_text())["$defs"])


def write_core(folder: Path, source: Path) -> None:
    definitions = parts(source)
    for file in source.iterdir():
        schema = json.loads(file.read_text())
        if "x-kubernetes-group-version-kind" in schema:
            (folder / file.name).write_text(alone(schema, definitions))


def alone(schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    """With the parts that it needs, since kubeconform would read the file of all of them again for each kind."""
    needed: dict[str, Any] = {}
    pending = [schema]
    while pending:
        named = re.findall(r'"\$ref": "[^"]*/([^"/]+)"', json.dumps(pending.pop()))
        new = {name: definitions[name] for name in named if name not in needed}
        needed |= new
        pending.extend(new.values())
    whole = {name: value for name, value in schema.items() if name != "$id"}  # it names a place on the web
    return json.dumps({**whole, "$defs": needed}).replace(PACKAGE, OWN)


class Loader(yaml.CSafeLoader):
    """YAML 1.1 has a type for a lone `=`, which CRDs hold as text and for which PyYAML has no constructor."""


def text_of(_: Loader, node: yaml.ScalarNode) -> str:
    return str(node.value)


Loader.add_constructor("tag:yaml.org,2002:value", text_of)


def write_custom(folder: Path, texts: Iterable[str], source: Path) -> None:
    definitions = parts(source)
    for text in texts:
        spec = yaml.load(text, Loader=Loader)["spec"]
        kind = spec["names"]["kind"]
        for version in spec["versions"]:
            if version["served"]:
                schema = closed(version["schema"]["openAPIV3Schema"])
                head = {"apiVersion": {"enum": [f"{spec['group']}/{version['name']}"]}, "kind": {"enum": [kind]}}
                schema["properties"] = {
                    **mapping(schema.get("properties")),
                    **head,
                    "metadata": {"$ref": OWN + OBJECT_META},
                }
                schema["required"] = sorted({*sequence(schema.get("required")), *head, "metadata"})
                file = folder / spec["group"] / f"{kind.lower()}_{version['name']}.json"
                file.parent.mkdir(exist_ok=True)
                file.write_text(alone(schema, definitions))


def closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Unknown fields are refused where the API server would drop them.

    Only what describes the shape is followed: in `anyOf` and the like Kubernetes allows conditions alone.
    """
    schema = dict(schema)
    if schema.get("x-kubernetes-int-or-string"):
        schema["type"] = ["integer", "string"]
    elif schema.get("nullable"):
        schema["type"] = [schema["type"], "null"]
    if "properties" in schema:
        schema["properties"] = {name: closed(inner) for name, inner in schema["properties"].items()}
    for field in ("items", "additionalProperties"):
        if isinstance(schema.get(field), dict):
            schema[field] = closed(schema[field])
    if schema.get("type") in ("object", ["object", "null"]) and not is_open(schema):
        schema["additionalProperties"] = False
    return schema


def is_open(schema: dict[str, Any]) -> bool:
    marks = ("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "additionalProperties")
    return any(mark in schema for mark in marks)
