from __future__ import annotations

import re

import pytest

from scaffolder.bridge.builder import Builder
from scaffolder.bridge.kustomize import build, changes_of, digest, gather
from scaffolder.errors import ScaffolderError
from scaffolder.tree import File, Memory
from tests.judges import tools

MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n"


def tree(**texts: str) -> Memory:
    """Files by path, with `__` for a slash and `_` for a dot."""
    named = {name.replace("__", "/").replace("_", "."): text for name, text in texts.items()}
    return Memory({path: File(text.encode()) for path, text in named.items()})


@pytest.fixture
def builder() -> Builder:
    return Builder((str(tools.require("kustomize")), "build", "--load-restrictor", "LoadRestrictionsNone"))


def test_a_folder_is_made_of_all_that_its_kustomization_leads_to_and_of_nothing_else() -> None:
    source = tree(
        a__kustomization_yaml="resources: [../b]\nconfigMapGenerator: [{name: x, files: [k=../c/x.txt]}]\n",
        b__kustomization_yaml="resources: [m.yaml]\n",
        b__m_yaml=MAP.format("m"),
        c__x_txt="x",
        c__y_txt="y",
    )

    files = gather(source, "a")

    assert sorted(files) == ["a/kustomization.yaml", "b/kustomization.yaml", "b/m.yaml", "c/x.txt"]


def test_a_path_that_leads_out_of_the_repository_is_not_followed() -> None:
    source = tree(a__kustomization_yaml="resources: [../../etc/passwd, /etc/passwd, https://example.com/x, a\0b]\n")

    assert sorted(gather(source, "a")) == ["a/kustomization.yaml"]


def test_the_digest_changes_with_every_file_that_a_folder_is_made_of() -> None:
    before = tree(a__kustomization_yaml="resources: [../b.yaml]\n", b_yaml=MAP.format("one"))
    after = tree(a__kustomization_yaml="resources: [../b.yaml]\n", b_yaml=MAP.format("two"))

    assert digest(gather(before, "a")) != digest(gather(after, "a"))
    assert digest(gather(before, "a")) == digest(gather(before, "a"))


def test_a_folder_without_kustomization_is_built_as_flux_builds_it(builder: Builder) -> None:
    source = tree(
        a__one_yaml=MAP.format("one"),
        a__in__two_yml=MAP.format("two"),
        a__own__kustomization_yaml="namePrefix: pre-\nresources: [three.yaml]\n",
        a__own__three_yaml=MAP.format("three"),
        a__README_md="# no YAML",
    )

    text = build(builder, gather(source, "a"), "a")

    assert set(re.findall(r"^  name: (.*)$", text, re.MULTILINE)) == {"one", "two", "pre-three"}


def test_a_folder_with_nothing_in_it_brings_nothing(builder: Builder) -> None:
    assert build(builder, gather(tree(a___gitkeep=""), "a"), "a") == ""


def test_what_a_flux_kustomization_changes_is_changed_in_the_folder(builder: Builder) -> None:
    source = tree(a__kustomization_yaml="resources: [m.yaml]\nimages: []\n", a__m_yaml=MAP.format("m"))
    patch = "- {op: add, path: /data, value: {a: b}}"
    changes = changes_of({"targetNamespace": "web", "patches": [{"target": {"kind": "ConfigMap"}, "patch": patch}]})

    text = build(builder, gather(source, "a"), "a", changes)

    assert "  namespace: web\n" in text
    assert "data:\n  a: b\n" in text


def test_a_folder_that_does_not_build_is_told_with_paths_of_the_repository(builder: Builder) -> None:
    source = tree(a__kustomization_yaml="resources: [nowhere.yaml]\n")

    with pytest.raises(ScaffolderError) as told:
        build(builder, gather(source, "a"), "a")

    assert "a/nowhere.yaml" in told.value.message
    assert "/tmp" not in told.value.message
