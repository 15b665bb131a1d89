from __future__ import annotations

from typing import Any

from scaffolder.kube.progress import Progress, progress, watched


def flux(kind: str, namespace: str, name: str, owner: tuple[str, str] | None, problem: str = "") -> dict[str, Any]:
    labels = dict(zip(("namespace", "name"), owner, strict=True)) if owner else {}
    ready = {"type": "Ready", "status": "False" if problem else "True", "message": problem}
    named = {f"kustomize.toolkit.fluxcd.io/{key}": value for key, value in labels.items()}
    metadata = {"namespace": namespace, "name": name, "generation": 1, "labels": named}
    return {"kind": kind, "metadata": metadata, "status": {"observedGeneration": 1, "conditions": [ready]}}


ROOT = ("flux-system", "flux-system")
LAYERS = [
    flux("Kustomization", "flux-system", "flux-system", ROOT),
    flux("GitRepository", "flux-system", "fleet", ROOT),
    flux("Kustomization", "flux-system", "tenants", ROOT),
    flux("Kustomization", "flux-system", "apps", ROOT),
]


def test_what_is_not_ready_is_told_at_its_layer_however_deep_it_is() -> None:
    app = flux("Kustomization", "web", "podinfo", ("flux-system", "apps"))
    release = flux("HelmRelease", "web", "podinfo", ("web", "podinfo"), "no such chart")

    found = progress([*LAYERS, app, release], "flux-system")

    assert found.problems == {
        "flux-system": (),
        "tenants": (),
        "apps": ("HelmRelease web/podinfo: no such chart",),
    }
    assert not found.done


def test_it_is_done_when_every_layer_is_ready_and_not_when_there_is_none() -> None:
    assert progress(LAYERS, "flux-system").done
    assert not progress([], "flux-system").done


def test_what_only_waits_for_another_is_not_the_first_problem() -> None:
    waits = flux("Kustomization", "flux-system", "tenants", ROOT, "dependency 'flux-system/crds' is not ready")
    broken = flux("GitRepository", "flux-system", "fleet", ROOT, "no such host")

    assert progress([waits, broken], "flux-system").first == "GitRepository flux-system/fleet: no such host"
    assert progress([waits], "flux-system").first.endswith("dependency 'flux-system/crds' is not ready")


def test_owners_in_a_circle_are_nobody_s_layer() -> None:
    one = flux("Kustomization", "web", "one", ("web", "two"))
    two = flux("Kustomization", "web", "two", ("web", "one"))

    assert set(progress([one, two], "flux-system").problems) == {"flux-system"}


def test_a_layer_is_told_once_when_all_of_it_is_ready() -> None:
    seen = [Progress({"crds": (), "apps": ("x",)}), Progress({"crds": (), "apps": ()})]
    told: list[str] = []
    problem = watched(lambda: seen.pop(0), told.append)

    assert problem() == "x"
    assert told == ["crds"]
    assert problem() == ""
    assert told == ["crds", "apps"]
