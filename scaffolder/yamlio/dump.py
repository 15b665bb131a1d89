"""Data to YAML text, in the style that Flux prints, read the same by YAML 1.1 and 1.2."""

from __future__ import annotations

import functools
from typing import Any

import yaml

from scaffolder.errors import ScaffolderError
from scaffolder.yamlio.plain import is_text

try:
    _Base = yaml.CSafeDumper
except AttributeError:  # the Python emitter breaks lines and escapes differently: the same bytes everywhere or none
    raise ScaffolderError("PyYAML is installed without libyaml", hint="pip install --force-reinstall pyyaml") from None


class _Dumper(_Base):
    """No anchors, text that could be misread in double quotes, several lines as a block."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  the signature is PyYAML's
        return True


def _represent_str(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    if not text.replace("\n", "").isprintable():  # some of these end a line to one reader and not to another
        return '"'
    if text == "\n" or text.endswith("\n\n"):  # as a block it would swallow blank lines that follow it
        return '"'
    if "\n" in text:
        return "|"
    return None if is_text(text) else '"'


def _represent_float(dumper: _Dumper, number: float) -> yaml.ScalarNode:
    text = repr(number)  # `1e+20` is a number to YAML 1.2 alone
    if "e" in text and "." not in text:
        text = text.replace("e", ".0e")
    return dumper.represent_scalar("tag:yaml.org,2002:float", text)


_Dumper.add_representer(str, _represent_str)
_Dumper.add_representer(float, _represent_float)


def dump(data: Any) -> str:
    """Block style, keys as they come, list items at the key's column, one newline at the end."""
    return _text(data, in_flow=False)


def flow(data: Any) -> str:
    """On one line, as it may stand inside braces and brackets too."""
    return _text([data], in_flow=True)[1:-2]


def _text(data: Any, *, in_flow: bool) -> str:
    return yaml.dump(
        data, Dumper=_Dumper, default_flow_style=in_flow, sort_keys=False, allow_unicode=True, width=2**31 - 1
    )


@functools.lru_cache(maxsize=65_536)
def scalar(text: str) -> str:
    """One string as it must stand after `key: ` on one line, quoted where it has to be."""
    return _quoted(text) if "\n" in text else dump([text])[2:-1]


def _quoted(text: str) -> str:
    node = yaml.ScalarNode("tag:yaml.org,2002:str", text, style='"')
    return str(yaml.serialize(node, Dumper=_Dumper, allow_unicode=True, width=2**31 - 1))[:-1]
