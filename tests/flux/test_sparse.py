from __future__ import annotations

import pytest

from scaffolder.flux.versions import knows, minor_of
from tests.spec.support import problems, small
from tests.support.shared import flux_manifests

CLUSTERS = ("{kind: cluster, name: d1, environment: dev}", "{kind: cluster, name: p1, environment: prod}")
ONE = "{kind: cluster, name: p1, environment: prod, path: fleet/p1}"
ROOT = "{kind: cluster, name: p1, environment: prod, path: .}"


def told(listed: str, *documents: str, options: str = "") -> list[str]:
    """What is told of a platform whose Flux fetches some folders alone."""
    flux = f"flux: {{sparseCheckout: {listed}{options}}}"
    return problems(small(*documents).replace("acme,", f"acme, {flux},", 1))


@pytest.mark.parametrize(
    "listed",
    [
        "[clusters, stacks]",
        "[./clusters/, stacks/base, stacks/flux, stacks/pin, stacks/dev, stacks/prod]",
        "[clusters/dev/d1, clusters/prod, stacks, docs]",
        "[.]",
        "[]",
    ],
)
def test_a_list_with_all_that_the_clusters_need_is_fine(listed: str) -> None:
    assert told(listed, *CLUSTERS) == []


@pytest.mark.parametrize(
    ("listed", "missing"),
    [
        ("[clusters]", "cluster `d1` needs `stacks/base`"),
        ("[stacks]", "cluster `d1` needs `clusters/dev/d1`"),
        ("[clusters/dev, stacks]", "cluster `p1` needs `clusters/prod/p1`"),
        ("[clusters/prod/p, clusters/dev, stacks]", "cluster `p1` needs `clusters/prod/p1`"),
        ("[clusters, stacks/base, stacks/flux, stacks/pin, stacks/prod]", "cluster `d1` needs `stacks/dev`"),
    ],
)
def test_a_list_that_lacks_a_folder_is_refused_with_the_whole_list(listed: str, missing: str) -> None:
    whole = "all that is needed: clusters/dev/d1, clusters/prod/p1, stacks"

    assert told(listed, *CLUSTERS) == [f"gitops.yaml:1:53: {missing} too; {whole} (`flux.sparseCheckout`)"]


def test_a_cluster_at_another_path_needs_that() -> None:
    (line,) = told("[clusters, stacks]", ONE)

    assert "cluster `p1` needs `fleet/p1` too; all that is needed: fleet/p1, stacks" in line


def test_a_cluster_in_the_root_needs_everything() -> None:
    (line,) = told("[stacks]", ROOT)

    assert "cluster `p1` needs `.` too; all that is needed: ." in line


def test_a_flux_that_does_not_know_it_is_refused() -> None:
    (line,) = told("[clusters, stacks]", *CLUSTERS, options=", version: v2.5.0")

    assert "`sparseCheckout` is known to Flux from 2.6 on, not to v2.5.0 (`flux.sparseCheckout`)" in line


def test_a_flux_that_is_none_is_told_once() -> None:
    (line,) = told("[clusters, stacks]", *CLUSTERS, options=", version: latest")

    assert "`latest` is not a Flux release" in line


@pytest.mark.parametrize("release", ["v2.2.3", "v2.6.4", "v2.7.5", "v2.8.8", "v2.9.4"])
def test_a_release_s_own_definition_knows_it_when_it_is_said_to(release: str) -> None:
    definition = flux_manifests(release)["source-controller.yaml"]

    assert ("              sparseCheckout:\n" in definition) is knows("sparseCheckout", minor_of(release))
