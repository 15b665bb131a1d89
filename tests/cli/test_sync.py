from __future__ import annotations

import json


def test_a_second_sync_does_nothing(repository):
    fleet = repository()
    before = fleet.files()

    ran = fleet.run("sync")

    assert "everything is in step" in ran.err
    assert fleet.files() == before


def test_an_edit_by_hand_survives_what_the_documents_change_elsewhere_in_the_file(repository):
    fleet = repository()
    fleet.edit("clusters/dev/dev-1/cluster-vars.yaml", "data:\n", "data:\n  MINE: kept\n")
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\nref: refs/tags/v1.0.0\n")

    fleet.run("sync")

    text = fleet.read("clusters/dev/dev-1/cluster-vars.yaml")
    assert "MINE: kept" in text
    assert "FLEET_REF: refs/tags/v1.0.0" in text


def test_a_deletion_by_hand_stays(repository):
    fleet = repository()
    (fleet.root / "stacks/pin/kustomization.yaml").unlink()

    fleet.run("sync")

    assert not (fleet.root / "stacks/pin/kustomization.yaml").exists()


def test_a_conflict_is_listed_and_ends_with_5_and_a_second_run_changes_nothing(repository):
    fleet = repository()
    fleet.edit("clusters/dev/dev-1/cluster-vars.yaml", "refs/heads/main", "refs/heads/mine")
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\nref: refs/tags/v1.0.0\n")

    first = fleet.run("sync", code=5)
    after = fleet.files()
    second = fleet.run("sync", code=5)

    assert "clusters/dev/dev-1/cluster-vars.yaml: both changed the same lines" in first.err
    assert "conflict markers are still there" in second.err
    assert fleet.files() == after


def test_a_conflict_that_was_solved_is_over(repository):
    fleet = repository()
    fleet.edit("clusters/dev/dev-1/cluster-vars.yaml", "refs/heads/main", "refs/heads/mine")
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\nref: refs/tags/v1.0.0\n")
    fleet.run("sync", code=5)
    text = fleet.read("clusters/dev/dev-1/cluster-vars.yaml")
    mine = text[: text.index("<<<<")] + "  FLEET_REF: refs/heads/mine\n"
    fleet.write("clusters/dev/dev-1/cluster-vars.yaml", mine)

    fleet.run("sync")

    assert fleet.read("clusters/dev/dev-1/cluster-vars.yaml") == mine
    fleet.run("check")


def test_a_removed_app_whose_file_was_edited_is_a_conflict_not_a_loss(repository):
    fleet = repository()
    fleet.run("add-app", "web", "--chart", "web", "--repo", "https://charts.example.com")
    fleet.edit("apps/base/web/release.yaml", "spec:\n", "spec:\n  # mine\n")
    (fleet.root / "gitops/apps/web.yaml").unlink()

    ran = fleet.run("sync", code=5)

    assert "apps/base/web/release.yaml: no longer generated, but you edited it" in ran.err
    assert "# mine" in fleet.read("apps/base/web/release.yaml")
    assert not (fleet.root / "apps/base/web/source.yaml").exists()
    fleet.run("sync")


def test_json_alone_stands_on_standard_output(repository):
    fleet = repository()
    (fleet.root / "gitops.yaml").write_text(fleet.read("gitops.yaml").replace("example.com", "example.org"))

    ran = fleet.run("sync", "--dry-run", "--output", "json")

    report = json.loads(ran.out)
    assert report["command"] == "sync"
    assert report["dryRun"] is True
    assert {file["path"] for file in report["files"]} == {
        "clusters/dev/dev-1/cluster-vars.yaml",
        "clusters/prod/prod-1/cluster-vars.yaml",
    }
    assert ran.err == ""
