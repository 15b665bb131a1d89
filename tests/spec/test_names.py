from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from tests.judges.yaml_readers import differences
from tests.support.place import Place

DOCUMENTS = """
    {kind: platform, name: "0x1f"}
    ---
    {kind: environment, name: "null"}
    ---
    {kind: environment, name: "12e45", after: "null"}
    ---
    {kind: cluster, name: "1e3", environment: "null"}
    ---
    {kind: cluster, name: "08", environment: "12e45"}
    ---
    {kind: tenant, name: "123"}
    ---
    {kind: app, name: "on", namespace: "123", chart: {name: "y", url: "https://h/a", version: "1.10"},
     overlays: {"null": {version: "08", values: {a: "yes"}}}}
    ---
    {kind: app, name: "true", chart: {url: "oci://h/123"}, dependsOn: [{name: "on"}]}
    ---
    {kind: app, name: "1-1", git: {url: "https://h/a", ref: {branch: "0o17"}}}
    """


@pytest.fixture
def odd(repository: Callable[..., Place]) -> Place:
    """A repository of names that YAML would misread."""
    return repository(DOCUMENTS)


def test_names_that_yaml_would_misread_are_read_as_text_by_every_reader(odd: Place) -> None:
    texts = {path: content.decode() for path, content in odd.files().items() if path.endswith(".yaml")}

    assert {path: found for path, text in texts.items() if (found := differences(text))} == {}


def test_names_that_yaml_would_misread_stay_names_in_every_object(odd: Place) -> None:
    objects = [
        (path, found)
        for path, content in odd.files().items()
        if path.endswith(".yaml") and not path.startswith("gitops")
        for found in yaml.safe_load_all(content)
    ]

    assert {path for path, found in objects for name in names_in(found) if not isinstance(name, str)} == set()
    assert "stacks/null/apps/on.yaml" in dict(objects)
    odd.run("check")


def names_in(value: object) -> list[object]:
    """What stands behind `name` and `namespace`, at any depth."""
    if isinstance(value, dict):
        own = [value[key] for key in ("name", "namespace") if key in value]
        return own + [name for item in value.values() for name in names_in(item)]
    return [name for item in value for name in names_in(item)] if isinstance(value, list) else []


def test_commands_take_such_names_too(odd: Place) -> None:
    odd.run("add-app", "off", "--git", "https://h/b", "--namespace", "123", "--environment", "null")
    odd.run("add-cluster", "0777", "--environment", "null")

    assert 'name: "off"' in odd.read("gitops/apps/off.yaml")
    assert yaml.safe_load(odd.read("clusters/null/0777/cluster-vars.yaml"))["data"]["CLUSTER_NAME"] == "0777"
    odd.run("check")
