"""The judges can fail: a small good repository passes, and each planted fault is found, alone and by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.judges import tools
from tests.judges.objects import Object
from tests.judges.repository import judge
from tests.judges.small_tree import (
    APP,
    CLUSTER,
    FLUX,
    GOOD,
    LAYERS,
    TENANT,
    WEB,
    deployment,
    layer,
    object_of,
    text_of,
    variables,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.judges.small_tree import Tree

    Judge = Callable[[Tree], list[str]]


@pytest.fixture
def found(tmp_path: Path) -> Judge:
    """Write the good repository with changes (None: without that file), and judge it."""
    tools.require("flux")

    def judged(changes: Tree) -> list[str]:
        for path, content in {**GOOD, **changes}.items():
            if content is not None:
                file = tmp_path / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text_of(content))
        return [str(finding) for finding in judge(tmp_path, kubernetes="1.33", flux=FLUX)]

    return judged


SECRET = object_of("Secret", "key", stringData={"password": "hunter2"})
ENCRYPTED = object_of("Secret", "key", stringData={"password": "ENC[AES256_GCM,data:x]"}, sops={"mac": "ENC[x]"})
TENANT_WITH_KEY = {**GOOD[TENANT], "resources": ["namespace.yaml", "vars.yaml", "key.yaml"]}

FAULTS: dict[str, tuple[Tree, str]] = {
    "unknown field in a Flux object": (
        {APP: layer("web", "apps/dev/web", namespace="web", bogus=1, **variables("web-vars"))},
        "stacks/dev/apps: Kustomization web/web: /spec: additional properties 'bogus' not allowed",
    ),
    "unknown metadata of a Flux object": (
        {APP: {**GOOD[APP], "metadata": {"name": "web", "namespace": "web", "lables": {}}}},
        "stacks/dev/apps: Kustomization web/web: /metadata: additional properties 'lables' not allowed",
    ),
    "unknown field in a container": (
        {WEB: deployment(naem="x")},
        "apps/dev/web: Deployment web/web: /spec/template/spec/containers/0: additional properties 'naem' not allowed",
    ),
    "YAML that is no object where Flux lists the files": (
        {"stacks/dev/apps/values.yaml": {"replicas": 1}},
        "stacks/dev/apps: values.yaml: no Kubernetes object: apiVersion, kind, metadata.name missing",
    ),
    "a path that does not exist": (
        {APP: layer("web", "apps/dev/wbe", namespace="web", **variables("web-vars"))},
        f"{CLUSTER}: Kustomization web/web: path apps/dev/wbe does not exist (cluster {CLUSTER})",
    ),
    "a path that .sourceignore hides": (
        {".sourceignore": "/apps/dev/\n"},
        f"{CLUSTER}: Kustomization web/web: path apps/dev/web does not exist (cluster {CLUSTER})",
    ),
    "a variable that is not set": (
        {WEB: deployment(args=["${HSOT}"])},
        f"apps/dev/web: Deployment web/web: variable HSOT is not set (cluster {CLUSTER})",
    ),
    "a substitution that is not known here": (
        {WEB: deployment(args=["${HOST^^}"])},
        f"apps/dev/web: Deployment web/web: cannot substitute '${{HOST^^}}' (cluster {CLUSTER})",
    ),
    "variables from a ConfigMap that never comes": (
        {APP: layer("web", "apps/dev/web", namespace="web", **variables("wbe-vars"))},
        f"{CLUSTER}: Kustomization web/web: substituteFrom: no ConfigMap web/wbe-vars (cluster {CLUSTER})",
    ),
    "a number where a string must stand": (
        {"tenants/dev/web/vars.yaml": object_of("ConfigMap", "web-vars", data={"HOST": "x", "N": "${COUNT}"})},
        "tenants/dev: ConfigMap web/web-vars: /data/N: got number, want null or string",
    ),
    "a value that breaks the YAML": (
        {
            f"{CLUSTER}/vars.yaml": object_of(
                "ConfigMap", "cluster-vars", namespace="flux-system", data={"DOMAIN": "a: b # c"}
            ),
            "tenants/dev/web/vars.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-vars}\n"
            "data:\n  HOST: ${DOMAIN}\n",
        },
        "tenants/dev: ConfigMap web/web-vars: no YAML after substitution",
    ),
    "a Secret": (
        {TENANT: TENANT_WITH_KEY, "tenants/dev/web/key.yaml": SECRET},
        "tenants/dev: Secret web/key: plaintext Secret",
    ),
    "a Secret that nobody builds": ({"notes/key.yaml": SECRET}, "notes: Secret key: plaintext Secret"),
    "a generated Secret": (
        {TENANT: {**GOOD[TENANT], "secretGenerator": [{"name": "key", "literals": ["password=hunter2"]}]}},
        "tenants/dev: Secret web/key-",
    ),
    "an encrypted Secret that nobody decrypts": (
        {TENANT: TENANT_WITH_KEY, "tenants/dev/web/key.yaml": ENCRYPTED},
        "tenants/dev: Secret web/key: encrypted, and Kustomization flux-system/tenants has no `decryption`",
    ),
    "an object of an unknown kind": (
        {WEB: object_of("Widget", "web", "example.com/v1")},
        "apps/dev/web: Widget web/web: no schema of Widget example.com/v1",
    ),
    "a cluster that reconciles another folder": (
        {f"{CLUSTER}/flux-system/gotk-sync.yaml": layer("flux-system", "clusters/dev/two")},
        f"{CLUSTER}: Kustomization flux-system/flux-system: gotk-sync.yaml says clusters/dev/two",
    ),
    "a namespace that nobody makes": (
        {WEB: object_of("ConfigMap", "x"), APP: layer("web", "apps/dev/web", targetNamespace="wbe")},
        f"apps/dev/web: ConfigMap wbe/x: there is no Namespace wbe (cluster {CLUSTER})",
    ),
    "a source that is not there": (
        {APP: layer("web", "x", namespace="web", sourceRef={"kind": "GitRepository", "name": "web"})},
        f"stacks/dev/apps: Kustomization web/web: there is no GitRepository web/web (cluster {CLUSTER})",
    ),
    "a dependency that is not there": (
        {APP: layer("web", "apps/dev/web", namespace="web", dependsOn=[{"name": "db"}], **variables("web-vars"))},
        f"stacks/dev/apps: Kustomization web/web: there is no Kustomization web/db (cluster {CLUSTER})",
    ),
    "a file that is not there": ({"apps/base/web/deployment.yaml": None}, "apps/base/web: Error: accumulating"),
    "unknown field in a kustomization.yaml": (
        {"apps/base/web/kustomization.yaml": {"resources": ["deployment.yaml"], "namesapce": "x"}},
        'apps/base/web: Error: invalid Kustomization: json: unknown field "namesapce"',
    ),
    "a kustomization.yaml with a merge conflict": (
        {"apps/base/web/kustomization.yaml": "<<<<<<< ours\nresources: [deployment.yaml]\n=======\n"},
        "apps/base/web: Error:",
    ),
    "unknown field in a component that nobody uses": (
        {"stacks/idle/kustomization.yaml": {**GOOD["stacks/marks/kustomization.yaml"], "lables": []}},
        "stacks/idle: Error: accumulating components",
    ),
    "a deprecated field": (
        {"apps/base/web/kustomization.yaml": {"resources": ["deployment.yaml"], "commonLabels": {"a": "b"}}},
        "apps/base/web: # Warning: 'commonLabels' is deprecated",
    ),
    "something from the web": (
        {"apps/dev/web/kustomization.yaml": {"resources": ["../../base/web", "https://example.com/x.yaml"]}},
        "apps/dev/web: https://example.com/x.yaml is not in the repository",
    ),
    "unknown field in a folder that no cluster reaches": (
        {"stacks/prod/kustomization.yaml": {"resources": ["x.yaml"]}, "stacks/prod/x.yaml": layer("x", "y", bogus=1)},
        "stacks/prod: Kustomization flux-system/x: /spec: additional properties 'bogus' not allowed",
    ),
    "YAML that is no object, behind a layer that no cluster has": (
        {
            "stacks/prod/kustomization.yaml": {"resources": ["x.yaml"]},
            "stacks/prod/x.yaml": layer("x", "stacks/prod/apps"),
            "stacks/prod/apps/x.yaml": "a: 1\n",
        },
        "stacks/prod/apps: x.yaml: no Kubernetes object",
    ),
}

VENDORED = {f"{CLUSTER}/flux-system/kustomization.yaml": {"resources": ["gotk-components.yaml", "gotk-sync.yaml"]}}


def test_a_good_repository_has_no_findings(found: Judge) -> None:
    assert found({}) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(found: Judge, fault: str) -> None:
    changes, message = FAULTS[fault]
    findings = found(changes)
    assert len(findings) == 1, findings
    assert message in findings[0]


def test_a_cluster_is_held_against_the_crds_that_are_vendored_in_it(found: Judge) -> None:
    manifests = tools.flux_manifests(FLUX)
    assert manifests
    components = "---\n".join(file.read_text() for file in sorted(manifests.glob("*.yaml")))
    components += "---\n" + text_of(object_of("Namespace", "flux-system"))
    older = components.replace("deletionPolicy:", "removalPolicy:")
    app = layer("web", "apps/dev/web", namespace="web", deletionPolicy="Orphan", **variables("web-vars"))
    assert found({**VENDORED, f"{CLUSTER}/flux-system/gotk-components.yaml": components, APP: app}) == []
    (finding,) = found({**VENDORED, f"{CLUSTER}/flux-system/gotk-components.yaml": older, APP: app})
    assert "additional properties 'deletionPolicy' not allowed" in finding


def test_an_object_is_held_against_a_crd_of_the_repository(found: Judge) -> None:
    schema = {"type": "object", "properties": {"size": {"type": "integer"}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    crd = object_of(
        "CustomResourceDefinition",
        "widgets.example.com",
        "apiextensions.k8s.io/v1",
        spec={
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"kind": "Widget", "plural": "widgets"},
            "versions": [version],
        },
    )
    widget = object_of("Widget", "web", "example.com/v1", size=1)
    assert found({WEB: [crd, widget]}) == []
    (finding,) = found({WEB: [crd, {**widget, "size": "1"}]})
    assert finding == "apps/dev/web: Widget web/web: /size: got string, want integer"


def test_what_flux_does_not_substitute_stays_as_it_is(found: Judge) -> None:
    marked = deployment(args=["${UNKNOWN}"])
    marked["metadata"]["annotations"] = {"kustomize.toolkit.fluxcd.io/substitute": "disabled"}
    marked["spec"]["replicas"] = 1
    assert found({WEB: marked}) == []
    plain = {WEB: marked | object_of("Deployment", "web", "apps/v1"), APP: layer("web", "apps/dev/web")}
    assert found({**plain, APP: layer("web", "apps/dev/web", targetNamespace="web")}) == []


def test_variables_from_a_secret_are_unknown_but_set(found: Judge) -> None:
    origin = {"substituteFrom": [{"kind": "Secret", "name": "credentials"}]}
    secret = object_of("Secret", "copy", stringData={"user": "${username}"})
    app = layer("web", "apps/dev/web", namespace="web", targetNamespace="web", postBuild=origin)
    assert found({APP: app, WEB: secret}) == []


def test_an_encrypted_secret_is_right_where_it_is_decrypted(found: Judge) -> None:
    layers = [{**there, "spec": {**there["spec"]}} for there in GOOD[LAYERS]]
    layers[0]["spec"]["decryption"] = {"provider": "sops", "secretRef": {"name": "sops-age"}}
    changes = {LAYERS: layers, TENANT: TENANT_WITH_KEY, "tenants/dev/web/key.yaml": ENCRYPTED}
    assert found(changes) == []


def test_a_flux_kustomization_changes_what_is_built(found: Judge) -> None:
    patch = {"target": {"kind": "Deployment"}, "patch": '[{"op": "add", "path": "/spec/bogus", "value": 1}]'}
    app = layer("web", "apps/dev/web", namespace="web", targetNamespace="web", patches=[patch], **variables("web-vars"))
    (finding,) = found({APP: app})
    assert finding == "apps/dev/web: Deployment web/web: /spec: additional properties 'bogus' not allowed"


def test_an_object_is_read_without_types() -> None:
    assert Object("apiVersion: v1\nkind: ConfigMap\ndata: {a: 12e45, b: y, c: 08}\n").data["data"] == {
        "a": "12e45",
        "b": "y",
        "c": "08",
    }
