from __future__ import annotations

from pathlib import Path

import pytest

from scaffolder.bridge.manifests import Manifests, Overlay, from_folder, text_of
from scaffolder.errors import UsageError
from scaffolder.flux.components import Install, header
from tests.judges.tools import require
from tests.support.releases import FILES, PINNED


def test_a_folder_with_a_release_s_files_is_read(tmp_path: Path) -> None:
    for name, text in {**FILES, "README.md": "#"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert from_folder(tmp_path) == Manifests(FILES)


@pytest.mark.parametrize(("name", "why"), [("none", "cannot be read: No such file"), (".", "holds no manifests")])
def test_a_folder_without_manifests_is_refused(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        from_folder(tmp_path / name)


@pytest.fixture
def overlay(tmp_path: Path) -> Path:
    folder = tmp_path / 'it\'s "my" overlay'
    folder.mkdir()
    objects = [f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: a\n" for kind in ("Secret", "Namespace")]
    (folder / "objects.yaml").write_text("---\n".join(objects), encoding="utf-8")
    (folder / "kustomization.yaml").write_text("resources: [objects.yaml]\nnamePrefix: my-\n", encoding="utf-8")
    return folder


@pytest.fixture(params=["kustomize", "kubectl"])
def builder(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH with one of the programs that build overlays."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / request.param).symlink_to(require(request.param))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))


@pytest.mark.usefixtures("builder")
def test_an_overlay_is_built_and_keeps_its_order_as_in_flux(overlay: Path) -> None:
    built = from_folder(overlay)
    assert isinstance(built, Overlay)
    assert [line for line in built.text.splitlines() if "kind" in line] == ["kind: Secret", "kind: Namespace"]
    assert "name: my-a" in built.text


@pytest.mark.usefixtures("builder")
def test_an_overlay_that_chooses_an_order_gets_it(overlay: Path) -> None:
    with (overlay / "kustomization.yaml").open("a") as kustomization:
        kustomization.write("sortOptions: {order: legacy}\n")
    built = from_folder(overlay)
    assert isinstance(built, Overlay)
    assert built.text.index("kind: Namespace") < built.text.index("kind: Secret")


@pytest.mark.usefixtures("builder")
def test_an_overlay_is_taken_as_it_is_below_flux_s_header(overlay: Path) -> None:
    built = from_folder(overlay)
    assert isinstance(built, Overlay)
    assert text_of(Install(PINNED), built) == header(Install(PINNED)) + built.text


@pytest.mark.usefixtures("builder")
def test_an_overlay_may_use_files_beside_its_folder_as_in_flux(overlay: Path) -> None:
    (overlay / "objects.yaml").rename(overlay.parent / "outside.yaml")
    (overlay / "kustomization.yaml").write_text("resources: [../outside.yaml]\n", encoding="utf-8")
    assert isinstance(from_folder(overlay), Overlay)


@pytest.mark.usefixtures("builder")
def test_an_overlay_that_cannot_be_built_is_refused_with_the_program_s_words(overlay: Path) -> None:
    (overlay / "objects.yaml").unlink()
    with pytest.raises(UsageError, match=r"overlay cannot be built: .*objects\.yaml"):
        from_folder(overlay)


def test_without_a_program_to_build_it_an_overlay_is_refused_and_the_programs_are_named(
    overlay: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(overlay))
    with pytest.raises(UsageError, match="neither kustomize nor kubectl is on the PATH"):
        from_folder(overlay)
