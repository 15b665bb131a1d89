"""What a file shows to everybody who may read it: Secrets that are not encrypted, and private keys; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

import yaml

YAML: Final = (".yaml", ".yml", ".json")
KUSTOMIZATIONS: Final = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
FIELDS: Final = ("data", "stringData")
SECRET: Final = re.compile(r"[\"']?kind[\"']?\s*:\s*[\"']?Secret\b|\bsecretGenerator\b")
ENCRYPTED: Final = re.compile(r"ENC\[[^\]]*\]")  # as SOPS writes a value
FILLED_IN: Final = re.compile(r"(\$\{\w+\}|\{\{[^{}]*\}\})*")  # on the cluster by Flux, or by Helm
TEMPLATE: Final = "{{"  # of a Helm chart: its values are elsewhere
KEY: Final = re.compile(
    rb"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\s|\\[nr]|[A-Za-z-]+: [^\n]*\n)*[A-Za-z0-9+/=]{16}"
    rb"|\bAGE-SECRET-KEY-1[0-9A-Z]{50}"
)


class Exposed(NamedTuple):
    """Something that should not be there in plain text; lines count from 1."""

    line: int
    what: str


def exposed(path: str, content: bytes) -> list[Exposed]:
    """All of a file that has to be encrypted, and is not."""
    found = [Exposed(content.count(b"\n", 0, key.start()) + 1, "a private key") for key in KEY.finditer(content)]
    name = path.rpartition("/")[2]
    if (name.endswith(YAML) or name in KUSTOMIZATIONS) and (b"Secret" in content or b"secretGenerator" in content):
        found += _in_text(content.decode("utf-8", "replace"), 0)
    return sorted(set(found))


def _in_text(text: str, before: int) -> Iterator[Exposed]:
    """The Secrets of a text that has so many lines before it."""
    mention = SECRET.search(text)
    if mention is None:
        return
    try:
        nodes = list(yaml.compose_all(text, Loader=yaml.CSafeLoader))
    except (yaml.YAMLError, ValueError):
        if TEMPLATE not in text:
            line = before + text.count("\n", 0, mention.start()) + 1
            yield Exposed(line, "a Secret that nobody can judge, since this is no YAML")
        return
    for node in nodes:
        yield from _in_node(node, before)


def _in_node(root: yaml.Node, before: int) -> Iterator[Exposed]:
    """Secrets anywhere in a document: in a List, in a patch, in text that is YAML itself."""
    pending, seen = [root], set[int]()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield from _in_mapping(node, before)
            pending += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            pending += node.value
        elif isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
            yield from _in_text(node.value, before + node.start_mark.line + 1)


def _in_mapping(node: yaml.MappingNode, before: int) -> Iterator[Exposed]:
    fields = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
    if _text(fields.get("kind")) == "Secret" and not _text(fields.get("apiVersion")).count("/"):
        for field in FIELDS:
            yield from _values(fields.get(field), before, encrypted="sops" in fields)
    for generator in _items(fields.get("secretGenerator")):
        yield from _literals(generator, before)


def _values(node: yaml.Node | None, before: int, *, encrypted: bool) -> Iterator[Exposed]:
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        text = _text(value)
        if isinstance(value, yaml.MappingNode) and any(isinstance(name, yaml.MappingNode) for name, _ in value.value):
            continue  # Helm's braces without quotes
        if not FILLED_IN.fullmatch(text) and not (encrypted and ENCRYPTED.fullmatch(text)):
            yield Exposed(before + key.start_mark.line + 1, f"the value of `{key.value}` in a Secret")


def _literals(generator: yaml.Node, before: int) -> Iterator[Exposed]:
    """What a secretGenerator makes a Secret of, word for word."""
    fields = {key.value: value for key, value in generator.value} if isinstance(generator, yaml.MappingNode) else {}
    for literal in _items(fields.get("literals")):
        name, _, value = _text(literal).partition("=")
        if not FILLED_IN.fullmatch(value.strip("\"'")):
            yield Exposed(before + literal.start_mark.line + 1, f"the value of `{name}` for a Secret")


def _items(node: yaml.Node | None) -> list[yaml.Node]:
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _text(node: yaml.Node | None) -> str:
    """A scalar's text; what is no scalar is told like a value that nobody encrypted."""
    if node is None:
        return ""
    return str(node.value) if isinstance(node, yaml.ScalarNode) else "?"
