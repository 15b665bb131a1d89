from __future__ import annotations

import json

import pytest

from scaffolder.kube.kubectl import Kubectl
from scaffolder.kube.removal import left_by_flux

OWNED = {"kustomize.toolkit.fluxcd.io/name": "web", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}


@pytest.mark.parametrize("labels", [OWNED, {"app.kubernetes.io/part-of": "flux"}])
def test_what_a_flux_that_is_gone_has_left_is_seen(kubectl: Kubectl, labels: dict[str, str]) -> None:
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "rules": []}
    before = left_by_flux(kubectl)

    kubectl.apply(json.dumps({**role, "metadata": {"name": "left", "labels": labels}}))
    seen = left_by_flux(kubectl)
    kubectl.delete("clusterroles", "left")

    assert (before, seen, left_by_flux(kubectl)) == (False, True, False)
