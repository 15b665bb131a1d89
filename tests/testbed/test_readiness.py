from __future__ import annotations

from typing import Any

import pytest

from tests.testbed.readiness import unready


def found(kind: str, observed: int = 2, says: str = "True", **status: Any) -> dict[str, Any]:
    ready = {"type": "Ready", "status": says, "reason": "Because", "message": "of this"}
    return {
        "kind": kind,
        "metadata": {"generation": 2},
        "spec": {"replicas": 2},
        "status": {"observedGeneration": observed, "conditions": [ready], **status},
    }


def test_what_says_that_it_is_ready_is() -> None:
    assert unready(found("Kustomization")) == ""


def test_what_is_not_ready_says_why() -> None:
    assert unready(found("Kustomization", says="False")) == "Because: of this"


def test_ready_before_the_latest_change_is_not_ready() -> None:
    assert "latest change" in unready(found("Kustomization", observed=1))


@pytest.mark.parametrize("kind", ["ConfigMap", "Alert"])
def test_what_nobody_reconciles_is_ready_when_it_is_there(kind: str) -> None:
    assert unready({"kind": kind, "metadata": {"generation": 1}}) == ""


def test_a_helm_repository_in_a_registry_has_no_status() -> None:
    assert unready({"kind": "HelmRepository", "metadata": {"generation": 1}, "spec": {"type": "oci"}}) == ""
    assert unready({"kind": "HelmRepository", "metadata": {"generation": 1}, "spec": {}})


@pytest.mark.parametrize(
    ("counts", "ready"), [((2, 2, 2), True), ((3, 2, 2), False), ((2, 1, 2), False), ((2, 2, 1), False)]
)
def test_a_deployment_is_ready_when_only_new_replicas_run(counts: tuple[int, int, int], *, ready: bool) -> None:
    status: dict[str, Any] = dict(zip(("replicas", "updatedReplicas", "availableReplicas"), counts, strict=True))

    assert (unready(found("Deployment", **status)) == "") is ready
