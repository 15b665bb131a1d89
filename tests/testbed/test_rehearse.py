"""`rehearse` on real controllers. They run beside the cluster, so they outlive the Flux that is taken away."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.judges.tools import require
from tests.support.place import Place
from tests.support.shared import flux_release
from tests.testbed.bed import Bed
from tests.testbed.processes import eventually

DOCUMENTS = """
    {kind: platform, name: acme, domain: example.com}
    ---
    {kind: environment, name: dev}
    ---
    {kind: environment, name: prod, ref: refs/tags/v1}
    ---
    {kind: cluster, name: dev-1, environment: dev}
    ---
    {kind: cluster, name: prod-1, environment: prod}
    ---
    {kind: app, name: web, image: {name: nginx, tag: 1.14.2, replicas: 2}}
    """
REPLACE = "--replace-flux=testbed"


@pytest.fixture(autouse=True)
def _reached(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("KUBECONFIG", str(bed.plane.kubeconfig))
    monkeypatch.setenv("PATH", str(require("kubectl").parent), prepend=":")
    yield
    if not bed.kubectl("get", "crd", "--output=name"):  # Flux is gone
        bed.renew()


@pytest.fixture
def fleet(place: Place) -> Place:
    """A repository whose tag v1 is what production follows."""
    place.write("documents.yaml", DOCUMENTS)
    place.run("new", "fleet", "--file=documents.yaml", f"--manifests={flux_release('v2.9.4')}")
    fleet = place.inside("fleet")
    fleet.git("tag", "v1")
    return fleet


def namespaces(bed: Bed) -> set[str]:
    """Those beside Flux's own, which the bed has from the start."""
    return {each["metadata"]["name"] for each in bed.api.list("Namespace")} - {"flux-system"}


def test_every_cluster_comes_up_as_its_work_tree_and_pins_say_and_goes_again(bed: Bed, fleet: Place) -> None:
    fleet.run("add-app", "late", "--image=nginx:1.25", "--environment=dev")  # not even committed
    before = namespaces(bed), fleet.git("status", "--porcelain"), fleet.git("for-each-ref"), fleet.git("count-objects")

    ran = fleet.run("rehearse", REPLACE, "--output=json", "--timeout=90s")

    layers = [(layer["cluster"], layer["name"]) for layer in json.loads(ran.out)["layers"]]
    assert {("dev-1", "apps"), ("dev-1", "tenants"), ("prod-1", "crds"), ("prod-1", "cluster-apps")} <= set(layers)
    assert all(layer["ready"] for layer in json.loads(ran.out)["layers"])
    after = namespaces(bed), fleet.git("status", "--porcelain"), fleet.git("for-each-ref"), fleet.git("count-objects")
    assert after == before


def test_what_a_branch_breaks_is_told_by_cluster_and_layer(bed: Bed, fleet: Place) -> None:
    fleet.git("switch", "-qc", "broken")
    fleet.run("add-app", "bad", "--git=http://127.0.0.1:9/x.git", "--path=./", "-e", "dev")
    fleet.commit()
    fleet.git("switch", "-q", "-")

    said = fleet.run("rehearse", REPLACE, "--branch=broken", "--cluster=dev-1", "--timeout=25s", code=1).err

    assert "✔ dev-1: tenants is ready" in said
    assert "✗ dev-1: apps: GitRepository bad/bad: failed to checkout" in said
    assert "✗ 0 of 1 cluster came up whole on `testbed`" in said
    assert not {"web", "bad"} & namespaces(bed)


@contextlib.contextmanager
def begun(bed: Bed, fleet: Place) -> Iterator[subprocess.Popen[str]]:
    """A rehearsal that has come as far as its first app."""
    command = [sys.executable, "-m", "scaffolder", "rehearse", REPLACE, "--cluster=dev-1", "--timeout=5m"]
    with subprocess.Popen(command, cwd=fleet.root, stderr=subprocess.PIPE, text=True) as process:
        try:
            eventually(lambda: "web" in namespaces(bed), 90, lambda: "the rehearsal did not begin")
            yield process
        finally:
            process.kill()


def test_a_killed_rehearsal_is_taken_away_by_the_next(bed: Bed, fleet: Place) -> None:
    with begun(bed, fleet) as killed:
        killed.kill()

    said = fleet.run("rehearse", "--cluster=dev-1", "--timeout=90s").err  # without leave: what is there is ours

    assert said.count("taking the rehearsal away") == 2
    assert "✔ 1 of 1 cluster came up whole on `testbed`" in said
    assert "web" not in namespaces(bed)


def test_one_that_is_told_to_end_takes_everything_away_and_another_does_not_disturb_it(
    bed: Bed, fleet: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    fleet.git("clone", "-q", ".", "../other")  # in the same one, they wait for each other
    with begun(bed, fleet) as process:
        refused = Place(fleet.root.parent / "other").run("rehearse", "--cluster=dev-1", code=8).err
        assert "a rehearsal from `" in refused
        process.terminate()
        said = process.communicate(timeout=120)[1]

    assert process.returncode == 130
    assert said.endswith("✗ interrupted\n  run the command again to finish it\n")
    assert "✔ nothing of it is left" in said
    assert "web" not in namespaces(bed)
    assert not bed.kubectl("get", "crd", "--output=name")
    assert list(scratch.iterdir()) == []


def test_a_cluster_with_flux_is_left_alone_unless_it_is_named(bed: Bed, fleet: Place) -> None:
    before = namespaces(bed)

    assert "the cluster `testbed` has Flux already" in fleet.run("rehearse", code=8).err
    assert "this is the cluster `testbed`" in fleet.run("rehearse", "--replace-flux=other", code=2).err

    assert namespaces(bed) == before


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--cluster=qa-1",), "there is no cluster `qa-1`"),
        (("--branch=lost",), "--branch `lost`: there is no such branch here"),
        (("--listen=192.0.2.1",), "--listen 192.0.2.1"),
        (("--timeout=soon",), "--timeout soon"),
    ],
)
def test_flags_that_cannot_be_meant_touch_nothing(bed: Bed, fleet: Place, flags: tuple[str, ...], said: str) -> None:
    before = namespaces(bed)

    assert said in fleet.run("rehearse", REPLACE, *flags, code=2).err
    assert namespaces(bed) == before


def test_a_pin_that_is_not_here_is_named(fleet: Place) -> None:
    fleet.git("tag", "-d", "v1")

    said = fleet.run("rehearse", REPLACE, code=2).err

    assert "refs/tags/v1 is followed, and is not here" in said
