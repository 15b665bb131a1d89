"""YAML that every parser reads the same: strict in, safe out, and edits that keep every other byte."""

from scaffolder.yamlio.dump import dump, flow, scalar
from scaffolder.yamlio.load import Mark, Parsed, YamlError, load

__all__ = ["Mark", "Parsed", "YamlError", "dump", "flow", "load", "scalar"]
