from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.support import Make, as_nobody, open_to_all
from tests.support.place import Place


def test_a_second_sync_does_nothing(repository: Make) -> None:
    fleet = repository()
    before = fleet.files()

    ran = fleet.run("sync")

    assert "everything is in step" in ran.err
    assert fleet.files() == before


def test_an_edit_by_hand_survives_what_the_documents_change_elsewhere_in_the_file(repository: Make) -> None:
    fleet = repository()
    fleet.edit("clusters/dev/dev-1/cluster-vars.yaml", "data:\n", "data:\n  MINE: kept\n")
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\nref: refs/tags/v1.0.0\n")

    fleet.run("sync")

    text = fleet.read("clusters/dev/dev-1/cluster-vars.yaml")
    assert "MINE: kept" in text
    assert "FLEET_REF: refs/tags/v1.0.0" in text


def test_a_deletion_by_hand_stays(repository: Make) -> None:
    fleet = repository()
    (fleet.root / "stacks/pin/kustomization.yaml").unlink()

    fleet.run("sync")

    assert not (fleet.root / "stacks/pin/kustomization.yaml").exists()


def test_a_conflict_is_listed_and_ends_with_5_and_a_second_run_changes_nothing(repository: Make) -> None:
    fleet = repository()
    fleet.edit("clusters/dev/dev-1/cluster-vars.yaml", "refs/heads/main", "refs/heads/mine")
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\nref: refs/tags/v1.0.0\n")

    first = fleet.run("sync", code=5)
    after = fleet.files()
    second = fleet.run("sync", code=5)

    assert "clusters/dev/dev-1/cluster-vars.yaml: both changed the same lines" in first.err
    assert "conflict markers are still there" in second.err
    assert fleet.files() == after


def test_a_conflict_that_was_solved_is_over(repository: Make) -> None:
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


def test_a_removed_app_whose_file_was_edited_is_a_conflict_not_a_loss(repository: Make) -> None:
    fleet = repository()
    fleet.run("add-app", "web", "--chart", "web", "--repo", "https://charts.example.com")
    fleet.edit("apps/base/web/release.yaml", "spec:\n", "spec:\n  # mine\n")
    (fleet.root / "gitops/apps/web.yaml").unlink()

    ran = fleet.run("sync", code=5)

    assert "apps/base/web/release.yaml: no longer generated, but you edited it" in ran.err
    assert "# mine" in fleet.read("apps/base/web/release.yaml")
    assert not (fleet.root / "apps/base/web/source.yaml").exists()
    fleet.run("sync")


def test_json_alone_stands_on_standard_output(repository: Make) -> None:
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


def test_a_dry_run_of_sync_shows_and_changes_nothing(repository: Make) -> None:
    fleet = repository()
    fleet.edit("gitops.yaml", "domain: example.com", "domain: example.org")
    before = fleet.files()

    ran = fleet.run("sync", "--dry-run")

    assert "  ~ clusters/dev/dev-1/cluster-vars.yaml\n" in ran.err
    assert "✔ 2 files would change\n" in ran.err
    assert fleet.files() == before


def test_diff_is_a_patch_that_does_what_sync_does(repository: Make) -> None:
    fleet, other = repository(), repository(name="other")
    for place in (fleet, other):
        place.edit("gitops.yaml", "domain: example.com", "domain: example.org")
        place.edit("gitops.yaml", "environment: dev\n", "environment: prod\n")

    patch = fleet.run("diff").out
    subprocess.run(["git", "apply"], cwd=fleet.root, input=patch, text=True, check=True)
    other.run("sync")

    ours, theirs = fleet.files(), other.files()
    assert {p: c for p, c in ours.items() if p[0] != "."} == {p: c for p, c in theirs.items() if p[0] != "."}


def test_diff_of_what_is_in_step_is_empty_and_changes_nothing(repository: Make) -> None:
    fleet = repository()
    before = fleet.files()

    ran = fleet.run("diff")

    assert (ran.out, ran.err) == ("", "► comparing the repository with its documents\n")
    assert fleet.files() == before


def test_check_is_green_where_flux_is_not_vendored_and_notes_it(repository: Make) -> None:
    ran = repository().run("check")

    assert "◎ Flux's manifests could not be had: `dev-1`, `prod-1` fetch them from the release's URL\n" in ran.err
    assert ran.err.endswith("✔ everything is in step\n")


def test_check_finds_what_is_out_of_step_and_names_it(repository: Make) -> None:
    fleet = repository()
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\nref: refs/tags/v1.0.0\n")
    before = fleet.files()

    ran = fleet.run("check", code=1)

    assert "✗ clusters/dev/dev-1/cluster-vars.yaml: is out of step\n  `scaffolder diff` shows" in ran.err
    assert ran.err.endswith("✗ 1 finding\n")
    assert fleet.files() == before


def test_check_finds_a_lock_that_is_missing(repository: Make) -> None:
    fleet = repository()
    lock = fleet.root / ".scaffolder/environment/dev/base"
    lock.unlink()

    ran = fleet.run("check", code=1)

    assert "✗ .scaffolder/environment/dev/base: the lock is out of step\n  `scaffolder sync` writes it" in ran.err


@pytest.mark.parametrize("length", [7, 8])
def test_check_finds_conflict_markers_in_a_managed_file(repository: Make, length: int) -> None:
    fleet = repository()
    path = "clusters/dev/dev-1/cluster-vars.yaml"
    marks = [mark * length for mark in "<=>"]
    fleet.write(path, fleet.read(path) + f"{marks[0]} ours\n  A: b\n{marks[1]}\n  A: c\n{marks[2]} theirs\n")
    fleet.commit("with markers")

    ran = fleet.run("check", code=1)

    assert f"✗ {path}: conflict markers are still there\n" in ran.err


def test_edits_by_hand_are_a_note_and_stay_green(repository: Make) -> None:
    fleet = repository()
    fleet.edit("clusters/dev/dev-1/cluster-vars.yaml", "data:\n", "data:\n  MINE: kept\n")

    ran = fleet.run("check")

    assert "◎ edits by hand, which stay: `clusters/dev/dev-1/cluster-vars.yaml`\n" in ran.err


def test_a_repository_without_a_url_is_a_note(repository: Make) -> None:
    assert "◎ the repository has no URL yet, so no cluster can fetch it" in repository().run("check").err


@pytest.mark.parametrize("command", ["sync", "diff", "check"])
def test_bad_documents_are_told_with_their_place_and_end_with_3(repository: Make, command: str) -> None:
    fleet = repository()
    fleet.edit("gitops.yaml", "domain: example.com\n", "domain: example.com\ncolour: red\n")
    before = fleet.files()

    ran = fleet.run(command, code=3)

    assert "✗ gitops.yaml:4:1: unknown field `colour`" in ran.err
    assert fleet.files() == before


@pytest.mark.parametrize("command", ["sync", "diff", "check"])
def test_no_command_asks_the_network(repository: Make, command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = repository()
    programs = Path(os.environ["HOME"]) / "programs"
    programs.mkdir()
    listing = f'#!/bin/sh\ncase "$*" in *ls-files*) exec {shutil.which("git")} "$@" ;; esac\nexit 99\n'
    for name, text in {"curl": "#!/bin/sh\nexit 99\n", "git": listing}.items():
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("asked the network"))

    fleet.run(command)


def test_options_that_the_release_s_url_cannot_serve_are_refused_by_sync_and_found_by_check(repository: Make) -> None:
    fleet = repository()
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\nflux: {logLevel: debug}\n")
    before = fleet.files()

    ran = fleet.run("sync", code=2)

    assert "✗ Flux v2.9.4 for cluster `dev-1` cannot be had: the manifests of v2.9.4 are not in the cache" in ran.err
    assert "`scaffolder vendor` gets it" in ran.err
    assert fleet.files() == before
    assert "✗ Flux v2.9.4 for cluster `dev-1` is missing" in fleet.run("check", code=1).err


def test_components_that_another_cluster_has_are_taken_from_it(place: Place, flux: str) -> None:
    place.run("new", "fleet", "--cluster=prod/one", f"--manifests={flux}")
    fleet = place.inside("fleet")
    fleet.edit("gitops.yaml", "kind: cluster\n", "kind: cluster\nname: two\nenvironment: prod\n---\nkind: cluster\n")

    fleet.run("sync")

    path = "clusters/prod/{}/flux-system/gotk-components.yaml"
    assert fleet.read(path.format("two")) == fleet.read(path.format("one"))


def test_where_nothing_may_be_written_sync_says_so_in_one_line() -> None:
    with open_to_all() as place:
        place.run("new", "fleet")
        fleet = place.inside("fleet")
        fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\nref: refs/tags/v1.0.0\n")
        fleet.run("sync", "--dry-run")
        before = fleet.files()

        ran = as_nobody(("sync",), str(fleet.root))

        assert [line for line in ran.err.splitlines() if line[0] == "✗"] == [ran.err.splitlines()[-1]]
        assert "permission denied" in ran.err
        assert ran.code == 1
        assert fleet.files() == before


def test_check_works_where_nothing_may_be_written() -> None:
    with open_to_all() as place:
        place.run("new", "fleet")
        place.inside("fleet").run("check")

        assert as_nobody(("check",), str(place.root / "fleet")).code == 0
