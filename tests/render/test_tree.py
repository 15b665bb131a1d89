"""The rules of a generated tree, held by the real kustomize and kubeconform against the CRDs of each Flux."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from scaffolder.flux import components
from scaffolder.flux.options import install
from scaffolder.plan.vendor import path_of
from scaffolder.spec.model import LAYERS
from tests.judges.artifact import artifact
from tests.judges.build import Builder
from tests.judges.cluster import Cluster
from tests.judges.repository import judge, walked
from tests.render.trees import APPS, spec_of, tree_of
from tests.support.shared import flux_release, texts

AWKWARD = {
    "NUMBER": "2",
    "FLAG": "true",
    "OCTAL": "0123",
    "EMPTY": "",
    "HASH": "a: b # c",
    "QUOTED": 'say "hi" \\ $HOME',
    "DOLLARS": "${NUMBER} $$ $",
    "BRACES": "{a: [b]} - @x",
    "TIME": "12:30",
    "SPACES": "  a  b  ",
}
FLEET = f"""
    kind: platform
    name: acme
    domain: example.com
    variables: {{LOG_LEVEL: info, {yaml.safe_dump(AWKWARD, default_flow_style=True, width=9999).strip()[1:-1]}}}
    flux: {{version: FLUX, secretName: fleet-login}}
    ---
    kind: environment
    name: dev
    ---
    kind: environment
    name: prod
    after: dev
    ref: refs/tags/v1.0.0
    ---
    kind: environment
    name: empty
    ---
    kind: cluster
    name: dev-1
    environment: dev
    ---
    kind: cluster
    name: "1e3"
    environment: prod
    path: fleet/eu/west-1/1e3
    variables: {{LOG_LEVEL: "off"}}
    """
TENANTS = ["{kind: tenant, name: '1e3'}\n", "{kind: tenant, name: default}\n", "{kind: tenant, name: kube-system}\n"]
AGENT = """
    kind: tenant
    name: kube-system
    ---
    kind: app
    name: agent
    namespace: kube-system
    chart: {name: agent, url: https://charts.example.com}
    """
IN_THE_ROOT = """
    kind: platform
    name: acme
    flux: {version: FLUX}
    ---
    kind: environment
    name: prod
    ---
    kind: cluster
    name: prod
    environment: prod
    path: .
    ---
    kind: app
    name: web
    chart: {name: web, url: https://charts.example.com}
    overlays: {prod: {values: {a: 1}}}
    ---
    kind: app
    name: oci
    chart: {url: oci://charts.example.com/oci, version: 1.2.3}
    overlays: {prod: {version: 1.x, suspend: true}}
    ---
    kind: app
    name: source
    git: {url: https://example.com/o/r}
    """


def written(root: Path, *documents: str) -> Path:
    """The tree of some documents on a disk, Flux's components included."""
    spec = spec_of(*documents)
    files = tree_of(spec)
    for name in spec.names("cluster"):
        asked = install(spec, spec.cluster(name))
        files[path_of(spec, name)] = components.render(asked, texts(flux_release(asked.version))).encode()
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


@pytest.mark.parametrize("flux", ["v2.2.3", "v2.9.4"])
def test_nothing_is_wrong_with_a_fleet(flux: str, tmp_path: Path) -> None:
    root = written(tmp_path, FLEET.replace("FLUX", flux), APPS, AGENT)

    assert judge(root, kubernetes="1.33", flux=flux, manifests=flux_release(flux)) == []


@pytest.mark.parametrize(
    ("flux", "ahead"),
    [("v2.2.3", "v2.7.5"), ("v2.6.4", "v2.9.4"), ("v2.7.5", "v2.8.8"), ("v2.8.8", "v2.9.4"), ("v2.9.4", "v2.9.4")],
)
def test_nothing_is_wrong_with_a_cluster_in_the_root_nor_with_one_whose_flux_is_ahead(
    flux: str, ahead: str, tmp_path: Path
) -> None:
    newer = f"{{kind: cluster, name: newer, environment: prod, flux: {{version: {ahead}}}}}\n"
    root = written(tmp_path, IN_THE_ROOT.replace("FLUX", flux), newer)

    assert judge(root, kubernetes="1.33", flux=flux, manifests=flux_release(flux)) == []


def test_another_namespace_of_flux_is_everywhere_or_nowhere(tmp_path: Path) -> None:
    root = written(tmp_path, FLEET.replace("FLUX", "v2.9.4, namespace: gitops"), AGENT)

    assert judge(root, kubernetes="1.33", flux="v2.9.4", manifests=flux_release("v2.9.4")) == []
    generated = [file for file in root.rglob("*") if file.is_file() and file.name != "gotk-components.yaml"]
    assert not [file for file in generated if b"flux-system" in file.read_bytes()]


@pytest.fixture(scope="module")
def walked_fleet(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Cluster]]:
    """The fleet without its tenants and apps, and what each of its clusters would get."""
    root = written(tmp_path_factory.mktemp("fleet"), FLEET.replace("FLUX", "v2.9.4"), *TENANTS)
    with artifact(root) as copy:
        return root, {cluster.folder: cluster for cluster in walked(Builder(copy.root))}


@pytest.mark.parametrize(("folder", "log_level"), [("clusters/dev/dev-1", "info"), ("fleet/eu/west-1/1e3", "off")])
def test_variables_arrive_in_every_namespace_exactly_as_they_were_written(
    walked_fleet: tuple[Path, dict[str, Cluster]], folder: str, log_level: str
) -> None:
    maps = walked_fleet[1][folder].config_maps

    for namespace in ("flux-system", "1e3", "default", "kube-system"):
        found = maps[namespace, "cluster-vars"]
        assert {name: found[name] for name in AWKWARD} == AWKWARD
        assert found["LOG_LEVEL"] == log_level


def test_a_namespace_that_is_not_ours_is_furnished_and_neither_made_nor_pruned(
    walked_fleet: tuple[Path, dict[str, Cluster]],
) -> None:
    objects = [placed.object for placed in walked_fleet[1]["clusters/dev/dev-1"].objects]

    assert {("ConfigMap", "default"), ("ConfigMap", "kube-system")} <= {(o.kind, o.namespace) for o in objects}
    assert {found.name for found in objects if found.kind == "Namespace"} == {"flux-system", "1e3"}


def test_every_folder_that_a_layer_points_to_stays_when_its_last_member_goes(
    walked_fleet: tuple[Path, dict[str, Cluster]],
) -> None:
    root, clusters = walked_fleet

    layers = [placed.object for cluster in clusters.values() for placed in cluster.objects]
    paths = {str(layer.spec["path"]) for layer in layers if layer.flux_kustomization and layer.name in LAYERS}

    assert len(paths) == 6 * 2 + 2
    assert all((root / path / ".gitkeep").is_file() for path in paths)
