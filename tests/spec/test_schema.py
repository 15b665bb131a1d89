from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.spec.load import Spec
from scaffolder.spec.model import KINDS
from scaffolder.spec.schema import schema
from scaffolder.yamlio import dump
from tests.spec.support import small, source

VALIDATORS = {kind: jsonschema.Draft202012Validator(schema(kind)) for kind in KINDS}
NAMES = st.sampled_from(["a", "web", "1e3", "on", "null", "123", "a-b", "a" * 63])
TEXTS = st.sampled_from(["x", "1.2.3", ">=1.0", "y", "é: #"])
DURATIONS = st.sampled_from(["1h", "90s", "1h30m", "1.5h", "500ms"])
VALUES = st.dictionaries(
    st.text(max_size=3),
    st.one_of(st.integers(-(2**63), 2**63), st.text(max_size=3), st.lists(st.booleans())),
    max_size=3,
)
REFS = st.one_of(
    st.fixed_dictionaries({"branch": st.sampled_from(["main", "a/b"])}, optional={"commit": st.just("a" * 40)}),
    st.fixed_dictionaries({"tag": st.just("v1.0.0")}),
    st.fixed_dictionaries({"semver": st.just(">=1.0"), "tag": st.none()}),
)
SECRET = st.fixed_dictionaries({"name": NAMES})
VARIABLES = st.dictionaries(
    st.sampled_from(["A", "_b", "LOG_1"]), st.sampled_from(["", "1", 'a "b"', "${X}"]), max_size=2
)
FULL_REFS = st.sampled_from(["refs/heads/main", "refs/tags/v1.0.0"])
DOMAINS = st.sampled_from(["example.com", "a", "1.2"])


Strategy = st.SearchStrategy[Any]


def record(required: dict[str, Strategy] | None = None, /, **optional: Strategy) -> Strategy:
    return st.fixed_dictionaries(required or {}, optional=optional)


OPTIONS: dict[str, Strategy] = {
    "version": st.one_of(st.just("v2.9.4"), st.none()),
    "components": st.lists(TEXTS, max_size=2),
    "componentsExtra": st.lists(TEXTS, max_size=2),
    "registry": st.sampled_from(["", "ghcr.io/fluxcd"]),
    "imagePullSecret": NAMES,
    "tolerationKeys": st.lists(TEXTS, max_size=2),
    "networkPolicy": st.booleans(),
    "logLevel": st.sampled_from(["debug", "info", "error"]),
    "watchAllNamespaces": st.booleans(),
    "clusterDomain": DOMAINS,
}
FLUX = record(
    **OPTIONS,
    namespace=NAMES,
    secretName=NAMES,
    interval=DURATIONS,
    recurseSubmodules=st.booleans(),
    sparseCheckout=st.lists(TEXTS, max_size=2),
)
REPOSITORY = record(
    url=st.sampled_from(["https://h/a.git", "ssh://git@h:22/a"]),
    branch=st.sampled_from(["main", "a/b"]),
    visibility=st.sampled_from(["private", "internal", "public"]),
)
CHART = st.one_of(
    record({"name": TEXTS, "url": st.sampled_from(["https://h", "http://h:8080/a"])}, version=TEXTS, secretRef=SECRET),
    record({"url": st.sampled_from(["oci://h/a", "oci://h:5000/a_b/c"])}, interval=DURATIONS),
)
GIT = record({"url": st.just("https://h/a")}, ref=REFS, path=TEXTS, interval=DURATIONS, secretRef=SECRET)
OVERLAY = record(version=TEXTS, values=VALUES, ref=REFS, path=TEXTS, suspend=st.booleans())
SHARED: dict[str, Strategy] = {"domain": DOMAINS, "variables": VARIABLES}
APP: dict[str, Strategy] = {
    "namespace": NAMES,
    "environments": st.lists(NAMES, unique=True, max_size=2),
    "values": VALUES,
    "interval": DURATIONS,
    "retryInterval": DURATIONS,
    "timeout": DURATIONS,
    "suspend": st.booleans(),
    "dependsOn": st.lists(SECRET, max_size=2),
    "overlays": st.dictionaries(NAMES, OVERLAY, max_size=2),
}


def of_kind(kind: str, required: dict[str, Strategy] | None = None, /, **optional: Strategy) -> Strategy:
    return record({"kind": st.just(kind), "name": NAMES, **(required or {})}, **optional)


DOCUMENTS = st.one_of(
    of_kind("platform", templates=TEXTS, kubernetes=st.just("1.33"), repository=REPOSITORY, flux=FLUX, **SHARED),
    of_kind("environment", after=st.one_of(NAMES, st.none()), ref=FULL_REFS, flux=record(**OPTIONS), **SHARED),
    of_kind("cluster", {"environment": NAMES}, path=TEXTS, ref=FULL_REFS, flux=record(**OPTIONS), **SHARED),
    of_kind("tenant", environments=st.lists(NAMES, unique=True, max_size=2)),
    of_kind("app", {"chart": CHART}, **APP),
    of_kind("app", {"git": GIT}, **APP),
)


@settings(max_examples=250, deadline=None)
@given(DOCUMENTS)
def test_what_the_models_take_the_schema_takes(document: dict[str, Any]) -> None:
    taken = KINDS[document["kind"]].model_validate(document)

    assert taken.name == document["name"]
    assert list(VALIDATORS[document["kind"]].iter_errors(document)) == []


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all mappings whose fields are ours: not those of values, and of mappings by name."""
    if isinstance(value, dict):
        if path[-1:] not in {("values",), ("variables",), ("overlays",)}:
            yield path
        if path[-1:] not in {("values",), ("variables",)}:
            for key, item in value.items():
                yield from places(item, (*path, key))


@settings(max_examples=150, deadline=None)
@given(DOCUMENTS, st.data())
def test_an_unknown_field_anywhere_is_refused_by_the_schema_too(document: dict[str, Any], data: st.DataObject) -> None:
    inner = document
    for step in data.draw(st.sampled_from(list(places(document)))):
        inner = inner[step]
    inner["unknown"] = 1

    assert list(VALIDATORS[document["kind"]].iter_errors(document)) != []


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("app", {"interval": 60}),
        ("app", {"interval": "soon"}),
        ("app", {"suspend": "true"}),
        ("app", {"environments": "dev"}),
        ("app", {"environments": ["dev", "dev"]}),
        ("app", {"overlays": {"PROD": {}}}),
        ("app", {"chart": {"url": "ftp://h"}}),
        ("app", {"chart": {"url": "oci://h/a:1"}}),
        ("app", {"git": {"url": "git@h:a"}}),
        ("app", {"git": {"url": "https://h/a", "ref": {"commit": "abc"}}}),
        ("app", {"dependsOn": [{"name": "A"}]}),
        ("cluster", {}),
        ("cluster", {"environment": "dev", "ref": "main"}),
        ("cluster", {"environment": "dev", "variables": {"1A": "x"}}),
        ("cluster", {"environment": "dev", "variables": {"A": 1}}),
        ("cluster", {"environment": "dev", "variables": {"A": "it's"}}),
        ("platform", {"kubernetes": 1.33}),
        ("platform", {"kubernetes": "1.0"}),
        ("platform", {"domain": "A.b"}),
        ("platform", {"flux": {"logLevel": "loud"}}),
        ("platform", {"kind": "tenant"}),
        ("platform", {"name": "A"}),
    ],
)
def test_a_wrong_value_is_refused_by_the_schema_and_the_models(kind: str, fields: dict[str, Any]) -> None:
    document = {"kind": kind, "name": "x", **fields}

    assert list(VALIDATORS[kind].iter_errors(document)) != []
    with pytest.raises(ValueError, match="validation error"):
        KINDS[kind].model_validate(document)


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_says_what_it_means(kind: str) -> None:
    body = schema(kind)
    jsonschema.Draft202012Validator.check_schema(body)

    records = [body, *body.get("$defs", {}).values()]

    assert [
        name for record in records for name, field in record["properties"].items() if not field.get("description")
    ] == []
    assert body["title"] == kind


@settings(max_examples=100, deadline=None)
@given(DOCUMENTS)
def test_what_is_taken_is_taken_from_a_file_just_so(document: dict[str, Any]) -> None:
    key = (document["kind"], document["name"])
    text = dump(document)

    spec = Spec(source({"gitops.yaml": small(), f"gitops/{key[0]}s/{key[1]}.yaml": text}))

    assert spec[key] == KINDS[key[0]].model_validate(document)
