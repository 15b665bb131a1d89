"""The templates are Copier's: what Copier writes is what we render, byte for byte and path for path."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import copier
import pytest
import yaml

from scaffolder.releases import home, newest
from scaffolder.render.engine import render
from scaffolder.render.inputs import inputs
from scaffolder.render.units import Unit, all_units
from scaffolder.templates import template
from tests.render.trees import APPS, PLATFORM, distinct, spec_of

CLUSTERS = """
    kind: cluster
    name: "on"
    environment: prod
    path: .
    flux: {version: v2.9.4}
    ---
    kind: cluster
    name: deep
    environment: prod
    path: fleet/eu/west-1/1e3
    variables: {LOG_LEVEL: 'say "hi" \\ $HOME: # no comment'}
    ref: refs/tags/v1.0.0
    """
OTHER_PLATFORM = """
    kind: platform
    name: "123"
    repository: {url: ssh://git@example.com/o/r, branch: "12345"}
    flux: {version: FLUX, namespace: gitops, secretName: "on", interval: 90s, recurseSubmodules: true}
    ---
    kind: environment
    name: "123"
    ---
    kind: cluster
    name: "123"
    environment: "123"
    """


def written(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def ours(unit: Unit, data: dict[str, Any]) -> dict[str, bytes]:
    return {path: file.content for path, file in render(newest(), unit, data).files.items()}


def copied(unit: Unit, data: dict[str, Any], folder: Path) -> dict[str, bytes]:
    copier.run_copy(str(home() / unit.template), str(folder), data=data, defaults=True, quiet=True)
    return written(folder)


@pytest.mark.parametrize("flux", ["v2.2.3", "v2.4.0", "v2.6.4", "v2.9.4"])
def test_copier_writes_every_app_and_tenant_as_we_do(flux: str, tmp_path: Path) -> None:
    spec = spec_of(PLATFORM.replace("FLUX", flux), APPS)

    for number, (unit, data) in enumerate(distinct(spec)):
        if unit.kind in {"app", "tenant"}:
            assert copied(unit, data, tmp_path / str(number)) == ours(unit, data), unit


@pytest.mark.parametrize("flux", ["v2.2.3", "v2.4.0", "v2.6.4", "v2.7.5", "v2.9.4"])
@pytest.mark.parametrize("platform", [PLATFORM, OTHER_PLATFORM])
def test_copier_writes_the_shared_files_and_the_clusters_as_we_do(flux: str, platform: str, tmp_path: Path) -> None:
    spec = spec_of(platform.replace("FLUX", flux))

    for unit in all_units(spec):
        data = inputs(spec, unit)
        assert copied(unit, data, tmp_path / unit.kind / unit.name) == ours(unit, data), unit


@pytest.mark.parametrize("vendored", [True, False])
@pytest.mark.parametrize("name", ["on", "deep", "dev-1"])
def test_copier_writes_a_cluster_at_any_path_as_we_do(name: str, *, vendored: bool, tmp_path: Path) -> None:
    spec = spec_of(PLATFORM.replace("FLUX", "v2.8.8"), CLUSTERS)
    unit = Unit("cluster", name)

    data = inputs(spec, unit, vendored=vendored)

    assert copied(unit, data, tmp_path) == ours(unit, data)


def test_the_command_line_of_copier_writes_the_same_from_a_data_file(tmp_path: Path) -> None:
    spec = spec_of(PLATFORM.replace("FLUX", "v2.9.4"), APPS)
    unit = Unit("app", "on")
    data = inputs(spec, unit)
    (tmp_path / "inputs.yml").write_text(yaml.safe_dump(data), encoding="utf-8")

    words = ["copy", "--quiet", "--defaults", "--data-file", str(tmp_path / "inputs.yml")]
    where = [str(home() / unit.template), str(tmp_path / "out")]
    subprocess.run([sys.executable, "-m", "copier", *words, *where], check=True)

    assert written(tmp_path / "out") == ours(unit, data)


def test_copier_keeps_the_files_that_belong_to_people(tmp_path: Path) -> None:
    spec = spec_of(PLATFORM.replace("FLUX", "v2.9.4"))
    unit = Unit("platform", "acme")
    seeded = render(newest(), unit, inputs(spec, unit)).seeded
    for path in seeded:
        (tmp_path / path).write_text("mine\n", encoding="utf-8")

    copied(unit, inputs(spec, unit), tmp_path)

    assert seeded == {"README.md"}
    assert (tmp_path / "README.md").read_text() == "mine\n"


def test_the_questions_of_a_template_are_its_inputs_and_nothing_else() -> None:
    spec = spec_of(PLATFORM.replace("FLUX", "v2.9.4"), APPS)

    asked = {unit.template: template(newest(), unit.template).inputs for unit in all_units(spec)}

    assert set(asked) == {folder.parent.name for folder in home().glob("*/copier.yml")}
    for unit, data in distinct(spec):
        assert data.keys() == asked[unit.template], unit
