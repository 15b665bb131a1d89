from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.judges import rules
from tests.judges.build import Builder
from tests.judges.cluster import Cluster
from tests.judges.objects import Object
from tests.judges.small_tree import Tree, layer, object_of
from tests.judges.validate import Placed

FLAGS = {"containers": [{"name": "manager", "args": ["--no-cross-namespace-refs=true"]}]}
CONTROLLER = object_of("Deployment", "kustomize-controller", namespace="gitops", spec={"template": {"spec": FLAGS}})
ACCOUNT = object_of("ServiceAccount", "flux", namespace="web")
SUBJECT = {"kind": "ServiceAccount", "name": "flux", "namespace": "web"}
BINDING = object_of("RoleBinding", "flux", namespace="web", subjects=[SUBJECT])
FLEET = object_of("GitRepository", "fleet", namespace="web")
SOURCE = {"kind": "GitRepository", "name": "fleet"}


def app(**fields: Any) -> Tree:
    spec = {"serviceAccountName": "flux", "sourceRef": SOURCE, "targetNamespace": "web", **fields}
    return layer("web", "apps/dev/web", namespace="web", **spec)


def release(**fields: Any) -> Tree:
    chart = {"chartRef": {"kind": "OCIRepository", "name": "web", **fields}}
    return object_of("HelmRelease", "web", "helm.toolkit.fluxcd.io/v2", namespace="web", spec=chart)


def told(root: Path, *objects: Tree) -> list[str]:
    """What is wrong with a cluster of some objects."""
    placed = [Placed("x", Object(yaml.safe_dump(found))) for found in objects]
    found = rules.lockdown(Cluster("one", Builder(root), objects=placed))
    return [str(finding).partition(": ")[2].partition(": ")[2].removesuffix(" (cluster one)") for finding in found]


def test_an_app_with_its_account_and_its_source_is_locked_down(tmp_path: Path) -> None:
    assert told(tmp_path, CONTROLLER, ACCOUNT, BINDING, FLEET, app()) == []


def test_without_the_flags_nothing_is_asked_of_apps(tmp_path: Path) -> None:
    assert told(tmp_path, app(serviceAccountName="")) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"serviceAccountName": ""}, "no serviceAccountName"),
        ({"serviceAccountName": "other"}, "the account web/other is not there, or bound to nothing"),
        ({"sourceRef": {**SOURCE, "namespace": "gitops"}}, "GitRepository gitops/fleet is of another namespace"),
        ({"targetNamespace": "other"}, "targetNamespace is not web"),
    ],
)
def test_what_an_app_reaches_for_outside_is_found(fields: Tree, message: str, tmp_path: Path) -> None:
    assert told(tmp_path, CONTROLLER, ACCOUNT, BINDING, FLEET, app(**fields)) == [message]


def test_a_release_without_an_account_and_with_a_foreign_chart_is_found(tmp_path: Path) -> None:
    found = told(tmp_path, CONTROLLER, ACCOUNT, BINDING, FLEET, release(namespace="other"))

    assert found == ["no serviceAccountName", "OCIRepository other/web is of another namespace"]


def test_a_namespace_without_its_furniture_is_found(tmp_path: Path) -> None:
    elsewhere = {**BINDING, "subjects": [{**SUBJECT, "namespace": "tenant"}]}

    found = told(tmp_path, CONTROLLER, ACCOUNT, elsewhere, app())

    assert found == [
        "the account web/flux is not there, or bound to nothing",
        "the namespace has no GitRepository fleet",
    ]
