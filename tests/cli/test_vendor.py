from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scaffolder.bridge import cache
from tests.cli.support import Make, flux_release
from tests.support.place import Place
from tests.support.releases import member, of_files, serve, tarball

AT = "clusters/{0}/{0}-1/flux-system"
GOTK = [f"{AT.format(stage)}/gotk-components.yaml" for stage in ("dev", "prod")]
KUSTOMIZATION = f"{AT.format('dev')}/kustomization.yaml"
URL = "- https://github.com/fluxcd/flux2/releases/download/v2.9.4/install.yaml\n"


@pytest.fixture
def fleet(repository: Make) -> Place:
    """A repository whose clusters take Flux from its release's URL, as there was no network."""
    made = repository()
    assert URL in made.read(KUSTOMIZATION)
    return made


def files_of(folder: str) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in Path(folder).iterdir()}


def test_components_come_into_the_repository_in_the_place_of_the_url(fleet: Place, flux: str) -> None:
    ran = fleet.run("vendor", "--manifests", flux)

    assert "✔ Flux's components of 2 clusters changed" in ran.err
    assert fleet.read(GOTK[0]) == fleet.read(GOTK[1])
    assert "# Flux Version: v2.9.4\n" in fleet.read(GOTK[0])
    assert URL not in fleet.read(KUSTOMIZATION)
    assert "- gotk-components.yaml\n" in fleet.read(KUSTOMIZATION)
    assert "next: git add -A" in ran.err
    fleet.run("check")


def test_the_same_files_are_there_when_new_had_them_at_once(fleet: Place, place: Place, flux: str) -> None:
    fleet.run("vendor", "--manifests", flux)

    place.run("new", "other", "--file", "fleet.yaml", "--manifests", flux)

    assert fleet.files() == place.inside("other").files()


def test_a_second_run_changes_nothing_and_needs_nothing(fleet: Place, flux: str) -> None:
    fleet.run("vendor", "--manifests", flux)
    before = fleet.files()

    ran = fleet.run("vendor")

    assert ran.err.endswith("✔ Flux's components are in step\n")
    assert fleet.files() == before


def test_a_dry_run_shows_the_files_and_writes_none(fleet: Place, flux: str) -> None:
    before = fleet.files()

    ran = fleet.run("vendor", "--manifests", flux, "--dry-run", "--output", "json")

    told = json.loads(ran.out)
    assert {change["path"]: change["change"] for change in told["files"] if "gotk" in change["path"]} == dict.fromkeys(
        GOTK, "create"
    )
    assert (told["command"], told["dryRun"], told["exitCode"], told["next"]) == ("vendor", True, 0, [])
    assert ran.err == ""
    assert fleet.files() == before


def test_what_is_out_of_step_elsewhere_is_left_alone(fleet: Place, flux: str) -> None:
    fleet.write("gitops/tenants/team.yaml", "kind: tenant\nname: team\n")

    ran = fleet.run("vendor", "--manifests", flux)

    assert "components of 2 clusters changed" in ran.err
    assert not (fleet.root / "tenants/base/team").exists()


def test_a_kustomization_that_people_changed_keeps_their_patches(fleet: Place, flux: str) -> None:
    patches = "patches:\n- path: mine.yaml\n"
    fleet.edit(KUSTOMIZATION, "kind: Kustomization\n", f"kind: Kustomization\n{patches}")

    fleet.run("vendor", "--manifests", flux)

    assert patches in fleet.read(KUSTOMIZATION)
    assert "- gotk-components.yaml\n" in fleet.read(KUSTOMIZATION)


def test_a_url_line_that_people_changed_is_a_conflict(fleet: Place, flux: str) -> None:
    fleet.edit(KUSTOMIZATION, URL, "- https://mirror.example.com/install.yaml\n")

    ran = fleet.run("vendor", "--manifests", flux, code=5)

    assert f"✗ {KUSTOMIZATION}: " in ran.err
    assert "1 conflict" in ran.err
    assert "https://mirror.example.com/install.yaml" in fleet.read(KUSTOMIZATION)


def test_another_version_in_the_documents_is_fetched(fleet: Place, flux: str) -> None:
    fleet.run("vendor", "--manifests", flux)
    fleet.edit("gitops.yaml", "version: v2.9.4", "version: v2.9.3")

    ran = fleet.run("vendor", "--manifests", flux)

    assert "components of 2 clusters changed" in ran.err
    assert "# Flux Version: v2.9.3\n" in fleet.read(GOTK[1])


def test_a_tarball_will_do(fleet: Place, place: Place, flux: str) -> None:
    (place.root / "manifests.tar.gz").write_bytes(of_files(files_of(flux)))

    fleet.run("vendor", "--manifests", "../manifests.tar.gz")

    assert "# Flux Version: v2.9.4\n" in fleet.read(GOTK[0])


def test_a_url_is_asked_once_for_all_clusters(fleet: Place, flux: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("http_proxy")
    fleet.edit("gitops.yaml", "name: prod-1\n", "name: prod-1\nflux: {logLevel: debug}\n")
    with serve() as (releases, _):
        releases.answers["/manifests.tar.gz"] = (200, {}, of_files(files_of(flux)))

        fleet.run("vendor", "--manifests", f"{releases.base}/manifests.tar.gz")

    assert releases.asked == ["/manifests.tar.gz"]
    assert "--log-level=debug" in fleet.read(GOTK[1])


def test_the_cache_needs_no_network(fleet: Place, flux: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scaffolder.bridge.cache.PINS", {})
    cache.store("v2.9.4", files_of(flux))

    ran = fleet.run("vendor")

    assert "downloading" not in ran.err
    assert "# Flux Version: v2.9.4\n" in fleet.read(GOTK[0])


def test_a_flux_of_that_version_on_the_path_needs_no_network(
    fleet: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = "---\\n# This manifest was generated by flux. DO NOT EDIT.\\n# Flux Version: v2.9.4\\n# Components: "
    names = "source-controller,kustomize-controller,helm-controller,notification-controller"
    flux = Place(tmp_path / "bin").write(
        "flux", f"#!/bin/sh\n[ $1 = version ] && echo 'flux: v2.9.4' || printf '%b' '{header}{names}\\nkind: A\\n'\n"
    )
    flux.chmod(0o755)
    monkeypatch.setenv("PATH", str(flux.parent), prepend=":")

    ran = fleet.run("vendor")

    assert "► asking the flux on the PATH for the manifests of Flux v2.9.4\n" in ran.err
    assert fleet.read(GOTK[0]).endswith("\nkind: A\n")


def test_with_no_source_at_all_it_says_so_and_writes_nothing(fleet: Place) -> None:
    before = fleet.files()

    ran = fleet.run("vendor", code=7)

    assert "✗ Flux v2.9.4 for `dev-1`, `prod-1` cannot be had: github.com: " in ran.err
    assert ran.err.endswith("\n  give --manifests, or run this where github.com can be reached\n")
    assert fleet.files() == before


@pytest.mark.parametrize("manifests", ["nowhere", "bad.tgz", "http://127.0.0.1:9/x.tgz"])
def test_manifests_that_cannot_be_used_are_an_error_of_one_line_and_nothing_is_written(
    fleet: Place, manifests: str
) -> None:
    (fleet.root / "bad.tgz").write_bytes(tarball(member("../rbac.yaml")))
    before = fleet.files()

    ran = fleet.run("vendor", "--manifests", manifests, code=7 if "http" in manifests else 2)

    assert len([line for line in ran.err.splitlines() if line.startswith("✗")]) == 1
    assert fleet.files() == before


def test_manifests_without_a_component_that_is_asked_for_are_refused(fleet: Place, tmp_path: Path) -> None:
    release = flux_release(tmp_path / "some")
    (release / "helm-controller.yaml").unlink()

    ran = fleet.run("vendor", "--manifests", str(release), code=2)

    assert "✗ the manifests of Flux v2.9.4 have no helm-controller.yaml\n" in ran.err


def test_where_there_are_no_documents_there_is_nothing_to_vendor(place: Place) -> None:
    place.git("init", "-q")

    ran = place.run("vendor", code=2)

    assert "holds no documents" in ran.err


@pytest.fixture
def of_2_9(flux: str) -> str:
    """A release whose controllers say which it is."""
    file = Path(flux, "kustomize-controller.yaml")
    text = re.sub(r"(kustomize-controller):v\S+", r"\1:v1.9.4", file.read_text(encoding="utf-8"))
    file.write_text(text, encoding="utf-8")
    return flux


def test_one_release_is_for_the_clusters_that_ask_for_it_alone(fleet: Place, of_2_9: str) -> None:
    fleet.edit("gitops.yaml", "name: prod\nafter: dev\n", "name: prod\nafter: dev\nflux: {version: v2.9.4}\n")
    fleet.edit("gitops.yaml", "version: v2.9.4\n---", "version: v2.8.8\n---")

    ran = fleet.run("vendor", "--manifests", of_2_9)

    assert "✔ Flux's components of 1 cluster changed" in ran.err
    assert "# Flux Version: v2.9.4\n" in fleet.read(GOTK[1])
    assert not (fleet.root / GOTK[0]).exists()
    assert fleet.run("vendor", "--manifests", of_2_9).err.endswith("✔ Flux's components are in step\n")


def test_a_release_that_no_cluster_asks_for_is_refused(fleet: Place, of_2_9: str) -> None:
    fleet.edit("gitops.yaml", "version: v2.9.4\n", "version: v2.8.8\n")
    before = fleet.files()

    ran = fleet.run("vendor", "--manifests", of_2_9, code=7)

    assert "cannot be had: what --manifests names is of Flux 2.9\n" in ran.err
    assert fleet.files() == before
