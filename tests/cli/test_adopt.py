from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.support import Make, kills
from tests.judges import tools
from tests.support import recorded
from tests.support.place import Place

SYNC = recorded.SYNC.replace("./clusters/prod", "./{}").replace("acme/fleet", "acme/fleet-infra")
RESOURCES = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
LAYER = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: {}
  namespace: flux-system
spec:
  interval: 10m0s
  path: ./{}
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
"""
Bootstrap = Callable[..., Place]


@pytest.fixture
def empty(place: Place) -> Place:
    place.git("init", "-q", "-b", "main")
    return place


@pytest.fixture
def bootstrap(empty: Place) -> Bootstrap:
    """Files as `flux bootstrap` writes them, its components by the real flux, committed."""

    def make(*folders: str, options: str = "", sync: str = SYNC) -> Place:
        words = ["install", "--export", *options.split()]
        components = subprocess.run([tools.require("flux"), *words], capture_output=True, text=True, check=True).stdout
        for folder in folders:
            empty.write(f"{folder}/flux-system/gotk-components.yaml", components)
            empty.write(f"{folder}/flux-system/gotk-sync.yaml", sync.format(folder))
            empty.write(
                f"{folder}/flux-system/kustomization.yaml", f"{RESOURCES}- gotk-components.yaml\n- gotk-sync.yaml\n"
            )
        empty.commit()
        return empty

    return make


def unchanged(place: Place, before: dict[str, bytes]) -> bool:
    """Whether every file that was there is as it was."""
    return before.items() <= place.files().items()


def added(place: Place) -> list[dict[str, Any]]:
    """The objects that adopting changes on the clusters."""
    found: list[dict[str, Any]] = json.loads(place.run("diff", "--against", "HEAD", "--output", "json").out)["objects"]
    return found


def test_lost_locks_come_back_and_what_people_edited_stays_their_edit(repository: Make) -> None:
    fleet = repository()
    fleet.edit("stacks/pin/kustomization.yaml", "replacements:", "# mine\nreplacements:")
    shutil.rmtree(fleet.root / ".scaffolder")

    ran = fleet.run("adopt")

    assert "◎ stacks/pin/kustomization.yaml: differs from what would be generated: taken for your edit" in ran.err
    assert "# mine" in fleet.read("stacks/pin/kustomization.yaml")
    assert "everything is in step" in fleet.run("sync").err


def test_locks_that_are_adopted_without_edits_are_those_that_were_lost(repository: Make) -> None:
    fleet = repository()
    before = fleet.files()
    shutil.rmtree(fleet.root / ".scaffolder")

    fleet.run("adopt")

    assert fleet.files() == before


def test_a_lock_that_is_there_is_left_as_it_is(repository: Make) -> None:
    fleet = repository()
    fleet.edit("stacks/pin/kustomization.yaml", "replacements:", "# mine\nreplacements:")
    before = fleet.files()

    assert "everything is adopted already" in fleet.run("adopt").err
    assert fleet.files() == before


def test_after_a_sync_in_vain_adopt_still_takes_what_is_in_the_way(repository: Make) -> None:
    fleet = repository()
    fleet.edit("stacks/pin/kustomization.yaml", "replacements:", "# mine\nreplacements:")
    shutil.rmtree(fleet.root / ".scaffolder")
    fleet.run("sync", code=5)

    fleet.run("adopt")

    fleet.run("sync")
    assert "# mine" in fleet.read("stacks/pin/kustomization.yaml")


def test_what_flux_bootstrap_made_becomes_documents(bootstrap: Bootstrap) -> None:
    options = "--components-extra=image-reflector-controller --network-policy=false --log-level=debug"
    fleet = bootstrap("clusters/prod", options=options)

    fleet.run("adopt")

    assert fleet.read("gitops.yaml").partition("flux:\n")[2] == (
        "  version: v2.9.4\n  componentsExtra:\n  - image-reflector-controller\n"
        "  networkPolicy: false\n  logLevel: debug\n"
        "---\nkind: environment\nname: prod\n---\n"
        "kind: cluster\nname: prod\nenvironment: prod\npath: clusters/prod\n"
    )
    assert "name: fleet-infra\n" in fleet.read("gitops.yaml")
    assert "url: ssh://git@github.com/acme/fleet-infra\n" in fleet.read("gitops.yaml")


def test_no_file_is_changed_and_a_second_run_does_nothing(bootstrap: Bootstrap) -> None:
    fleet = bootstrap("clusters/prod")
    before = fleet.files()

    fleet.run("adopt")
    after = fleet.files()

    assert unchanged(fleet, before)
    assert "everything is adopted already" in fleet.run("adopt").err
    assert "everything is in step" in fleet.run("sync").err
    assert fleet.files() == after


def test_the_line_for_components_is_told_and_not_written(bootstrap: Bootstrap) -> None:
    fleet = bootstrap("clusters/prod")

    ran = fleet.run("adopt")

    path = "clusters/prod/flux-system/kustomization.yaml"
    assert f"◎ {path}: is yours, and stays: add `components: [../../../stacks/flux]`\n" in ran.err
    assert "stacks/flux" not in fleet.read(path)


def test_a_dry_run_says_the_same_and_writes_nothing(bootstrap: Bootstrap) -> None:
    fleet = bootstrap("clusters/prod")
    before = fleet.files()

    report = json.loads(fleet.run("adopt", "--dry-run", "--output", "json").out)

    assert fleet.files() == before
    assert report["documents"] == [{"path": "gitops.yaml", "change": "create"}]
    assert {"component"} == {finding["code"] for finding in report["findings"]}
    assert "clusters/prod/kustomization.yaml" in {file["path"] for file in report["files"]}


def test_clusters_that_differ_say_so_and_the_oldest_flux_is_the_platforms(bootstrap: Bootstrap) -> None:
    bootstrap("clusters/dev", options="--log-level=debug")
    fleet = bootstrap("clusters/prod", options="--components=source-controller,kustomize-controller")

    fleet.run("adopt")

    spec = fleet.read("gitops.yaml")
    assert "  version: v2.9.4\n  logLevel: debug\n" in spec
    assert spec.endswith(
        "flux:\n  components:\n  - source-controller\n  - kustomize-controller\n"
        "  logLevel: info\n  componentsExtra: []\n"
    )
    fleet.run("check")


@pytest.mark.parametrize(
    ("folders", "expected"),
    [
        (["clusters/prod/eu", "clusters/dev/eu"], {"dev": "dev-eu", "prod": "prod-eu"}),
        (["clusters/prod/eu-1", "clusters/dev"], {"dev": "dev", "prod": "eu-1"}),
        (["."], {"fleet-infra": "fleet-infra"}),
        (["k8s/Live_1"], {"live-1": "live-1"}),
    ],
)
def test_folders_name_environments_and_clusters(
    bootstrap: Bootstrap, folders: list[str], expected: dict[str, str]
) -> None:
    fleet = bootstrap(*folders)

    fleet.run("adopt")

    listed = json.loads(fleet.run("list", "cluster", "--output", "json").out)["items"]
    assert {item["environment"]: item["name"] for item in listed} == expected
    assert {item["folder"] for item in listed} == set(folders)


def test_what_flux_found_without_a_kustomization_stays_in_the_cluster(bootstrap: Bootstrap) -> None:
    fleet = bootstrap("clusters/prod")
    fleet.write("clusters/prod/mine.yaml", LAYER.format("mine", "mine"))
    fleet.write("clusters/prod/more/deep/x.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: deep\n")
    fleet.write("mine/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: mine\n")
    fleet.commit()

    fleet.run("adopt")

    assert {row["change"] for row in added(fleet)} == {"added"}
    assert "- mine.yaml\n- more/deep/x.yaml\n" in fleet.read("clusters/prod/kustomization.yaml")


def by_hand(place: Place, name: str) -> Place:
    """A repository as Flux's example for several environments has it, before it is bootstrapped."""
    for stage in ("staging", "production"):
        place.write(f"clusters/{stage}/apps.yaml", LAYER.format(name, f"apps/{stage}"))
        place.write(f"clusters/{stage}/infrastructure.yaml", LAYER.format("infra", "infrastructure/controllers"))
        place.write(f"apps/{stage}/kustomization.yaml", f"{RESOURCES}- ../base/podinfo\n")
    for folder in ("apps/base/podinfo", "infrastructure/controllers"):
        place.write(f"{folder}/kustomization.yaml", f"{RESOURCES}- namespace.yaml\n")
        text = f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {folder.rpartition('/')[2]}\n"
        place.write(f"{folder}/namespace.yaml", text)
    place.write("README.md", "# Ours\n")
    place.commit()
    return place


def test_a_repository_laid_out_by_hand_gets_ours_beside_it(empty: Place) -> None:
    fleet = by_hand(empty, "workloads")
    before = fleet.files()

    ran = fleet.run("adopt", "--name", "acme")

    assert "not-wired" not in ran.err
    assert unchanged(fleet, before)
    assert {row["change"] for row in added(fleet)} == {"added"}
    assert {"crds", "workloads", "infra", "fleet"} <= {row["name"] for row in added(fleet)}
    fleet.run("check")


def test_where_a_name_is_taken_ours_is_laid_beside_and_does_not_reach_the_cluster(bootstrap: Bootstrap) -> None:
    fleet = by_hand(bootstrap("clusters/staging", "clusters/production"), "apps")
    before = fleet.files()

    ran = fleet.run("adopt")

    told = "your Kustomization `apps` (clusters/staging/apps.yaml) has the name of one of ours"
    assert f"◎ clusters/staging/kustomization.yaml: does not lead to stacks/staging yet: {told}\n" in ran.err
    assert [(row["change"], row["name"]) for row in added(fleet)] == [("added", "cluster-vars")]
    assert unchanged(fleet, before)
    fleet.run("check")


def test_a_folder_that_a_layer_of_ours_would_bring_too_keeps_it_from_the_cluster(bootstrap: Bootstrap) -> None:
    fleet = bootstrap("clusters/prod")
    fleet.write("tenants/prod/kustomization.yaml", f"{RESOURCES}- team.yaml\n")
    fleet.write("tenants/prod/team.yaml", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: team\n")
    fleet.commit()

    ran = fleet.run("adopt")

    assert "tenants/prod/kustomization.yaml is yours, and a layer of ours would bring it too\n" in ran.err
    assert [row["name"] for row in added(fleet)] == ["cluster-vars"]


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml"])
def test_a_kustomization_of_theirs_is_theirs(bootstrap: Bootstrap, name: str) -> None:
    fleet = bootstrap("clusters/prod")
    fleet.write(f"clusters/prod/{name}", f"{RESOURCES}- flux-system\n")
    fleet.commit()

    ran = fleet.run("adopt")

    assert f"◎ clusters/prod/{name}: does not lead to stacks/prod yet: the file is yours\n" in ran.err
    assert added(fleet) == []
    assert fleet.read(f"clusters/prod/{name}") == f"{RESOURCES}- flux-system\n"
    assert "everything is in step" in fleet.run("sync").err


def test_a_file_that_cannot_be_merged_is_left_and_told(bootstrap: Bootstrap) -> None:
    fleet = bootstrap("clusters/prod")
    (fleet.root / ".sourceignore").write_bytes(b"\0\1")

    ran = fleet.run("adopt", code=5)

    assert "✗ .sourceignore: a file of yours is in the way\n" in ran.err
    assert (fleet.root / ".sourceignore").read_bytes() == b"\0\1"


def test_a_folder_in_the_way_stops_it_before_anything_is_written(bootstrap: Bootstrap) -> None:
    fleet = bootstrap("clusters/prod")
    fleet.write(".sourceignore/x", "")
    before = fleet.files()

    ran = fleet.run("adopt", code=1)

    assert "✗ .sourceignore is in the way: it is a folder\n" in ran.err
    assert fleet.files() == before


def test_components_that_people_edited_are_their_edit(bootstrap: Bootstrap) -> None:
    fleet = bootstrap("clusters/prod")
    path = "clusters/prod/flux-system/gotk-components.yaml"
    fleet.edit(path, "memory: 1Gi", "memory: 2Gi")
    manifests = tools.require("flux").parent / "manifests"

    fleet.run("adopt", "--manifests", str(manifests))

    assert "memory: 2Gi" in fleet.read(path)
    assert f"edits by hand, which stay: `{path}`" in fleet.run("check").err


def test_documents_of_a_file_say_what_cannot_be_found(bootstrap: Bootstrap, tmp_path: Path) -> None:
    fleet = bootstrap("clusters/prod")
    documents = Place(tmp_path).write(
        "documents.yaml",
        """
        kind: platform
        name: acme
        repository: {url: ssh://git@github.com/acme/fleet-infra}
        ---
        kind: environment
        name: live
        ---
        kind: cluster
        name: eu-1
        environment: live
        path: clusters/prod
        """,
    )

    fleet.run("adopt", "--file", str(documents))

    assert fleet.read("gitops.yaml").startswith("kind: platform\nname: acme\n")
    assert "stacks/live" in fleet.read("clusters/prod/kustomization.yaml")
    fleet.run("check")


def test_without_a_cluster_there_is_nothing_to_adopt(empty: Place) -> None:
    ran = empty.run("adopt", code=2)

    assert "✗ no cluster is found here: " in ran.err
    assert "`--file FILE` takes documents that you write yourself" in ran.err


def test_documents_are_not_given_twice(repository: Make) -> None:
    fleet = repository()

    assert "✗ --file is of no use here: " in fleet.run("adopt", "--file", "gitops.yaml", code=2).err


def test_a_merge_that_is_not_finished_comes_first(repository: Make) -> None:
    fleet = repository()
    (fleet.root / ".git/MERGE_HEAD").write_text(fleet.git("rev-parse", "HEAD"))

    assert "✗ a merge is not finished here\n" in fleet.run("adopt", code=6).err


def test_killed_anywhere_and_run_again_it_ends_the_same(bootstrap: Bootstrap) -> None:
    fleet = bootstrap("clusters/prod")
    fleet.write("clusters/prod/mine.yaml", LAYER.format("mine", "mine"))
    fleet.commit()
    fleet.run("adopt")
    expected = fleet.files()
    fleet.git("clean", "-qfdx")

    for _ in kills(fleet, ("adopt",)):
        fleet.run("adopt")
        assert fleet.files() == expected
        fleet.git("clean", "-qfdx")


def test_abort_takes_it_back(bootstrap: Bootstrap) -> None:
    fleet = bootstrap("clusters/prod")
    before = fleet.files()

    fleet.run("adopt")
    fleet.run("sync", "--abort")

    assert fleet.files() == before


def test_a_second_flux_in_another_namespace_is_refused(bootstrap: Bootstrap) -> None:
    bootstrap("clusters/dev", sync=SYNC.replace("namespace: flux-system", "namespace: other"))
    fleet = bootstrap("clusters/prod")

    ran = fleet.run("adopt", code=2)

    assert "Flux is in the namespace `" in ran.err
    assert not (fleet.root / "gitops.yaml").exists()


def test_what_git_ignores_is_no_cluster(bootstrap: Bootstrap) -> None:
    fleet = bootstrap("clusters/prod")
    fleet.write(".gitignore", "/scratch/\n")
    fleet.write("scratch/clusters/dev/flux-system/gotk-sync.yaml", SYNC.format("clusters/dev"))

    fleet.run("adopt")

    assert "dev" not in fleet.read("gitops.yaml")


def test_a_sync_that_flux_did_not_write_is_told_with_its_path(bootstrap: Bootstrap) -> None:
    fleet = bootstrap("clusters/prod", sync="<<<<<<< HEAD\n")

    ran = fleet.run("adopt", code=2)

    assert "✗ clusters/prod/flux-system/gotk-sync.yaml is not as `flux bootstrap` writes it\n" in ran.err


def test_components_that_are_not_what_the_documents_ask_for_stay_and_are_told(
    bootstrap: Bootstrap, tmp_path: Path
) -> None:
    fleet = bootstrap("clusters/prod")
    before = fleet.files()
    documents = (
        "kind: platform\nname: a\nflux: {version: v2.9.4, logLevel: debug}\n---\nkind: environment\nname: prod\n"
    )
    cluster = "---\nkind: cluster\nname: prod\nenvironment: prod\npath: clusters/prod\n"
    Place(tmp_path).write("documents.yaml", documents + cluster)

    ran = fleet.run("adopt", "--file", str(tmp_path / "documents.yaml"))

    assert "✗ gotk-components.yaml of `prod` is not what the documents ask for\n" in ran.err
    assert unchanged(fleet, before)
    assert "everything is adopted already" in fleet.run("adopt").err
