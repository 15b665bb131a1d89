"""Argo CD looks at what Flux does: an Application over an app's wiring applies nothing, and shows how the app fares."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
import yaml

from tests.testbed.api import Object
from tests.testbed.argocd import NAMESPACE
from tests.testbed.bed import Bed
from tests.testbed.gitserver import Repository
from tests.testbed.objects import config_map, deployment, git_repository, kustomization

NUMBERS = itertools.count(1)

FINALIZER = "resources-finalizer.argocd.argoproj.io"
TRACKING = "argocd.argoproj.io/tracking-id"
WIRING = "stacks/dev/apps/web.yaml"


@pytest.fixture
def space(argocd: Bed) -> Iterator[str]:
    """A namespace; the Application that looks at it has the same name."""
    name = f"argocd-{next(NUMBERS)}"
    argocd.kubectl("create", "namespace", name)
    yield name
    delete(argocd, name)
    argocd.kubectl("delete", "kustomization,gitrepository", "--all", f"--namespace={name}", "--timeout=60s")
    argocd.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def fleet(argocd: Bed, space: str) -> Repository:
    """An app's wiring, and the layer that brings it: what Flux makes of it is ready."""
    repository = argocd.git.repository(space)
    repository.commit(
        {
            WIRING: wiring(space, tracked(space)),
            "apps/dev/web/web.yaml": config_map("web") + "---\n" + deployment("web"),
        }
    )
    layer = kustomization("layer", "fleet", "./stacks/dev/apps", interval="2s")
    argocd.apply(git_repository("fleet", repository.url, interval="2s"), layer, namespace=space)
    argocd.ready("Kustomization/layer", "Kustomization/web", "Deployment/web", namespace=space)
    return repository


def wiring(space: str, annotations: dict[str, str]) -> str:
    """The Flux Kustomization of the app `web`."""
    found = kustomization("web", "fleet", "./apps/dev/web", wait=True, targetNamespace=space, timeout="5s")
    found["metadata"] |= {"namespace": space, "annotations": annotations}
    return yaml.safe_dump(found)


def tracked(space: str) -> dict[str, str]:
    return {TRACKING: f"{space}:kustomize.toolkit.fluxcd.io/Kustomization:{space}/web"}


def application(space: str, url: str, **metadata: object) -> Object:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": space, **metadata},
        "spec": {
            "project": "default",
            "source": {
                "repoURL": url,
                "path": "stacks/dev/apps",
                "targetRevision": "refs/heads/main",
                "directory": {"include": "web.yaml"},
            },
            "destination": {"server": "https://kubernetes.default.svc", "namespace": space},
        },
    }


def shown(found: Object) -> str:
    """What the list of Applications says."""
    status = found.get("status", {})
    return f"{status.get('sync', {}).get('status')} {status.get('health', {}).get('status')}"


def until(bed: Bed, name: str, wanted: str) -> Object:
    return bed.until(f"Application/{name}", lambda found: shown(found) == wanted, namespace=NAMESPACE)


def identity(bed: Bed, space: str) -> str:
    """Of the app's Deployment: another one has another."""
    found = bed.get("Deployment/web", space)
    assert found
    return str(found["metadata"]["uid"])


def delete(bed: Bed, name: str) -> None:
    bed.kubectl("delete", "application", name, f"--namespace={NAMESPACE}", "--ignore-not-found", "--timeout=60s")


def test_an_application_over_an_apps_wiring_is_synced_and_healthy_though_it_applies_nothing(
    argocd: Bed, space: str, fleet: Repository
) -> None:
    argocd.apply(application(space, fleet.url), namespace=NAMESPACE)

    found = until(argocd, space, "Synced Healthy")
    assert [(each["kind"], each["name"]) for each in found["status"]["resources"]] == [("Kustomization", "web")]
    assert "operationState" not in found["status"]


def test_without_the_tracking_id_it_is_out_of_sync(argocd: Bed, space: str, fleet: Repository) -> None:
    argocd.apply(application(space, fleet.url), namespace=NAMESPACE)
    until(argocd, space, "Synced Healthy")

    fleet.commit({WIRING: wiring(space, {})})

    until(argocd, space, "OutOfSync Healthy")


def test_an_app_that_flux_cannot_apply_is_degraded_until_it_is_repaired(
    argocd: Bed, space: str, fleet: Repository
) -> None:
    argocd.apply(application(space, fleet.url), namespace=NAMESPACE)
    until(argocd, space, "Synced Healthy")

    fleet.commit({"apps/dev/web/broken.yaml": "kind: ConfigMap\n"})
    until(argocd, space, "Synced Degraded")

    fleet.commit({"apps/dev/web/broken.yaml": None})
    until(argocd, space, "Synced Healthy")


def test_stopped_and_started_again_it_sees_what_happened_meanwhile(argocd: Bed, space: str, fleet: Repository) -> None:
    argocd.apply(application(space, fleet.url), namespace=NAMESPACE)
    until(argocd, space, "Synced Healthy")
    argocd.argocd.stop()
    fleet.commit({WIRING: wiring(space, {})})

    argocd.argocd.start()

    until(argocd, space, "OutOfSync Healthy")


def test_without_a_finalizer_only_the_application_goes(argocd: Bed, space: str, fleet: Repository) -> None:
    argocd.apply(application(space, fleet.url), namespace=NAMESPACE)
    until(argocd, space, "Synced Healthy")
    before = identity(argocd, space)

    delete(argocd, space)

    argocd.flux("reconcile", "kustomization", "web", f"--namespace={space}", "--timeout=20s")
    assert identity(argocd, space) == before


def test_with_the_finalizer_the_app_goes_too_and_nothing_is_left(argocd: Bed, space: str, fleet: Repository) -> None:
    argocd.apply(application(space, fleet.url, finalizers=[FINALIZER]), namespace=NAMESPACE)
    until(argocd, space, "Synced Healthy")
    argocd.flux("suspend", "kustomization", "layer", f"--namespace={space}")

    delete(argocd, space)

    argocd.gone("Kustomization/web", "Deployment/web", "ConfigMap/web", namespace=space)


def test_what_the_finalizer_took_flux_brings_back_as_long_as_it_stands_in_git(
    argocd: Bed, space: str, fleet: Repository
) -> None:
    argocd.apply(application(space, fleet.url, finalizers=[FINALIZER]), namespace=NAMESPACE)
    until(argocd, space, "Synced Healthy")
    before = identity(argocd, space)

    delete(argocd, space)

    argocd.until("Deployment/web", lambda found: found["metadata"]["uid"] != before, namespace=space)
