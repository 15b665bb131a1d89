from __future__ import annotations

import pytest
import yaml

from scaffolder.flux.versions import (
    CONTROLLERS,
    KNOWN,
    KUBERNETES,
    LAST_SERVED,
    NEWEST,
    STORED,
    Minor,
    api,
    highest_beside,
    knows,
    minor_of,
)
from tests.support.shared import flux_manifests, flux_release, texts

RELEASES = ["v2.2.3", "v2.6.4", "v2.7.5", "v2.8.8", "v2.9.4"]


@pytest.mark.parametrize(
    ("version", "minor"), [("v2.9.4", (2, 9)), ("v2.2.0", (2, 2)), ("v2.10.0-rc.1", None), ("v2.9.0-rc.1", (2, 9))]
)
def test_a_release_belongs_to_its_minor_version(version: str, minor: tuple[int, int] | None) -> None:
    if minor:
        assert minor_of(version) == Minor(*minor)
    else:
        with pytest.raises(ValueError, match=r"Flux 2\.10 is not known: 2\.2 to 2\.9 are"):
            minor_of(version)


@pytest.mark.parametrize(
    "version", ["", "latest", "v2.9", "v2", "2.9.4", "v2.9.4 ", "v2.9.4\n", "v2.9.4/../x", "v2.9.x"]
)
def test_what_is_no_release_is_told_with_one_that_is(version: str) -> None:
    with pytest.raises(ValueError, match=r"is not a Flux release such as v2\.9\.4"):
        minor_of(version)


def test_a_release_without_its_v_is_answered_with_the_right_spelling() -> None:
    with pytest.raises(ValueError, match=r"write v2\.8\.0$"):
        minor_of("2.8.0")


def test_minors_order_as_numbers() -> None:
    assert Minor(2, 9) < Minor(2, 10)
    assert str(Minor(2, 10)) == "2.10"


def test_every_table_covers_every_minor_that_is_known() -> None:
    assert set(KUBERNETES) == set(KNOWN)
    assert all(rows[0][0] == KNOWN[0] for rows in STORED.values())
    assert minor_of(NEWEST) == KNOWN[-1]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("kind", STORED)
def test_what_is_written_is_what_the_releases_own_definitions_store(release: str, kind: str) -> None:
    group, version = api(kind, minor_of(release)).split("/")
    definitions = [
        text
        for text in "\n---\n".join(texts(flux_release(release)).values()).split("\n---\n")
        if f"\n    kind: {kind}\n" in text
    ]

    (definition,) = [
        text for text in definitions if f"\n  group: {group}\n" in text and "kind: CustomResourceDefinition" in text
    ]

    stored = [block for block in definition.split("\n  - ")[1:] if "\n    storage: true" in block]
    assert [f"\n    name: {version}\n" in block for block in stored] == [True]


@pytest.mark.parametrize("release", RELEASES)
def test_a_release_has_the_controllers_that_are_said_of_it(release: str) -> None:
    files = {name.removesuffix(".yaml") for name in flux_manifests(release)}

    assert {name for name, since in CONTROLLERS.items() if since <= minor_of(release)} == files - {"rbac", "policies"}


@pytest.mark.parametrize(
    ("oldest", "highest"), [("2.2", "2.7"), ("2.3", "2.7"), ("2.5", "2.7"), ("2.6", "2.9"), ("2.9", "2.9")]
)
def test_the_newest_flux_beside_another_still_serves_what_is_written_for_it(oldest: str, highest: str) -> None:
    assert str(highest_beside(Minor(*map(int, oldest.split("."))))) == highest


@pytest.mark.parametrize("release", RELEASES)
def test_an_api_version_is_served_until_its_last_minor(release: str) -> None:
    minor = minor_of(release)
    known = {version for rows in STORED.values() for since, version in rows if since <= minor}

    served = {
        f"{crd['spec']['group']}/{version['name']}"
        for text in texts(flux_release(release)).values()
        for crd in yaml.load_all(text, yaml.CSafeLoader)
        if crd and crd["kind"] == "CustomResourceDefinition" and crd["spec"]["names"]["kind"] in STORED
        for version in crd["spec"]["versions"]
        if version["served"]
    }

    assert {version for version in known if LAST_SERVED.get(version, minor) >= minor} == known & served


@pytest.mark.parametrize(
    ("what", "first"),
    [
        ("chartRef", "2.3"),
        ("strictSubstitutionGate", "2.3"),
        ("deletionPolicy", "2.5"),
        ("watchLabel", "2.7"),
        ("cancelHealthCheckGate", "2.7"),
        ("cancelReleaseWaitGate", "2.9"),
        ("strictSubstitution", "2.9"),
    ],
)
def test_what_a_minor_brought_is_known_from_it_on_and_not_before(what: str, first: str) -> None:
    minors = list(map(str, KNOWN))

    assert [str(minor) for minor in KNOWN if knows(what, minor)] == minors[minors.index(first) :]
