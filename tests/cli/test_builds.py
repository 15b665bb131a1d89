from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.support import Make, as_nobody, open_to_all
from tests.judges.tools import require


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH with a program that builds overlays."""
    monkeypatch.setenv("PATH", f"{require('kustomize').parent}:{os.environ['PATH']}")


needs_a_builder = pytest.mark.usefixtures("builder")


def test_without_a_builder_that_is_said_and_all_else_is_checked(
    repository: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = repository()
    (fleet.root / ".git/git").symlink_to(shutil.which("git") or "")
    monkeypatch.setenv("PATH", str(fleet.root / ".git"))

    ran = fleet.run("check")

    assert "◎ neither kustomize nor kubectl is on the PATH: nothing was built\n" in ran.err
    ran = fleet.run("check", "--only", "build", code=2)
    assert "✗ neither kustomize nor kubectl is on the PATH: nothing was built\n" in ran.err


@needs_a_builder
def test_what_is_built_is_said(repository: Make) -> None:
    assert re.search(r"^► building [0-9]+ folders with kustomize$", repository().run("check").err, re.MULTILINE)


@needs_a_builder
@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_a_kustomization_that_does_not_build_is_found_by_its_name(repository: Make, name: str) -> None:
    fleet = repository()
    fleet.write(f"apps/mine/{name}", "resources: [nowhere.yaml]\n")

    ran = fleet.run("check", code=1)

    assert f"✗ apps/mine/{name}: " in ran.err
    assert "nowhere.yaml" in ran.err
    assert str(fleet.root) not in ran.err


@needs_a_builder
@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"resources: [\n"])
def test_a_kustomization_that_nobody_can_read_is_a_finding(repository: Make, content: bytes) -> None:
    fleet = repository()
    fleet.write("apps/mine/kustomization.yaml", "")
    (fleet.root / "apps/mine/kustomization.yaml").write_bytes(content)

    assert "✗ apps/mine/kustomization.yaml: " in fleet.run("check", code=1).err


@needs_a_builder
def test_a_folder_that_takes_files_from_beside_it_builds_as_it_does_in_flux(repository: Make) -> None:
    fleet = repository()
    fleet.write("apps/mine/kustomization.yaml", "resources: [../shared.yaml]\n")
    fleet.write("apps/shared.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shared\n")

    fleet.run("check")


@needs_a_builder
def test_an_app_that_is_called_like_a_folder_of_ours_is_built_too(repository: Make) -> None:
    fleet = repository()
    fleet.run("add-app", "gitops", "--chart", "oci://ghcr.io/acme/x")
    fleet.run("check")
    fleet.edit("apps/base/gitops/kustomization.yaml", "release.yaml", "nowhere.yaml")

    assert "✗ apps/base/gitops/kustomization.yaml: " in fleet.run("check", code=1).err


@needs_a_builder
def test_what_is_no_file_and_what_cannot_be_read_is_no_obstacle(repository: Make, scratch: Path) -> None:
    fleet = repository()
    os.mkfifo(fleet.root / "pipe")
    (fleet.root / "loop").symlink_to(fleet.root)
    (fleet.root / "broken").symlink_to("nowhere")

    fleet.run("check")

    assert list(scratch.iterdir()) == []


@needs_a_builder
def test_the_release_s_url_is_left_out_and_nothing_else(repository: Make) -> None:
    fleet = repository()
    fleet.edit("clusters/dev/dev-1/flux-system/kustomization.yaml", "- gotk-sync.yaml", "- gotk-sync.yaml\n- mine.yaml")

    ran = fleet.run("check", code=1)

    assert "✗ clusters/dev/dev-1/flux-system/kustomization.yaml: " in ran.err
    assert "mine.yaml" in ran.err
    assert "✗ clusters/dev/dev-1/kustomization.yaml: " in ran.err


@needs_a_builder
def test_a_folder_that_may_not_be_read_is_no_obstacle() -> None:
    with open_to_all() as place:
        place.run("new", "fleet")
        fleet = place.inside("fleet")
        fleet.run("check")
        fleet.write("closed/file", "")
        fleet.write("open/closed", "")
        (fleet.root / "closed").chmod(0)
        (fleet.root / "open/closed").chmod(0)

        ran = as_nobody(("check",), str(fleet.root))

        assert ran.code == 0, ran.err
        assert ran.err.endswith("✔ everything is in step\n")
