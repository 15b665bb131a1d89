from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.toolbox import cluster
from tests.toolbox.programs import PROGRAMS


def test_every_program_has_the_version_that_go_requires() -> None:
    versions = {name: version for name, version, _ in cluster.recipes()}

    assert versions["kubectl"] == versions["kube-apiserver"] == cluster.VERSIONS["k8s.io/kubernetes"]
    assert versions["helm-controller"] == cluster.VERSIONS["github.com/fluxcd/helm-controller"]
    assert versions.keys() <= PROGRAMS.keys()


@pytest.mark.parametrize("name", ["source-controller", "image-reflector-controller"])
def test_what_stores_artifacts_with_our_module_is_named_by_its_code_too(name: str) -> None:
    versions = {name: version for name, version, _ in cluster.recipes()}

    assert versions[name] == f"{cluster.VERSIONS[f'github.com/fluxcd/{name}']}-{cluster.digest('artifact')}"


def test_code_of_ours_that_changes_is_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(cluster.MODULE / "gitssh", tmp_path / "gitssh")
    monkeypatch.setattr(cluster, "MODULE", tmp_path)
    before = cluster.digest("gitssh")

    with (tmp_path / "gitssh/main.go").open("a", encoding="utf-8") as file:
        file.write("// more\n")

    assert cluster.digest("gitssh") != before
