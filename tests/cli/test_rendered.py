from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import Make
from tests.judges import tools
from tests.support.place import Place


@pytest.fixture(autouse=True)
def _builder(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tools.require("kustomize").parent
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def objects(place: Place, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(place.run("diff", *words, "--output", "json").out)["objects"]
    return found


def test_a_repository_in_step_changes_no_object(repository: Make) -> None:
    ran = repository().run("diff", "--rendered")

    assert ran.out == ""
    assert "✔ no Kubernetes object changes\n" in ran.err


def test_the_same_change_on_many_clusters_is_one_row(repository: Make) -> None:
    fleet = repository()
    fleet.edit("gitops.yaml", "domain: example.com", "domain: example.org")

    ran = fleet.run("diff", "--rendered")

    assert ran.out == (
        "CHANGE   KIND       NAMESPACE    NAME          CLUSTERS       FIELDS\n"
        "changed  ConfigMap  flux-system  cluster-vars  dev-1, prod-1  data.DOMAIN\n"
    )
    assert "✔ 1 change of Kubernetes objects on 2 clusters\n" in ran.err


def test_variables_are_followed_into_the_objects_that_they_change(repository: Make) -> None:
    fleet = repository()
    fleet.run("add-app", "web", "--chart", "web", "--repo", "https://charts.example.com", "--set", "host=${DOMAIN}")
    fleet.edit("gitops.yaml", "domain: example.com", "domain: example.org")

    found = objects(fleet, "--rendered")

    assert {"kind": "HelmRelease", "name": "web", "fields": ["spec.values.host"]}.items() <= found[-1].items()
    assert found[-1]["clusters"] == ["dev-1", "prod-1"]


def test_a_new_app_is_objects_that_are_added_where_it_goes(repository: Make) -> None:
    fleet = repository()
    fleet.write("gitops/apps/web.yaml", "kind: app\nname: web\nenvironments: [prod]\nimage: {name: nginx, tag: '1'}\n")

    found = objects(fleet, "--rendered")

    assert {(row["change"], tuple(row["clusters"])) for row in found} == {("added", ("prod-1",))}
    assert {"Deployment", "Namespace", "Kustomization"} <= {row["kind"] for row in found}


def test_a_comment_changes_no_object(repository: Make) -> None:
    fleet = repository()
    fleet.edit("clusters/dev/dev-1/cluster-vars.yaml", "\ndata:\n", "\n# mine\ndata:\n")

    assert objects(fleet, "--against", "HEAD") == []


def test_an_edit_by_hand_shows_against_a_commit_and_not_as_what_sync_would_do(repository: Make) -> None:
    fleet = repository()
    fleet.write("clusters/dev/dev-1/apps/own.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: own\n")

    assert objects(fleet, "--rendered") == []
    assert objects(fleet, "--against", "HEAD") == [
        {
            "apiVersion": "v1",
            "change": "added",
            "clusters": ["dev-1"],
            "fields": [],
            "kind": "Namespace",
            "name": "own",
            "namespace": "",
        }
    ]


def test_a_cluster_that_is_new_gets_everything_and_one_that_is_gone_loses_it(repository: Make) -> None:
    fleet = repository()
    fleet.run("add-cluster", "dev-2", "--environment", "dev")
    fleet.commit()
    fleet.run("remove", "cluster", "dev-1")

    removed = {row["change"] for row in objects(fleet, "--against", "HEAD") if row["clusters"] == ["dev-1"]}
    added = {row["change"] for row in objects(fleet, "--against", "HEAD~1") if row["clusters"] == ["dev-2"]}

    assert (removed, added) == ({"removed"}, {"added"})


def test_values_of_secrets_are_never_shown(repository: Make) -> None:
    fleet = repository()
    secret = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\nstringData:\n  key: {}\n"
    fleet.write("clusters/dev/dev-1/apps/s.yaml", secret.format("hunter1"))
    fleet.commit()
    fleet.write("clusters/dev/dev-1/apps/s.yaml", secret.format("hunter2"))

    ran = fleet.run("diff", "--against", "HEAD", "--output", "json")

    assert json.loads(ran.out)["objects"][0]["fields"] == ["stringData.key"]
    assert "hunter" not in ran.out + ran.err


def test_a_folder_that_does_not_build_is_told_and_ends_with_1(repository: Make) -> None:
    fleet = repository()
    fleet.write("clusters/dev/dev-1/apps/own.yaml", "kind: [\n")

    ran = fleet.run("diff", "--against", "HEAD", code=1)

    assert "✗ clusters/dev/dev-1/apps: " in ran.err
    assert str(fleet.root) not in ran.err


def test_without_anything_to_build_with_it_says_so(repository: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = repository()
    monkeypatch.setenv("PATH", str(fleet.root))

    ran = fleet.run("diff", "--rendered", code=2)

    assert "✗ neither kustomize, kubectl nor flux is on the PATH: nothing can be built\n" in ran.err


def test_flux_builds_where_there_is_nothing_else(
    repository: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet, programs = repository(), tmp_path / "bin"
    fleet.edit("gitops.yaml", "domain: example.com", "domain: example.org")
    programs.mkdir()
    (programs / "flux").symlink_to(tools.require("flux"))
    monkeypatch.setenv("PATH", str(programs))

    found = objects(fleet, "--rendered")

    assert [(row["name"], row["fields"]) for row in found] == [("cluster-vars", ["data.DOMAIN"])]


def test_a_commit_that_is_not_there_is_a_wrong_argument(repository: Make) -> None:
    assert "✗ --against `nowhere`: " in repository().run("diff", "--against", "nowhere", code=2).err


def test_the_table_names_a_few_clusters_and_json_all(repository: Make) -> None:
    fleet = repository()
    for number in range(2, 9):
        fleet.run("add-cluster", f"dev-{number}", "--environment", "dev")
    fleet.edit("gitops.yaml", "domain: example.com", "domain: example.org")

    ran = fleet.run("diff", "--rendered")

    assert "dev-1, dev-2, dev-3, dev-4, dev-5, dev-6 and 3 more  data.DOMAIN\n" in ran.out
    assert len(objects(fleet, "--rendered")[0]["clusters"]) == 9


def test_nothing_is_left_behind(repository: Make, scratch: Path) -> None:
    fleet = repository()
    before = fleet.files()

    fleet.run("diff", "--rendered")

    assert fleet.files() == before
    assert not [place for place in scratch.iterdir() if place.name.startswith("scaffolder-")]
    shutil.rmtree(scratch)


def test_what_did_not_build_before_and_does_now_is_a_warning(repository: Make) -> None:
    fleet = repository()
    fleet.write("clusters/dev/dev-1/apps/own.yaml", "kind: [\n")
    fleet.commit()
    fleet.write("clusters/dev/dev-1/apps/own.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: own\n")

    ran = fleet.run("diff", "--against", "HEAD")

    assert "✗ clusters/dev/dev-1/apps: before, this did not build: " in ran.err
    assert "✔ not all folders build, so there may be more changes than these\n" in ran.err


def test_an_object_that_yaml_readers_stumble_over_is_compared_too(repository: Make) -> None:
    fleet = repository()
    fleet.write("clusters/dev/dev-1/apps/own.yaml", "apiVersion: v1\nkind: X\nmetadata:\n  name: own\nenum: [=, a]\n")
    fleet.commit()
    fleet.edit("clusters/dev/dev-1/apps/own.yaml", "[=, a]", "[=, b]")

    assert [row["fields"] for row in objects(fleet, "--against", "HEAD")] == [["enum[1]"]]
