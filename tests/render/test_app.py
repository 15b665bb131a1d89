from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.render.trees import spec_of, tree_of

SMALL = """
    kind: platform
    name: acme
    flux: {version: v2.9.4}
    ---
    {kind: environment, name: dev}
    ---
    {kind: environment, name: prod}
    ---
    {kind: cluster, name: p1, environment: prod}
    ---
    {kind: tenant, name: team}
    """
CHART = "chart: {name: web, url: https://charts.example.com}"
GIT = "git: {url: https://git.example.com/web}"
IMAGE = "image: {name: nginx, tag: 1.27.0}"


def tree(fields: str) -> dict[str, list[dict[str, Any]]]:
    """The objects of an app `web`, by file."""
    files = tree_of(spec_of(SMALL, f"{{kind: app, name: web, {fields}}}\n"))
    return {path: list(yaml.safe_load_all(text)) for path, text in files.items() if "web" in path}


def test_an_app_s_timeout_is_helm_s_too_unless_it_is_what_flux_takes_by_itself() -> None:
    said = tree(f"{CHART}, timeout: 15m")["apps/base/web/release.yaml"][0]
    unsaid = tree(f"{CHART}, timeout: 300s")["apps/base/web/release.yaml"][0]

    assert said["spec"]["timeout"] == "15m0s"
    assert "timeout" not in unsaid["spec"]


def test_a_release_in_another_namespace_is_remembered_there_as_flux_create_writes_it() -> None:
    spec = tree(f"{CHART}, targetNamespace: team")["apps/base/web/release.yaml"][0]["spec"]

    assert (spec["targetNamespace"], spec["storageNamespace"]) == ("team", "team")


@pytest.mark.parametrize(
    ("fields", "namespace"),
    [(GIT, "web"), (f"{GIT}, namespace: team", "team"), (f"{GIT}, targetNamespace: team", "team")],
)
def test_all_objects_of_manifests_go_into_the_app_s_namespace_or_the_target(fields: str, namespace: str) -> None:
    kustomization = tree(fields)["stacks/dev/apps/web.yaml"][-1]

    assert kustomization["spec"]["targetNamespace"] == namespace


def test_objects_stay_in_their_namespaces_where_the_target_is_empty() -> None:
    kustomization = tree(f'{GIT}, targetNamespace: ""')["stacks/dev/apps/web.yaml"][-1]

    assert "targetNamespace" not in kustomization["spec"]


def test_an_overlay_s_images_and_replicas_replace_the_app_s_and_its_patches_follow() -> None:
    patch = "{patch: 'apiVersion: v1\n\n    kind: A\n\n    metadata: {name: %s}'}"
    own = f"replicas: [{{name: web, count: 1}}], images: [{{name: nginx, newTag: a}}], patches: [{patch % 'a'}]"
    here = f"replicas: [{{name: web, count: 2}}], images: [{{name: nginx, newTag: b}}], patches: [{patch % 'b'}]"

    found = tree(f"{IMAGE}, {own}, overlays: {{prod: {{{here}}}}}")["apps/prod/web/kustomization.yaml"][0]

    assert found["replicas"] == [{"name": "web", "count": 2}]
    assert found["images"] == [{"name": "nginx", "newTag": "b"}]
    assert [yaml.safe_load(patch["patch"])["metadata"]["name"] for patch in found["patches"]] == ["a", "b"]


def test_on_a_single_cluster_stand_the_wiring_and_the_overlay_of_its_environment() -> None:
    found = tree(f"{IMAGE}, clusters: [p1], overlays: {{prod: {{replicas: [{{name: web, count: 2}}]}}}}")

    assert found["clusters/prod/p1/apps/web.yaml"][0]["spec"]["path"] == "./apps/prod/web"
    assert "replicas" in found["apps/prod/web/kustomization.yaml"][0]
    assert not any(path.startswith(("stacks/", "apps/dev/")) for path in found)


@pytest.mark.parametrize("place", ["clusters: [p1]", "environments: [prod]"])
def test_what_is_for_the_app_is_not_substituted_by_the_layer_that_brings_its_wiring(place: str) -> None:
    path = "clusters/prod/p1/apps/web.yaml" if "clusters" in place else "stacks/prod/apps/web.yaml"
    patch = "patches: [{target: {kind: A}, patch: \"- {op: add, path: /a, value: '${B}'}\"}]"

    plain = tree(f"{GIT}, {place}")[path]
    found = tree(f"{GIT}, {place}, {patch}")[path]

    off = {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}
    assert ["annotations" in made["metadata"] for made in plain] == [False, False]
    for made in found:
        assert made["metadata"].get("annotations") == (off if "clusters" in place else None)


@pytest.mark.parametrize(
    ("fields", "sources"),
    [
        (CHART, ["cluster-vars"]),
        (IMAGE, ["cluster-vars"]),
        (GIT, []),
        (f"{GIT}, postBuild: {{substituteFrom: [{{kind: Secret, name: x}}]}}", ["x"]),
        (f"{CHART}, postBuild: {{substituteFrom: [{{kind: Secret, name: x}}]}}", ["cluster-vars", "x"]),
        (f"{CHART}, postBuild: {{substituteFrom: [{{kind: ConfigMap, name: cluster-vars}}]}}", ["cluster-vars"]),
    ],
)
def test_the_cluster_s_variables_come_unasked_only_into_manifests_that_are_ours(
    fields: str, sources: list[str]
) -> None:
    spec = tree(fields)["stacks/dev/apps/web.yaml"][-1]["spec"]

    assert [source["name"] for source in spec.get("postBuild", {}).get("substituteFrom", [])] == sources


@pytest.mark.parametrize(("port", "files"), [("", []), (", port: 80", ["apps/base/web/service.yaml"])])
def test_an_image_with_a_port_gets_a_service(port: str, files: list[str]) -> None:
    found = tree(IMAGE.replace("}", f"{port}}}"))

    assert [path for path in found if path.endswith("service.yaml")] == files
    assert ("ports" in str(found["apps/base/web/deployment.yaml"])) == bool(files)


def test_a_path_in_a_source_leads_nowhere_out_of_it() -> None:
    fields = "git: {url: https://h/a, path: /../deploy//x/}"

    assert tree(fields)["stacks/dev/apps/web.yaml"][-1]["spec"]["path"] == "./deploy/x"
