"""`${NAME}` in what Flux substitutes: each needs a value everywhere, and one that leaves the text around it whole."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from scaffolder.errors import shown
from scaffolder.spec.model import Cluster, Environment
from scaffolder.spec.problems import Found, Path, suggest
from scaffolder.yamlio import YamlError, dump, load, scalar
from scaffolder.yamlio.plain import is_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from scaffolder.spec.load import Spec

SET_BY_US: Final = frozenset({"CLUSTER_NAME", "ENVIRONMENT"})
_USE: Final = re.compile(r"(?P<escape>\$?)\$\{(?P<name>[A-Za-z0-9_]*)(?=(?P<rest>[^}]{0,60}\}?))")  # also in another
_CLOSED: Final = re.compile(r"(?<!\$)\$\{(?P<name>\w+)(?P<operator>:=|:-|=|-)?(?P<default>[^{}]*)\}")  # none in another
_DOLLAR: Final = "\0"  # in no text of a document
_HARMLESS: Final = re.compile(r"[A-Za-z0-9/][A-Za-z0-9./_@+-]*")  # where a plain scalar is text, it is this text


class Place(NamedTuple):
    """Where variables have one set of values."""

    told: str  # "on cluster `prod-1`"
    values: Mapping[str, str]


def values_on(spec: Spec, environment: Environment, cluster: Cluster | None = None) -> dict[str, str]:
    """The variables of a cluster: the platform's defaults, the environment's values, its own.

    Without a cluster, those of any that says nothing itself.
    """
    platform, own = spec.platform, cluster or environment
    found = {"CLUSTER_NAME": own.name, "ENVIRONMENT": environment.name}
    if platform.domain:
        found["DOMAIN"] = own.domain or environment.domain or platform.domain
    return found | {**platform.variables, **environment.variables, **own.variables}


@functools.lru_cache(maxsize=1)
def _places(spec: Spec) -> dict[str, list[tuple[str, Place]]]:
    """By environment, its own values and those of the clusters that say something else; with the cluster's name."""
    found: dict[str, list[tuple[str, Place]]] = {}
    stages = {name: spec.readable(Environment, name) for name in spec.names("environment")}
    for name, stage in stages.items():
        found[name] = [("", Place(f"in environment `{name}`", values_on(spec, stage)))] if stage else []
    for cluster in filter(None, (spec.readable(Cluster, name) for name in spec.names("cluster"))):
        stage = stages.get(cluster.environment)
        if stage and (cluster.variables or cluster.domain):
            place = Place(f"on cluster `{cluster.name}`", values_on(spec, stage, cluster))
            found[stage.name].append((cluster.name, place))
    return found


@dataclass(frozen=True)
class Uses:
    """Judges what Flux substitutes of an app in some environments, or on single clusters of theirs."""

    spec: Spec
    own: Mapping[str, str]  # what the app itself sets
    environments: Collection[str]
    clusters: Collection[str]  # those in other environments

    def problems(self, value: Any, path: Path, *, text: bool = False) -> Iterator[Found]:
        """Variables without a value, and values that would break what they stand in, at any depth.

        Args:
            value: what is substituted.
            path: where it stands in the app's document.
            text: whether it must be text to Kubernetes, as keys must.
        """
        if isinstance(value, dict):
            for key, item in value.items():
                yield from (
                    Found((*path, key), message, of_key=True) for message in self._messages(key, text_only=True)
                )
                yield from self.problems(item, (*path, key), text=text)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from self.problems(item, (*path, index), text=text)
        elif isinstance(value, str):
            yield from (Found(path, message) for message in self._messages(value, text_only=text))

    def in_yaml(self, patch: str, path: Path) -> Iterator[Found]:
        """The same of YAML text that stands at one place of the document."""
        for document in load(patch.encode()) if "${" in patch else ():
            yield from (Found(path, found.message) for found in self.problems(document.data, path))

    def _messages(self, text: Any, *, text_only: bool) -> Iterator[str]:
        uses = [use for use in _USE.finditer(text) if not use["escape"]] if "${" in text else []
        wrong = list(self._undeclared(text, uses)) if uses else []
        yield from wrong
        if uses and not wrong:
            yield from self._misread(text, {use["name"] for use in uses}, text_only=text_only)

    def _undeclared(self, text: str, uses: Sequence[re.Match[str]]) -> Iterator[str]:
        platform = self.spec.platform
        known = {*SET_BY_US, *self.own, *platform.variables, *(["DOMAIN"] if platform.domain else [])}
        for use in uses:
            written = f"{{{use['name']}{use['rest']}"
            if use["name"] not in known:
                meant = f"text that is meant so is written {shown('$$' + written)}"
                yield f"{shown('$' + written)} names no variable{suggest(use['name'], known)}; {meant}"
            elif text.rfind("}") < use.end():
                yield f"{shown('$' + written)} is not closed"

    def _misread(self, text: str, names: Collection[str], *, text_only: bool) -> Iterator[str]:
        """The first place where the text, with its values in it, is something else to YAML than a person sees."""
        seen = set()
        for place in self._here():
            values = {name: self.own.get(name, place.values.get(name, "")) for name in names}
            given = tuple(values.values())
            if given not in seen and (problem := _problem(text, values, text_only=text_only)):
                meant = _put(text, values)
                yield f"{shown(text)} becomes {shown(meant) if meant else 'nothing'} {place.told}, which {problem}"
                return
            seen.add(given)

    def _here(self) -> Iterator[Place]:
        for environment, found in _places(self.spec).items():
            for cluster, place in found:
                if environment in self.environments or cluster in self.clusters:
                    yield place


def _problem(text: str, values: Mapping[str, str], *, text_only: bool) -> str:
    """Why a text cannot be substituted so, as Flux does it: in YAML that is written, and then read again."""
    meant, written = _put(text, values), dump([text]) if "\n" in text else f"- {scalar(text)}\n"
    if _HARMLESS.fullmatch(meant) and is_text(meant):
        return ""
    try:
        (found,) = load(_put(written, values).encode())[0].data
    except (YamlError, ValueError):
        return "is not one value to every YAML parser"
    if isinstance(found, str):
        return "" if found == meant.strip(" ") else f"is {shown(found)} to YAML"
    if isinstance(found, dict | list):
        return "is not one value to every YAML parser"
    if text_only:
        return "must be text, and is not to YAML"
    exact = not isinstance(found, float) or meant == f"{found:.15g}"
    return "" if exact else f"is the number {found:.15g} to YAML"


def _put(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables replaced, those in another's default first."""
    before = ""
    while before != text:
        before, text = text, _CLOSED.sub(lambda use: _value(use, values), text)
    return text.replace("$$", "$").replace(_DOLLAR, "$")


def _value(use: re.Match[str], values: Mapping[str, str]) -> str:
    """What Flux puts in for one; a dollar sign in it is not looked at again."""
    value = values.get(use["name"], "").replace("$", _DOLLAR)
    return value or (use["default"] if use["operator"] else "")
