"""Each part on its own: started, stopped, and started again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.judges.tools import require
from tests.testbed import charts
from tests.testbed.bed import Bed
from tests.testbed.client import Client
from tests.testbed.controlplane import ControlPlane
from tests.testbed.objects import config_map
from tests.testbed.processes import Processes, answers, running
from tests.testbed.registry import Registry


@pytest.fixture
def processes() -> Iterator[Processes]:
    with running() as processes:
        yield processes


def test_a_control_plane_keeps_its_objects_while_it_is_stopped(processes: Processes) -> None:
    for name in ("etcd", "kube-apiserver", "kubectl"):
        require(name)
    plane = ControlPlane(processes)
    client = Client(plane.api, {**processes.environment(), "KUBECONFIG": str(plane.kubeconfig)})
    plane.start()
    client.apply(config_map("kept"), namespace="default")

    plane.stop()
    plane.start()

    assert client.get("ConfigMap/kept", "default")
    plane.stop()


def test_a_registry_forgets_what_it_had(processes: Processes) -> None:
    require("crane")
    registry = Registry(processes)
    registry.start()
    charts.push(registry)
    tags = f"http://{registry.host}/v2/charts/{charts.NAME}/tags/list"
    assert answers(tags)

    registry.stop()
    registry.start()

    assert not answers(tags)
    registry.stop()


def test_a_cluster_can_be_had_anew(bed: Bed) -> None:
    bed.apply(config_map("old"), namespace="default")

    bed.renew()

    assert not bed.get("ConfigMap/old", "default")
    assert len(bed.api.list("Node")) == 2
    assert bed.problems() == []
