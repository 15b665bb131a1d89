"""Whole platforms on the real controllers: what the documents ask for is what runs, and Flux has nothing to say."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.golden import EXAMPLES
from tests.support.place import Place
from tests.testbed import live
from tests.testbed.bed import Bed
from tests.testbed.live import Live
from tests.testbed.readiness import condition
from tests.testbed.supplies import PASSWORD
from tests.toolbox.programs import PROGRAMS

# Of an example, on the last cluster of its last environment: Deployments, and the message of podinfo.
RUNS: dict[str, tuple[dict[str, tuple[str, int]], str]] = {
    "every-source": (
        {
            "edge/probe": ("nginx:1.26.2", 1),
            "legacy/legacy": ("registry.example.com/legacy:2.0.1", 3),
            "podinfo/podinfo": ("example.com/podinfo:6.3.4", 3),
            "shop/cache": ("example.com/cache:1.4.2", 1),
            "shop/payments": ("example.com/payments", 2),
            "shop/shop": ("ghcr.io/acme/shop:1.2.0", 5),
        },
        "Hello from prod-2 in eu-west-1",
    ),
    "forty-clusters": (
        {
            "observability/metrics": ("example.com/prometheus:27.5.1", 1),
            "web/podinfo": ("example.com/podinfo:6.3.5", 3),
            "web/shop": ("example.com/shop", 2),
        },
        "prod-aws-us-east-1-2 on aws, us-east-1",
    ),
    "podinfo": ({"podinfo/podinfo": ("example.com/podinfo:6.3.5", 2)}, "Hello from prod-1"),
    "tenants": (
        {
            "docs/docs": ("nginx:1.27.0", 1),
            "edge/probe": ("nginx:1.27.0", 1),
            "team-a/shop": ("example.com/podinfo:6.3.4", 3),
            "team-a/web": ("nginx:1.27.0", 4),
            "team-b/orders": ("example.com/orders", 2),
        },
        "Hello from prod-2 in eu-west-1",
    ),
    "three-environments": ({"podinfo/podinfo": ("example.com/podinfo:6.3.4", 3)}, "podinfo.example.com"),
    "two-repositories": ({"default/nginx-deployment": ("nginx:1.14.2", 3)}, ""),
}

ACME = """
kind: platform
name: acme
domain: example.com
variables: {LOG_LEVEL: info, REPLICAS: "2", ODD: none}
---
{kind: environment, name: dev}
---
{kind: environment, name: prod, after: dev, ref: refs/tags/v1.0.0, variables: {LOG_LEVEL: warn}}
---
{kind: cluster, name: dev-1, environment: dev}
---
{kind: cluster, name: prod-1, environment: prod}
---
{kind: cluster, name: prod-2, environment: prod, variables: {REPLICAS: "4", ODD: "0123: a # b"}}
---
{kind: tenant, name: default}
---
{kind: tenant, name: team}
---
kind: app
name: db
chart: {name: db, url: "https://charts.example.com", version: 1.2.3}
values: {replicaCount: "${REPLICAS}", level: "${LOG_LEVEL}", host: "$${HOSTNAME}"}
---
kind: app
name: web
namespace: team
dependsOn: [{name: db}]
manifests: {}
overlays: {prod: {replicas: [{name: web, count: 6}]}}
---
kind: app
name: cache
namespace: team
chart: {url: "oci://registry.example.com/charts/cache", version: 1.x}
---
kind: app
name: shop
git: {url: "https://git.example.com/shop.git", path: ./deploy}
overlays: {prod: {images: [{name: ghcr.io/acme/shop, newTag: 2.0.0}]}}
---
kind: app
name: pkg
oci: {url: "oci://registry.example.com/pkg", ref: {semver: 1.x}}
---
kind: app
name: reports
bucket: {bucketName: reports, endpoint: s3.example.com, secretRef: {name: s3}}
---
kind: app
name: kiosk
namespace: default
clusters: [prod-2]
image: {name: nginx, tag: 1.27.0, port: 80, replicas: 3}
---
kind: app
name: elsewhere
clusters: [prod-1]
image: {name: nginx, tag: 1.27.0}
"""
WEB = {
    "kustomization.yaml": "resources: [deployment.yaml]\n",
    "deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "example.com/web:1.0.0"}]}
""",
}
LAYERS = {"crds", "controllers", "configs", "tenants", "argocd", "apps", "cluster-apps"}


def deployments(bed: Bed) -> dict[str, tuple[str, int]]:
    """Image and replicas of each, by namespace and name; without Flux's own."""
    return {
        f"{each['metadata']['namespace']}/{each['metadata']['name']}": (
            container(each)["image"],
            each["spec"]["replicas"],
        )
        for each in bed.api.list("Deployment")
        if each["metadata"]["namespace"] != "flux-system"
    }


def container(deployment: Any) -> Any:
    return deployment["spec"]["template"]["spec"]["containers"][0]


def values(bed: Bed, namespace: str, name: str) -> Any:
    """What a chart of the bed was given."""
    found = bed.get(f"Deployment/{name}", namespace)
    assert found
    return json.loads(container(found)["env"][0]["value"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_gets_ready_on_a_cluster(bed: Bed, name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    platform = live.example(name)
    cluster = list(platform.clusters.values())[-1]

    with live.standing(bed, tmp_path_factory.mktemp(name), platform, cluster):
        found = deployments(bed)
        runs, message = RUNS.get(name, (found, ""))
        podinfo = [where.split("/") for where, (image, _) in runs.items() if image.startswith("example.com/podinfo:")]
        assert found == runs
        assert [values(bed, *where)["ui"]["message"] for where in podinfo] == [message] * len(podinfo)


def test_the_commands_that_bootstrap_prints_bring_a_cluster_to_what_it_follows(bed: Bed, tmp_path: Path) -> None:
    printed = Live(bed, tmp_path, live.example("podinfo"))

    try:
        printed.switch("prod-1")
        for line in commands(printed.bootstrap("--path=clusters/prod/prod-1")):
            shell(printed, line)
        printed.ready()
    finally:
        printed.taken_away()


def commands(said: str) -> list[str]:
    """Those of its next steps that are for a cluster."""
    lines = [line.strip() for line in said.partition("next: ")[2].splitlines()]
    return [line for line in lines if line.startswith(("flux ", "kubectl "))]


def shell(printed: Live, line: str) -> None:
    """As a user types it in the repository, with the cluster at hand."""
    folders = [str(PROGRAMS[name].folder) for name in ("kubectl", "flux")]
    path = ":".join([*folders, printed.bed.environment["PATH"]])
    environment = {**printed.bed.environment, "PATH": path, "GIT_PASSWORD": PASSWORD}
    done = subprocess.run(
        ["sh", "-c", line],
        cwd=printed.place.root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{line}\nended with {done.returncode}\n{done.stdout}{done.stderr}"


def test_controllers_run_with_the_flags_of_the_repository_but_not_with_those_of_a_pod(bed: Bed, place: Place) -> None:
    args = ["--events-addr=http://notification-controller", "--log-level=info", "--no-cross-namespace-refs=true"]
    containers = [{"name": "manager", "args": args}]
    deployment = {"kind": "Deployment", "metadata": {"name": "helm-controller"}}
    place.write("it.yaml", yaml.safe_dump({**deployment, "spec": {"template": {"spec": {"containers": containers}}}}))
    place.write("kustomization.yaml", "resources: [it.yaml]\n")

    asked = live.flags(bed.kubectl("kustomize", place.root))

    assert asked == {"helm-controller": ["--no-cross-namespace-refs=true"]}


@pytest.fixture(scope="module")
def acme(bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """On its cluster prod-2. Since the tag that production follows, the app `late` has come in."""
    folder = tmp_path_factory.mktemp("acme")
    platform = live.written(ACME, {f"apps/base/web/{path}": text for path, text in WEB.items()})
    with live.at_home(folder):
        acme = Live(bed, folder, platform)
        try:
            acme.push()
            acme.place.run("add-app", "late", "--image=nginx:1.27.0")
            acme.place.commit("Add late")
            acme.push()
            acme.install("prod-2")
            acme.ready()
            yield acme
        finally:
            acme.taken_away()


@pytest.mark.usefixtures("acme")
def test_every_source_becomes_what_its_document_asks_for(bed: Bed) -> None:
    found = deployments(bed)

    assert found == {
        "db/db": ("example.com/db:1.2.3", 4),
        "default/kiosk": ("nginx:1.27.0", 3),
        "pkg/pkg": ("example.com/pkg", 2),
        "reports/reports": ("example.com/reports", 2),
        "shop/shop": ("ghcr.io/acme/shop:2.0.0", 2),
        "team/cache": ("example.com/cache:1.0.0", 1),
        "team/web": ("example.com/web:1.0.0", 6),
    }


@pytest.mark.usefixtures("acme")
def test_variables_reach_values_as_what_they_are_and_no_others_are_filled_in(bed: Bed) -> None:
    found = values(bed, "db", "db")

    assert (found["replicaCount"], found["level"], found["host"]) == (4, "warn", "${HOSTNAME}")


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("namespace", ["db", "default", "team"])
def test_variables_are_at_hand_in_every_namespace(bed: Bed, namespace: str) -> None:
    found = bed.get("ConfigMap/cluster-vars", namespace)

    assert found
    assert found["data"]["CLUSTER_NAME"] == "prod-2"
    assert (found["data"]["REPLICAS"], found["data"]["ODD"]) == ("4", "0123: a # b")


@pytest.mark.usefixtures("acme")
def test_the_namespace_default_is_furnished_and_not_owned(bed: Bed) -> None:
    owner = "kustomize.toolkit.fluxcd.io/name"

    labels = {name: bed.api.get("Namespace", name)["metadata"]["labels"] for name in ("default", "team")}  # type: ignore[index]

    assert labels["team"][owner] == "tenants"
    assert owner not in labels["default"]


@pytest.mark.usefixtures("acme")
def test_an_app_waits_for_one_in_another_namespace(bed: Bed) -> None:
    web, db = bed.get("Deployment/web", "team"), bed.get("Kustomization/db", "db")

    assert web
    assert db
    assert web["metadata"]["creationTimestamp"] >= condition(db)["lastTransitionTime"]


def test_a_pinned_cluster_follows_the_tag_and_reads_its_own_folder_from_the_branch(bed: Bed, acme: Live) -> None:
    fleet, own = (bed.get(f"GitRepository/{name}") for name in ("fleet", "flux-system"))
    tag, main = (acme.remote.git("rev-parse", name).strip() for name in ("v1.0.0", "main"))

    assert fleet
    assert own
    assert tag != main
    assert fleet["status"]["artifact"]["revision"] == f"refs/tags/v1.0.0@sha1:{tag}"
    assert own["status"]["artifact"]["revision"] == f"main@sha1:{main}"
    assert bed.get("Kustomization/late", "late") is None


@pytest.mark.usefixtures("acme")
def test_flux_finds_everything_in_order(bed: Bed) -> None:
    states = bed.flux("get", "all", "--all-namespaces", "--no-header", "--status-selector=ready=false")

    assert "True" not in states
    assert "False" not in states
    assert "all checks passed" in bed.flux("check", "--timeout=20s")


@pytest.mark.usefixtures("acme")
def test_flux_s_tree_names_the_layers_and_the_apps(bed: Bed) -> None:
    tree = bed.flux("tree", "kustomization", "flux-system")

    names = set(re.findall(r"Kustomization/(\S+)", tree))
    apps = {"db/db", "team/web", "team/cache", "shop/shop", "pkg/pkg", "reports/reports", "default/kiosk"}
    assert names == {f"flux-system/{layer}" for layer in LAYERS | {"flux-system"}} | apps


def test_flux_builds_a_layer_from_the_work_tree_without_a_cluster(bed: Bed, acme: Live, tmp_path: Path) -> None:
    root = acme.place.root
    layers = acme.place.read("stacks/base/layers.yaml").split("---\n")
    layer = tmp_path / "tenants.yaml"
    layer.write_text(next(each for each in layers if "  name: tenants\n" in each), encoding="utf-8")

    words = ("build", "kustomization", "tenants", f"--path={root}/tenants/prod", f"--kustomization-file={layer}")
    built = [each for each in yaml.safe_load_all(bed.flux(*words, "--dry-run")) if each]

    spaces = {"db", "late", "pkg", "reports", "shop", "team"}
    assert {each["metadata"]["name"] for each in built if each["kind"] == "Namespace"} == spaces
    assert {each["metadata"]["namespace"] for each in built if each["kind"] == "ConfigMap"} == {"default", *spaces}


def test_flux_s_diff_of_what_is_installed_is_empty(bed: Bed, acme: Live) -> None:
    said = bed.flux(
        "diff",
        "kustomization",
        "flux-system",
        f"--path={acme.place.root}/{acme.folder('prod-2')}",
        "--progress-bar=false",
    )

    assert said == ""


def test_flux_bootstrap_changes_nothing_of_ours(bed: Bed, acme: Live) -> None:
    before = acme.remote.git("rev-parse", "main")
    words = (f"--url={acme.remote.url}", "--allow-insecure-http", "--token-auth", f"--password={PASSWORD}")

    said = bed.flux("bootstrap", "git", *words, f"--path={acme.folder('prod-2')}", "--silent", "--timeout=60s")

    assert "component manifests are up to date" in said
    assert "sync manifests are up to date" in said
    assert "all components are healthy" in said
    assert acme.remote.git("rev-parse", "main") == before
    acme.ready()


def test_a_newer_pin_brings_what_came_in_since(bed: Bed, acme: Live) -> None:  # the last one: others see it without
    acme.remote.git("tag", "v1.1.0", "main")
    acme.place.run("pin", "prod", "--tag=v1.1.0")
    acme.place.commit("Pin prod")

    acme.push()
    acme.reconcile()
    acme.ready()

    assert deployments(bed)["late/late"] == ("nginx:1.27.0", 1)
