from __future__ import annotations

import pytest

from tests.cli.support import Make


@pytest.mark.parametrize(
    ("words", "ref", "said"),
    [
        (("--tag", "v1.2.0"), "refs/tags/v1.2.0", "tag v1.2.0"),
        (("--branch", "release/1"), "refs/heads/release/1", "branch release/1"),
    ],
)
def test_an_environment_follows_what_it_is_pinned_to(
    repository: Make, words: tuple[str, ...], ref: str, said: str
) -> None:
    fleet = repository()
    before = fleet.read("gitops.yaml")

    ran = fleet.run("pin", "prod", *words)

    assert fleet.read("gitops.yaml") == before.replace("after: dev\n", f"after: dev\nref: {ref}\n")
    assert f"  FLEET_REF: {ref}\n" in fleet.read("clusters/prod/prod-1/cluster-vars.yaml")
    assert f"✔ environment `prod` follows {said}\n" in ran.err
    assert f"next: git add -A && git commit -m 'Let prod follow {said}'\n" in ran.err
    assert "next pin" not in ran.err
    assert f"✔ environment `prod` follows {said} already\n" in fleet.run("pin", "prod", *words).err


def test_unpinned_it_follows_the_platform_s_branch_again(repository: Make) -> None:
    fleet = repository()
    before = fleet.files()
    fleet.run("pin", "prod", "--tag", "v1")

    ran = fleet.run("pin", "prod", "--unpin")

    assert fleet.files() == before
    assert "✔ environment `prod` follows branch main\n" in ran.err


def test_a_cluster_with_a_ref_of_its_own_is_named(repository: Make) -> None:
    fleet = repository()
    fleet.run("add-cluster", "prod-2", "-e", "prod", "--ref", "refs/heads/next")

    ran = fleet.run("pin", "prod", "--tag", "v1")

    assert "◎ cluster `prod-2` has a `ref` of its own, and follows refs/heads/next\n" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("prod",), "give one of --tag, --branch and --unpin"),
        (("prod", "--tag", "v1", "--unpin"), "give one of --tag, --branch and --unpin"),
        (("prod", "--tag", "v..1"), "--tag `v..1` is not a name that Git accepts for a branch or tag"),
        (("pord", "--tag", "v1"), "no environment `pord`; did you mean `prod`? allowed: dev, prod"),
    ],
)
def test_a_pin_that_cannot_be_meant_is_refused_in_one_line(repository: Make, words: tuple[str, ...], said: str) -> None:
    fleet = repository()
    before = fleet.files()

    assert fleet.run("pin", *words, code=2).err == f"✗ {said}\n"
    assert fleet.files() == before


def test_who_gets_a_change_only_with_the_next_pin_is_named(repository: Make) -> None:
    fleet = repository()
    fleet.run("pin", "prod", "--tag", "v1")
    fleet.run("add-cluster", "dev-2", "-e", "dev", "--ref", "refs/tags/v2")

    everywhere = fleet.run("add-app", "web", "--chart", "oci://ghcr.io/acme/web")
    elsewhere = fleet.run("add-app", "two", "--chart", "oci://ghcr.io/acme/two", "-e", "dev")

    note = "◎ what is pinned to a tag gets this with the next pin: "
    assert f"{note}cluster dev-2 (v2), prod (v1)\n" in everywhere.err
    assert f"{note}cluster dev-2 (v2)\n" in elsewhere.err


def test_what_stands_in_a_cluster_s_own_folder_waits_for_no_pin(repository: Make) -> None:
    fleet = repository()
    fleet.run("pin", "prod", "--tag", "v1")

    assert "next pin" not in fleet.run("add-cluster", "prod-2", "-e", "prod").err


def test_of_an_app_on_single_clusters_only_those_wait_for_a_pin(repository: Make) -> None:
    fleet = repository()
    fleet.run("add-cluster", "prod-2", "-e", "prod", "--ref", "refs/tags/v2")
    app = ("--chart", "oci://ghcr.io/acme/web", "--version", "prod=1.0.0")

    on_another = fleet.run("add-app", "web", *app, "--cluster", "prod-1")
    on_this = fleet.run("add-app", "two", *app, "--cluster", "prod-2")
    fleet.edit("gitops/apps/two.yaml", "1.0.0", "1.0.1")
    again = fleet.run("sync")

    assert "next pin" not in on_another.err
    assert "with the next pin: cluster prod-2 (v2)\n" in on_this.err
    assert "with the next pin: cluster prod-2 (v2)\n" in again.err
