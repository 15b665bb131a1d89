from __future__ import annotations

import json

import pytest

from tests.cli.support import Make, kills
from tests.support.place import Place

DOCUMENTS = """\
# our platform

kind: platform
name: acme
---
kind: environment  # the first
name: dev
---
kind: environment
name: test
after: dev
---
kind: environment
name: prod
after: test
---
kind: cluster
name: prod-1
environment: prod
---
kind: cluster
name: prod-2
environment: prod
"""
APPS = """\
---
# the store
kind: app
name: db
chart: {url: oci://ghcr.io/acme/db, version: 1.0.0}
---
kind: app
name: web
environments: [dev, prod]   # not in test
dependsOn:
- name: db  # it is slow
chart: {url: oci://ghcr.io/acme/web}
overlays:
  dev: {version: 2.0.0}
"""


@pytest.fixture
def fleet(repository: Make) -> Place:
    return repository(DOCUMENTS + APPS)


def in_step(fleet: Place) -> None:
    before = fleet.files()
    fleet.run("check")
    fleet.run("sync")
    assert fleet.files() == before


def test_an_app_goes_and_its_namespace_stays_as_a_tenant(fleet: Place) -> None:
    ran = fleet.run("remove", "app", "web")

    tenant = "---\nkind: tenant\nname: web\nenvironments:\n- dev\n- prod\n"
    assert fleet.read("gitops.yaml").endswith(f"version: 1.0.0}}\n{tenant}")
    assert (fleet.root / "tenants/prod/web/kustomization.yaml").is_file()
    assert not (fleet.root / "apps/base/web").exists()
    assert "◎ namespace `web` stays, with volumes of StatefulSets" in ran.err
    assert "next: git add -A && git commit -m 'Remove app web'\n" in ran.err
    in_step(fleet)


def test_the_tenant_of_an_app_in_a_file_of_its_own_gets_one_too(fleet: Place) -> None:
    fleet.run("add-app", "api", "--chart", "oci://ghcr.io/acme/api")

    fleet.run("remove", "app", "api")

    assert not (fleet.root / "gitops/apps/api.yaml").exists()
    assert fleet.read("gitops/tenants/api.yaml") == "kind: tenant\nname: api\n"
    in_step(fleet)


def test_the_namespace_is_deleted_in_a_second_step(fleet: Place) -> None:
    first = fleet.run("remove", "app", "web", "--delete-namespace")
    assert (fleet.root / "tenants/prod/web/kustomization.yaml").is_file()
    assert "      scaffolder remove tenant web    when Flux has pruned the app" in first.err

    second = fleet.run("remove", "tenant", "web")

    assert not (fleet.root / "tenants/prod/web").exists()
    assert "◎ namespace `web` and all that is in it, volumes too, go" in second.err
    in_step(fleet)


def test_an_app_in_a_tenant_leaves_no_tenant_behind(fleet: Place) -> None:
    fleet.run("add-tenant", "team")
    fleet.run("add-app", "api", "--chart", "oci://ghcr.io/acme/api", "-n", "team")
    before = fleet.read("gitops/tenants/team.yaml")

    fleet.run("remove", "app", "api")

    assert not (fleet.root / "gitops/tenants/api.yaml").exists()
    assert fleet.read("gitops/tenants/team.yaml") == before
    in_step(fleet)


def test_a_file_of_its_own_is_deleted_and_a_document_among_others_is_cut_out(fleet: Place) -> None:
    fleet.run("add-cluster", "dev-1", "-e", "dev")
    before = fleet.read("gitops.yaml")

    fleet.run("remove", "cluster", "dev-1")
    fleet.run("remove", "cluster", "prod-1")

    assert not (fleet.root / "gitops").exists()
    assert fleet.read("gitops.yaml") == before.replace("kind: cluster\nname: prod-1\nenvironment: prod\n---\n", "")
    in_step(fleet)


def test_removing_a_cluster_says_that_nothing_goes_from_it(fleet: Place) -> None:
    ran = fleet.run("remove", "cluster", "prod-2")

    assert "◎ nothing goes from the cluster itself" in ran.err
    assert "      flux uninstall    on cluster prod-2" in ran.err


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (
            ("app", "db"),
            [
                "✗ gitops.yaml:37:3: app `web` depends on app `db` (`dependsOn[0]`)",
                "✗ app `db` cannot be removed: 1 document depends on it",
                "  --force takes these out as well",
            ],
        ),
        (
            ("environment", "dev"),
            [
                "✗ gitops.yaml:14:8: environment `test` comes after environment `dev` (`after`)",
                "✗ gitops.yaml:35:16: app `web` is in environment `dev` (`environments[0]`)",
                "✗ gitops.yaml:40:8: app `web` has an overlay for environment `dev` (`overlays.dev`)",
                "✗ environment `dev` cannot be removed: 2 documents depend on it",
                "  --force takes these out as well",
            ],
        ),
        (
            ("environment", "prod", "--force"),
            [
                "✗ gitops.yaml:22:14: cluster `prod-1` is in environment `prod` (`environment`)",
                "✗ gitops.yaml:26:14: cluster `prod-2` is in environment `prod` (`environment`)",
                "✗ environment `prod` cannot be removed: 2 documents depend on it",
                "  change or remove these first",
            ],
        ),
        (("app", "wbe"), ["✗ no app `wbe`; did you mean `web`? allowed: db, web"]),
        (
            ("tenant", "web"),
            [
                "✗ no tenant `web`; there are none",
                "  the namespace is app `web`'s own: `scaffolder remove app web --delete-namespace`",
            ],
        ),
        (
            ("cluster", "prod-1", "--delete-namespace"),
            ["✗ --delete-namespace goes with an app: a cluster has no namespace of its own"],
        ),
    ],
)
def test_what_cannot_be_removed_is_told_with_its_reason(fleet: Place, words: tuple[str, ...], lines: list[str]) -> None:
    before = fleet.files()

    ran = fleet.run("remove", *words, code=2)

    assert ran.err.splitlines() == lines
    assert fleet.files() == before


def test_a_tenant_that_apps_live_in_is_not_removed_even_with_force(fleet: Place) -> None:
    fleet.run("add-tenant", "team")
    fleet.run("add-app", "api", "--chart", "oci://ghcr.io/acme/api", "-n", "team")

    ran = fleet.run("remove", "tenant", "team", "--force", code=2)

    assert "✗ gitops/apps/api.yaml:3:12: app `api` lives in tenant `team` (`namespace`)\n" in ran.err


def test_a_namespace_that_others_live_in_does_not_go_with_an_app(fleet: Place) -> None:
    fleet.run("add-tenant", "team")
    for name in ("api", "ui"):
        fleet.run("add-app", name, "--chart", f"oci://ghcr.io/acme/{name}", "-n", "team")

    ran = fleet.run("remove", "app", "api", "--delete-namespace", code=2)

    assert "✗ the namespace `team` cannot go with app `api`: others live in it" in ran.err


def test_force_takes_an_app_out_of_those_that_depend_on_it(fleet: Place) -> None:
    before = fleet.read("gitops.yaml")

    fleet.run("remove", "app", "db", "--force")

    gone = APPS[: APPS.index("---\nkind: app\nname: web")]
    left = before.replace(gone, "").replace("dependsOn:\n- name: db  # it is slow\n", "")
    assert fleet.read("gitops.yaml") == f"{left}---\nkind: tenant\nname: db\n"
    in_step(fleet)


def test_force_takes_an_environment_out_of_lists_overlays_and_the_order(fleet: Place) -> None:
    fleet.run("remove", "environment", "dev", "--force")

    text = fleet.read("gitops.yaml")
    assert "environments: [prod]   # not in test\n" in text
    assert "overlays" not in text
    assert "name: test\n---\n" in text
    in_step(fleet)


def test_what_came_after_an_environment_that_goes_comes_after_the_one_before(fleet: Place) -> None:
    fleet.run("remove", "environment", "test", "--force")

    assert "name: prod\nafter: dev\n" in fleet.read("gitops.yaml")
    in_step(fleet)


def test_a_dry_run_shows_all_and_changes_nothing(fleet: Place) -> None:
    before = fleet.files()

    ran = fleet.run("remove", "app", "web", "--dry-run", "--output", "json")

    report = json.loads(ran.out)
    assert report["dryRun"] is True
    assert report["documents"] == [{"path": "gitops.yaml", "change": "update"}]
    assert report["next"] == []
    assert fleet.files() == before


def test_reasons_have_their_places_in_json(fleet: Place) -> None:
    ran = fleet.run("remove", "app", "db", "-o", "json", code=2)

    first, last = json.loads(ran.out)["findings"]
    assert (first["path"], first["line"], first["column"]) == ("gitops.yaml", 37, 3)
    assert last["hint"] == "--force takes these out as well"


def test_a_cluster_is_taken_out_of_lists_with_others_and_kept_where_it_is_alone(fleet: Place) -> None:
    fleet.edit("gitops.yaml", "environments: [dev, prod]   # not in test", "clusters: [prod-1, prod-2]")
    fleet.edit("gitops.yaml", "overlays:\n  dev: {version: 2.0.0}\n", "")
    fleet.run("sync")

    fleet.run("remove", "cluster", "prod-1")
    ran = fleet.run("remove", "cluster", "prod-2", "--force", code=2)

    assert "clusters: [prod-2]\n" in fleet.read("gitops.yaml")
    assert "app `web` is on cluster `prod-2` alone (`clusters[0]`)" in ran.err


def test_a_removal_that_was_killed_anywhere_is_finished_by_the_same_command_or_by_sync(fleet: Place) -> None:
    words = ("remove", "app", "db", "--force")
    fleet.run(*words)
    wanted = fleet.files()
    fleet.git("reset", "-q", "--hard")
    fleet.git("clean", "-qfdx")

    for number in kills(fleet, words):
        begun = "kind: app\nname: db\n" not in fleet.read("gitops.yaml")
        fleet.run(*(("sync",) if begun else words))
        assert fleet.files() == wanted, f"killed before effect {number}"
        fleet.git("reset", "-q", "--hard")
        fleet.git("clean", "-qfdx")
