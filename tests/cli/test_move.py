from __future__ import annotations

import json

import pytest

from tests.cli.support import Make
from tests.support.place import Place

DEV_APP = ("--chart", "oci://ghcr.io/acme/x", "-e", "dev")


@pytest.fixture
def fleet(repository: Make) -> Place:
    return repository()


def in_step(fleet: Place) -> None:
    before = fleet.files()
    fleet.run("check")
    fleet.run("sync")
    assert fleet.files() == before


def test_a_moved_cluster_leaves_a_stub_that_leads_to_its_new_folder(fleet: Place) -> None:
    before = fleet.read("gitops.yaml")

    ran = fleet.run("move", "dev-1", "--to", "prod")

    old = "name: dev-1\nenvironment: dev\n"
    new = "name: dev-1\nenvironment: prod\nmovedFrom: clusters/dev/dev-1\n"
    assert fleet.read("gitops.yaml") == before.replace(old, new)
    assert [path for path in fleet.files() if path.startswith("clusters/dev/")] == [
        "clusters/dev/dev-1/kustomization.yaml"
    ]
    assert "resources:\n- ../../prod/dev-1\n" in fleet.read("clusters/dev/dev-1/kustomization.yaml")
    assert "path: ./clusters/prod/dev-1\n" in fleet.read("clusters/prod/dev-1/flux-system/gotk-sync.yaml")
    assert "next: git add -A && git commit -m 'Move cluster dev-1 to prod'\n" in ran.err
    assert "      scaffolder move dev-1 --finish    when the cluster has followed" in ran.err
    in_step(fleet)


def test_the_stub_goes_when_the_move_is_finished(fleet: Place) -> None:
    fleet.run("move", "dev-1", "--to", "prod")

    first = fleet.run("move", "dev-1", "--finish")
    after = fleet.files()
    second = fleet.run("move", "dev-1", "--finish")

    assert not (fleet.root / "clusters/dev").exists()
    assert "movedFrom" not in fleet.read("gitops.yaml")
    assert "✔ the move of cluster `dev-1` is finished\n" in first.err
    assert "✔ cluster `dev-1` is not on its way from anywhere\n" in second.err
    assert fleet.files() == after
    in_step(fleet)


def test_a_cluster_with_a_path_of_its_own_stays_where_it_is(fleet: Place) -> None:
    fleet.run("add-cluster", "eu", "-e", "dev", "--path", "clusters/eu")

    ran = fleet.run("move", "eu", "--to", "prod")

    assert fleet.read("gitops/clusters/eu.yaml") == "kind: cluster\nname: eu\nenvironment: prod\npath: clusters/eu\n"
    assert "--finish" not in ran.err
    in_step(fleet)


def test_what_the_new_environment_lacks_is_listed(fleet: Place) -> None:
    fleet.run("add-app", "web", *DEV_APP)
    fleet.run("add-app", "everywhere", *DEV_APP[:2])
    fleet.run("add-tenant", "team", "-e", "dev")

    ran = fleet.run("move", "dev-1", "--to", "prod")

    assert [line for line in ran.err.splitlines() if "prunes" in line] == [
        "◎ app `web` is not in environment `prod`: Flux prunes it",
        "◎ namespace `team` is not in environment `prod`: Flux prunes it, with all that is in it, volumes too",
        "◎ namespace `web` is not in environment `prod`: Flux prunes it, with all that is in it, volumes too",
    ]


def test_what_the_new_environment_lacks_is_looked_up_at_its_pin(fleet: Place) -> None:
    fleet.git("tag", "v1")
    fleet.run("pin", "prod", "--tag", "v1")
    fleet.run("add-app", "web", *DEV_APP[:2])

    ran = fleet.run("move", "dev-1", "--to", "prod", "--dry-run", "-o", "json")

    told = [found["message"] for found in json.loads(ran.out)["findings"] if found["code"] == "prunes"]
    assert told[0] == "app `web` is not in environment `prod` at v1: Flux prunes it"
    assert told[1].startswith("namespace `web` is not in environment `prod` at v1: ")


def test_a_pin_that_is_not_here_is_said_to_be_unseen(fleet: Place) -> None:
    fleet.run("pin", "prod", "--tag", "v9")

    ran = fleet.run("move", "dev-1", "--to", "prod")

    assert "◎ environment `prod` at v9 could not be looked at: what it lacks, Flux prunes from the cluster\n" in ran.err


def test_what_people_have_in_the_folder_moves_with_it(fleet: Place) -> None:
    fleet.run("add-cluster", "dev-2", "-e", "dev", "--path", "clusters/dev/dev-1/inner")
    fleet.edit("clusters/dev/dev-1/kustomization.yaml", "stacks/pin\n", "stacks/pin\n- mine\n")
    fleet.edit("clusters/dev/dev-1/flux-system/kustomization.yaml", "resources:", "# mine\nresources:")
    fleet.write("clusters/dev/dev-1/notes.txt", "to do\n")

    fleet.run("move", "dev-1", "--to", "prod")

    text = fleet.read("clusters/prod/dev-1/kustomization.yaml")
    assert "- ../../../stacks/prod\ncomponents:\n- ../../../stacks/pin\n- mine\n" in text
    assert "# mine\n" in fleet.read("clusters/prod/dev-1/flux-system/kustomization.yaml")
    assert fleet.read("clusters/prod/dev-1/notes.txt") == "to do\n"
    assert sorted(path for path in fleet.files() if path.startswith("clusters/dev/dev-1/") and "inner" not in path) == [
        "clusters/dev/dev-1/kustomization.yaml"
    ]
    assert (fleet.root / "clusters/dev/dev-1/inner/kustomization.yaml").is_file()


def test_components_move_as_they_are(place: Place, flux: str) -> None:
    place.run("new", "fleet", "--cluster=dev/one", "--cluster=prod/two", f"--manifests={flux}")
    fleet = place.inside("fleet")
    before = fleet.read("clusters/dev/one/flux-system/gotk-components.yaml")

    ran = fleet.run("move", "one", "--to", "prod")

    assert fleet.read("clusters/prod/one/flux-system/gotk-components.yaml") == before
    assert "Flux's manifests" not in ran.err
    in_step(fleet)


def test_the_apps_of_a_cluster_alone_move_with_it_and_get_its_new_environment_s_overlay(repository: Make) -> None:
    fleet = repository()
    fleet.write(
        "gitops/apps/web.yaml",
        """
        {kind: app, name: web, clusters: [dev-1], chart: {url: oci://ghcr.io/acme/web, version: 1.0.0}}
        """,
    )
    fleet.run("sync")
    fleet.edit("clusters/dev/dev-1/apps/web.yaml", "spec:\n", "spec:\n  # mine\n")

    ran = fleet.run("move", "dev-1", "--to", "prod")

    text = fleet.read("clusters/prod/dev-1/apps/web.yaml")
    assert "# mine\n" in text
    assert "path: ./apps/prod/web\n" in text
    assert (fleet.root / "clusters/prod/dev-1/apps/web/kustomization.yaml").is_file()
    assert "prunes" not in ran.err
    in_step(fleet)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dev-1", "--to", "dev"), "cluster `dev-1` is in environment `dev` already"),
        (("dev-1", "--to", "pord"), "no environment `pord`; did you mean `prod`?"),
        (("dev-9", "--to", "prod"), "no cluster `dev-9`; did you mean `dev-1`?"),
        (("dev-1",), "give --to ENV, or --finish when the cluster has followed"),
        (("dev-1", "--to", "prod", "--finish"), "give --to ENV, or --finish when the cluster has followed"),
    ],
)
def test_a_move_to_nowhere_is_refused_in_one_line(fleet: Place, words: tuple[str, ...], said: str) -> None:
    before = fleet.files()

    ran = fleet.run("move", *words, code=2)

    assert ran.err.startswith(f"✗ {said}")
    assert len(ran.err.splitlines()) == 1
    assert fleet.files() == before


def test_a_move_back_to_an_older_flux_is_told(fleet: Place) -> None:
    fleet.edit("gitops.yaml", "version: v2.9.4\n", "version: v2.8.8\n")
    fleet.edit("gitops.yaml", "name: dev\n", "name: dev\nflux: {version: v2.9.4}\n")
    fleet.run("sync")

    back = fleet.run("move", "dev-1", "--to", "prod", "--dry-run")
    onwards = fleet.run("move", "prod-1", "--to", "dev", "--dry-run")

    assert "◎ cluster `dev-1` goes back from Flux v2.9.4 to v2.8.8\n" in back.err
    assert "goes back" not in onwards.err


def test_a_cluster_on_its_way_is_not_moved_again(fleet: Place) -> None:
    fleet.run("move", "dev-1", "--to", "prod")

    ran = fleet.run("move", "dev-1", "--to", "dev", code=2)

    assert ran.err.startswith("✗ cluster `dev-1` is on its way from clusters/dev/dev-1\n  `scaffolder move dev-1 --fin")
