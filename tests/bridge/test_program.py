"""What the `flux` on the PATH prints is what a release's files become, to the byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scaffolder.bridge import program
from scaffolder.flux.components import DEFAULT_COMPONENTS, Install, header, render
from tests.judges.tools import require
from tests.support.shared import flux_manifests

OPTIONS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "another order": {"components": DEFAULT_COMPONENTS[::-1]},
    "extra components": {"components": (*DEFAULT_COMPONENTS, "image-reflector-controller")},
    "namespace": {"namespace": "gitops"},
    "registry": {"registry": "registry.example.com:5000/flux", "image_pull_secret": "regcred"},
    "no registry": {"registry": ""},
    "tolerations": {"toleration_keys": ("true", "example.com/dedicated")},
    "no policies": {"network_policy": False},
    "log level": {"log_level": "debug"},
    "one namespace": {"watch_all_namespaces": False, "cluster_domain": "corp.example"},
}


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def flux(on_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (on_path / "flux").symlink_to(require("flux"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.mark.usefixtures("flux")
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_flux_prints_what_bootstrap_commits_whatever_the_options(options: dict[str, Any]) -> None:
    asked = Install("v2.9.4", **options)

    assert program.has("v2.9.4")
    assert program.export(asked) == render(asked, flux_manifests("v2.9.4"))


@pytest.mark.usefixtures("flux")
def test_the_environment_of_flux_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUX_SYSTEM_NAMESPACE", "other")
    monkeypatch.setenv("FLUX_NS_FOLLOWS_KUBE_CONTEXT", "true")

    assert program.export(Install("v2.9.4")) == render(Install("v2.9.4"), flux_manifests("v2.9.4"))


@pytest.mark.usefixtures("flux")
def test_a_flux_of_another_version_is_not_the_one_that_is_asked() -> None:
    assert not program.has("v2.9.3")


@pytest.mark.usefixtures("flux")
def test_what_flux_refuses_is_none() -> None:
    assert program.export(Install("v2.9.4", components=("source-controller", "no-controller"))) is None


def stand_in(folder: Path, script: str) -> None:
    (folder / "flux").write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / "flux").chmod(0o755)


@pytest.mark.parametrize("script", ["echo 'flux: v2.9.4'; exit 1", "echo flux v2.9.4", "printf '\\377'", "kill -9 $$"])
def test_another_program_of_that_name_is_not_taken_for_flux(on_path: Path, script: str) -> None:
    stand_in(on_path, script)

    assert not program.has("v2.9.4")


def test_without_any_flux_there_is_none(on_path: Path) -> None:
    assert list(on_path.iterdir()) == []
    assert not program.has("v2.9.4")
    assert program.export(Install("v2.9.4")) is None


def test_what_does_not_begin_as_flux_begins_is_not_believed(on_path: Path) -> None:
    stand_in(on_path, "echo 'some other text'")
    assert program.export(Install("v2.9.4")) is None

    stand_in(on_path, f"printf '%s' '{header(Install('v2.9.4'))}'")
    assert program.export(Install("v2.9.4")) == header(Install("v2.9.4"))
