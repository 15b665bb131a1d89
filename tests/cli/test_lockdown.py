from __future__ import annotations

import pytest

from tests.cli.support import Make
from tests.support.place import Place

DOCUMENTS = """
    kind: platform
    name: acme
    lockdown: {}
    ---
    kind: environment
    name: prod
    ---
    kind: cluster
    name: prod-1
    environment: prod
    ---
    kind: app
    name: web
    chart: {{name: web, url: https://charts.example.com}}
    """
ON, OFF = "lockdown: true", "lockdown: false"


@pytest.fixture
def fleet(repository: Make, flux: str) -> Place:
    """A repository without lockdown, with Flux's components in it."""
    made = repository(DOCUMENTS.format("false"))
    made.run("vendor", "--manifests", flux)
    return made


def switch(place: Place, before: str, after: str) -> None:
    place.write("gitops.yaml", place.read("gitops.yaml").replace(before, after))


def test_on_and_off_again_is_an_edit_and_sync_and_leaves_nothing_behind(fleet: Place) -> None:
    before = fleet.files()

    switch(fleet, OFF, ON)
    fleet.run("sync")

    assert "everything is in step" in fleet.run("check").err
    assert "serviceAccountName: flux\n" in fleet.read("stacks/prod/apps/web.yaml")
    switch(fleet, ON, OFF)
    fleet.run("sync")
    assert fleet.files() == before


def test_people_s_edits_stay_where_lockdown_changes_the_same_files(fleet: Place) -> None:
    path = "stacks/prod/apps/web.yaml"
    fleet.write(path, fleet.read(path).replace("timeout: 5m0s", "timeout: 9m0s"))
    switch(fleet, OFF, ON)

    fleet.run("sync")

    assert "timeout: 9m0s" in fleet.read(path)
    assert "serviceAccountName: flux\n" in fleet.read(path)


def test_new_without_flux_s_components_is_refused_and_nothing_is_written(place: Place) -> None:
    place.write("acme.yaml", DOCUMENTS.format("true"))

    ran = place.run("new", "fleet", "--file", "acme.yaml", code=2)

    assert "✗ Flux v2.9.4 for cluster `prod-1` cannot be had: " in ran.err
    assert "under `lockdown` Flux builds nothing from the web, so its release's URL would not do; give" in ran.err
    assert not (place.root / "fleet").exists()


def test_switching_it_on_where_flux_comes_from_its_release_s_url_is_refused_until_it_is_vendored(
    repository: Make, flux: str
) -> None:
    fleet = repository(DOCUMENTS.format("false"))
    switch(fleet, OFF, ON)
    before = fleet.files()

    ran = fleet.run("sync", code=2)

    assert "its release's URL would not do; `scaffolder vendor` gets it" in ran.err
    assert fleet.files() == before
    assert "under `lockdown` Flux builds nothing from the web: `scaffolder vendor`" in fleet.run("check", code=1).err
    fleet.run("vendor", "--manifests", flux)
    fleet.run("sync")
    fleet.run("check")


def test_templates_that_do_not_know_it_are_refused_at_its_place(fleet: Place) -> None:
    switch(fleet, OFF, ON)
    fleet.run("sync")
    before = fleet.files()

    ran = fleet.run("update", "--to", "0.2.0", code=3)

    assert "✗ gitops.yaml:3:11: `lockdown` needs templates 0.3.0 or newer, not 0.2.0" in ran.err
    assert fleet.files() == before


def test_an_app_that_is_added_is_locked_down_and_one_that_reaches_out_is_refused(fleet: Place) -> None:
    switch(fleet, OFF, ON)
    fleet.run("sync")

    fleet.run("add-app", "own", "--git", "https://git.example.com/o/own")

    assert "serviceAccountName: flux\n" in fleet.read("stacks/prod/apps/own.yaml")
    fleet.write("gitops/apps/own.yaml", fleet.read("gitops/apps/own.yaml") + "serviceAccountName: root\n")
    assert "under `lockdown` apps are applied as `flux`" in fleet.run("sync", code=3).err


@pytest.mark.parametrize(("before", "after", "way"), [(OFF, ON, "on"), (ON, OFF, "off")])
def test_an_app_that_goes_in_the_same_change_is_warned_of(fleet: Place, before: str, after: str, way: str) -> None:
    switch(fleet, OFF, before)
    fleet.run("add-app", "own", "--git", "https://git.example.com/o/own")
    fleet.run("sync")
    switch(fleet, before, after)
    (fleet.root / "gitops/apps/own.yaml").unlink()

    ran = fleet.run("sync")

    assert f"lockdown is switched {way} and apps are removed with it: own would run on, owned by nobody" in ran.err


def test_where_a_tag_is_pinned_the_apps_come_later_than_the_flags_which_is_told(fleet: Place) -> None:
    fleet.run("pin", "prod", "--tag", "v1.0.0")
    switch(fleet, OFF, ON)

    ran = fleet.run("sync")

    assert "lockdown is switched on at once, but for what prod-1 follow: that waits for the next pin" in ran.err
    assert "tag this commit, and push it together with the one that pins the tag" in ran.err


def test_nothing_is_told_of_a_switch_where_there_is_none(fleet: Place, place: Place, flux: str) -> None:
    switch(fleet, OFF, ON)
    place.write("other.yaml", fleet.read("gitops.yaml"))

    made = place.run("new", "other", "--file", "other.yaml", "--manifests", flux)
    switched = fleet.run("sync")

    assert "switched" not in made.err
    assert "switched" not in switched.err
