"""Under lockdown nothing reaches out of its namespace, held by the real kustomize and kubeconform for each Flux."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.judges.repository import judge
from tests.judges.yaml_readers import read_1_2
from tests.render.test_copier import copied, ours
from tests.render.test_tree import AGENT, written
from tests.render.trees import distinct, spec_of, tree_of
from tests.support.shared import flux_release

FLEET = """
    kind: platform
    name: acme
    lockdown: true
    repository: {url: "https://git.example.com/o/r", visibility: VISIBILITY}
    variables: {NUMBER: "2", HASH: "a: b # c"}
    flux: {version: FLUX, secretName: login}
    ---
    kind: environment
    name: dev
    ---
    kind: environment
    name: prod
    ref: refs/tags/v1.0.0
    ---
    kind: cluster
    name: "1e3"
    environment: dev
    ---
    kind: cluster
    name: prod-1
    environment: prod
    path: .
    """
APPS = """
    kind: tenant
    name: "123"
    ---
    kind: tenant
    name: edge
    clusters: [prod-1]
    ---
    kind: app
    name: "on"
    chart: {name: x, url: "https://charts.example.com"}
    overlays: {prod: {version: 1.2.3, values: {a: 1}}}
    ---
    kind: app
    name: registry
    namespace: "123"
    chart: {url: "oci://charts.example.com/x", version: 1.2.3}
    dependsOn: [{name: "on"}]
    ---
    kind: app
    name: own
    namespace: "123"
    git: {url: "https://git.example.com/o/own"}
    ---
    kind: app
    name: probe
    namespace: edge
    clusters: [prod-1]
    image: {name: nginx, tag: "1.27", port: 80}
    """
NAMESPACE = "tenants/namespace"


def fleet(flux: str = "v2.9.4", visibility: str = "private") -> str:
    return FLEET.replace("FLUX", flux).replace("VISIBILITY", visibility)


@pytest.mark.parametrize(
    "flux", ["v2.2.3", "v2.6.4", "v2.9.4, componentsExtra: [image-reflector-controller, source-watcher]"]
)
def test_nothing_reaches_out_of_its_namespace(flux: str, tmp_path: Path) -> None:
    version = flux.partition(",")[0]
    if "source-watcher" in flux and not (flux_release(version) / "source-watcher.yaml").exists():
        pytest.skip("the flux CLI that is built here carries no source-watcher")
    root = written(tmp_path, fleet(flux), APPS, AGENT)

    assert judge(root, kubernetes="1.33", flux=version, manifests=flux_release(version)) == []


def test_another_namespace_of_flux_is_locked_down_as_well() -> None:
    tree = tree_of(spec_of(fleet("v2.9.4, namespace: toolkit"), APPS))

    assert b"{kind: Kustomization, name: toolkit}" in tree["stacks/flux/kustomization.yaml"]
    assert not [path for path, content in tree.items() if b"flux-system" in content]
    wiring = yaml.safe_load(tree["stacks/prod/apps/on.yaml"])
    assert wiring["spec"]["sourceRef"] == {"kind": "GitRepository", "name": "fleet"}


def test_a_public_repository_is_fetched_without_a_login(tmp_path: Path) -> None:
    root = written(tmp_path, fleet(visibility="public"), APPS)

    (source,) = read_1_2((root / NAMESPACE / "fleet.yaml").read_text())
    assert "secretRef" not in source["spec"]
    assert "kind: Secret" not in (root / "stacks/base/layers.yaml").read_text()
    assert judge(root, kubernetes="1.33", flux="v2.9.4", manifests=flux_release("v2.9.4")) == []


def test_the_login_is_handed_down_by_the_two_layers_that_make_namespaces_and_stands_nowhere() -> None:
    tree = tree_of(spec_of(fleet(), APPS))

    layers = yaml.safe_load_all(tree["stacks/base/layers.yaml"])
    origins = {layer["metadata"]["name"]: layer["spec"].get("postBuild", {}).get("substituteFrom") for layer in layers}
    login = {"kind": "Secret", "name": "login"}
    assert sorted(name for name, listed in origins.items() if login in (listed or ())) == ["cluster-apps", "tenants"]
    _, secret = yaml.safe_load_all(tree[f"{NAMESPACE}/fleet.yaml"])
    assert secret["stringData"] == {
        "password": "${quote}${password}${quote}",
        "username": "${quote}${username}${quote}",
    }


def test_a_namespace_that_is_not_ours_gets_all_but_itself() -> None:
    tree = tree_of(spec_of(fleet(), AGENT))

    text = tree["tenants/base/kube-system/kustomization.yaml"].decode()
    assert "- ../../namespace\n" in text
    assert text.count("$patch: delete") == 1


def test_without_lockdown_nothing_of_it_is_there() -> None:
    tree = tree_of(spec_of(fleet().replace("lockdown: true", "lockdown: false"), APPS))

    assert not {f"{NAMESPACE}/flux.yaml", f"{NAMESPACE}/fleet.yaml"} & tree.keys()
    assert not [path for path, content in tree.items() if b"serviceAccountName" in content or b"Secret" in content]


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_copier_writes_it_as_we_do(visibility: str, tmp_path: Path) -> None:
    spec = spec_of(fleet(visibility=visibility), APPS)

    for number, (unit, data) in enumerate(distinct(spec)):
        assert copied(unit, data, tmp_path / str(number)) == ours(unit, data), unit
