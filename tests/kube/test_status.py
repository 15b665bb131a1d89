from __future__ import annotations

from typing import Any

import pytest

from scaffolder.kube.status import rolling, unready


def of_flux(status: str, *, observed: int = 2, message: str = "", **spec: Any) -> dict[str, Any]:
    ready = {"type": "Ready", "status": status, "reason": "x", "message": message}
    found = {"observedGeneration": observed, "conditions": [ready]}
    return {"kind": "Kustomization", "metadata": {"generation": 2}, "spec": spec, "status": found}


def test_what_is_true_of_the_latest_change_is_ready() -> None:
    assert unready(of_flux("True")) == ""


def test_what_is_true_of_an_older_change_is_not() -> None:
    assert unready(of_flux("True", observed=1)) == "its latest change is not seen yet"


def test_a_reason_is_told_on_one_line() -> None:
    assert unready(of_flux("False", message="no such\n path")) == "no such path"


def test_what_is_suspended_is_not_waited_for() -> None:
    assert unready(of_flux("False", observed=1, suspend=True)) == ""


def test_what_says_nothing_yet_is_not_ready() -> None:
    assert unready({"kind": "GitRepository", "metadata": {"generation": 1}, "status": {"conditions": None}})


def deployment(**status: int) -> dict[str, Any]:
    return {"kind": "Deployment", "metadata": {"generation": 1}, "spec": {"replicas": 2}, "status": status}


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({"observedGeneration": 1, "updatedReplicas": 2, "availableReplicas": 2}, ""),
        ({"observedGeneration": 1, "updatedReplicas": 2, "availableReplicas": 1}, "1 of 2 pods are available"),
        ({"observedGeneration": 1, "updatedReplicas": 1, "availableReplicas": 2}, "1 of 2 pods are new"),
        ({"updatedReplicas": 2, "availableReplicas": 2}, "its latest change is not seen yet"),
    ],
)
def test_a_deployment_is_rolled_out_when_every_pod_is_new_and_there(status: dict[str, int], reason: str) -> None:
    assert rolling(deployment(**status)) == reason
