"""A small repository in which nothing is wrong: one cluster, a layer of tenants, a layer of apps."""

from __future__ import annotations

from typing import Any

import yaml

Tree = dict[str, Any]

FLUX = "v2.9.4"
INSTALL = f"https://github.com/fluxcd/flux2/releases/download/{FLUX}/install.yaml"
CLUSTER = "clusters/dev/one"


def object_of(kind: str, name: str, version: str = "v1", /, **fields: Any) -> Tree:
    place = {"namespace": fields.pop("namespace")} if "namespace" in fields else {}
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name, **place}, **fields}


def layer(name: str, path: str, **spec: Any) -> Tree:
    source = {"kind": "GitRepository", "name": "flux-system", "namespace": "flux-system"}
    return object_of(
        "Kustomization",
        name,
        "kustomize.toolkit.fluxcd.io/v1",
        namespace=spec.pop("namespace", "flux-system"),
        spec={"interval": "1h", "path": f"./{path}", "prune": True, "sourceRef": source, **spec},
    )


def variables(*names: str) -> Tree:
    return {"postBuild": {"substituteFrom": [{"kind": "ConfigMap", "name": name} for name in names]}}


def deployment(**container: Any) -> Tree:
    pod = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": "web:1", **container}]},
    }
    spec = {"replicas": "${REPLICAS:=1}", "selector": {"matchLabels": {"app": "web"}}, "template": pod}
    return object_of("Deployment", "web", "apps/v1", spec=spec)


GIT = {"interval": "1m0s", "url": "https://git.example.com/fleet.git", "ref": {"branch": "main"}}

GOOD: Tree = {
    f"{CLUSTER}/flux-system/gotk-sync.yaml": [
        object_of("GitRepository", "flux-system", "source.toolkit.fluxcd.io/v1", namespace="flux-system", spec=GIT),
        layer("flux-system", CLUSTER),
    ],
    f"{CLUSTER}/flux-system/kustomization.yaml": {"resources": [INSTALL, "gotk-sync.yaml"]},
    f"{CLUSTER}/kustomization.yaml": {"resources": ["flux-system", "vars.yaml", "layers.yaml"]},
    f"{CLUSTER}/vars.yaml": object_of(
        "ConfigMap", "cluster-vars", namespace="flux-system", data={"DOMAIN": "example.com", "COUNT": "2"}
    ),
    f"{CLUSTER}/layers.yaml": [
        layer("tenants", "tenants/dev", **variables("cluster-vars")),
        layer("apps", "stacks/dev/apps", dependsOn=[{"name": "tenants"}]),
    ],
    "tenants/dev/web/kustomization.yaml": {
        "namespace": "web",
        "resources": ["namespace.yaml", "vars.yaml"],
        "components": ["../../../stacks/marks"],
    },
    "tenants/dev/web/namespace.yaml": object_of("Namespace", "web"),
    "tenants/dev/web/vars.yaml": object_of("ConfigMap", "web-vars", data={"HOST": "web.${DOMAIN}"}),
    "stacks/marks/kustomization.yaml": {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "labels": [{"pairs": {"tenant": "web"}}],
    },
    "stacks/dev/apps/.gitkeep": "",
    "stacks/dev/apps/README.md": "# No object, and no YAML",
    "stacks/dev/apps/web.yaml": layer(
        "web", "apps/dev/web", namespace="web", targetNamespace="web", **variables("web-vars")
    ),
    "apps/base/web/kustomization.yaml": {"resources": ["deployment.yaml"]},
    "apps/base/web/deployment.yaml": deployment(args=["--host=${HOST}", "$${PATH}", "$HOME"]),
    "apps/dev/web/kustomization.yaml": {"resources": ["../../base/web"]},
}


def text_of(content: Any) -> str:
    """As block YAML, in which a variable stands without quotes."""
    if isinstance(content, str):
        return content
    return yaml.safe_dump_all(content if isinstance(content, list) else [content])


WEB = "apps/base/web/deployment.yaml"
APP = "stacks/dev/apps/web.yaml"
TENANT = "tenants/dev/web/kustomization.yaml"
LAYERS = f"{CLUSTER}/layers.yaml"
