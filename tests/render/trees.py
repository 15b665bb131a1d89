"""Documents as text to specs, and specs to the trees that they render to, without a disk."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from scaffolder.cli.work.session import checked
from scaffolder.releases import newest
from scaffolder.render.engine import Rendered, render
from scaffolder.render.inputs import Inputs, inputs
from scaffolder.render.units import Unit, all_units
from scaffolder.tree import File, Memory

if TYPE_CHECKING:
    from scaffolder.spec.load import Spec


def spec_of(*documents: str) -> Spec:
    """Checked documents, each a text or several with `---` between them."""
    text = "---\n".join(textwrap.dedent(document).lstrip("\n") for document in documents)
    return checked(Memory({"gitops.yaml": File(text.encode())}))


def rendered(spec: Spec, unit: Unit) -> Rendered:
    return render(newest(), unit, inputs(spec, unit))


def text_of(spec: Spec, unit: Unit, path: str) -> str:
    return rendered(spec, unit).files[path].content.decode()


def tree_of(spec: Spec) -> dict[str, bytes]:
    return {path: file.content for unit in all_units(spec) for path, file in rendered(spec, unit).files.items()}


def distinct(spec: Spec) -> list[tuple[Unit, Inputs]]:
    """The units that differ in more than the environment that they are for."""
    found = {(unit.kind, unit.name, unit.template, _shape(inputs(spec, unit))): unit for unit in all_units(spec)}
    return [(unit, inputs(spec, unit)) for unit in found.values()]


def _shape(data: Inputs) -> str:
    return repr({name: value for name, value in data.items() if name != "bare"})


PLATFORM = """
    kind: platform
    name: acme
    domain: example.com
    variables: {LOG_LEVEL: info}
    flux: {version: FLUX}
    ---
    kind: environment
    name: dev
    ---
    kind: environment
    name: prod
    after: dev
    ---
    kind: cluster
    name: dev-1
    environment: dev
    """

# every source with every option, and names that YAML parsers mistake for something else
APPS = """
    kind: app
    name: plain
    chart: {name: plain, url: https://charts.example.com}
    ---
    kind: app
    name: "on"
    chart: {name: "1e3", url: https://charts.example.com, version: "6.10", interval: 30m, secretRef: {name: "123"}}
    interval: 10m
    timeout: 1m30s
    retryInterval: 15s
    suspend: true
    dependsOn: [{name: plain}, {name: "123"}]
    values:
      "on": {"yes": "no", list: [1, "2", 3.5, true, null], empty: {}, text: "several\\n  lines\\n\\n"}
      domain: ${DOMAIN}
      template: "{{ .Release.Name }} {% raw %} {# #}"
    overlays:
      dev: {version: "6.2", suspend: false, values: {"on": {list: []}}}
      prod: {version: ">=6.0.0 <7.0.0"}
    ---
    kind: app
    name: "123"
    chart: {url: oci://charts.example.com/team/chart, version: 1.2.3, secretRef: {name: "y"}}
    overlays:
      dev: {version: 1.x}
      prod: {suspend: true}
    ---
    kind: app
    name: newest
    chart: {url: oci://charts.example.com/newest}
    values: {a: 1}
    overlays: {prod: {values: {a: 2}}}
    ---
    kind: tenant
    name: "1e3"
    ---
    kind: tenant
    name: default
    environments: [dev]
    ---
    kind: app
    name: source
    namespace: "1e3"
    git: {url: ssh://git@example.com/o/r, ref: {branch: "y"}, path: /deploy/, interval: 10s, secretRef: {name: x}}
    dependsOn: [{name: plain}]
    overlays:
      dev: {ref: {semver: ">=1.0"}, path: ., suspend: true}
      prod: {ref: {branch: main, commit: "1234567890123456789012345678901234567890"}}
    ---
    kind: app
    name: tagged
    git: {url: https://example.com/o/r.git, ref: {tag: "1.10"}}
    suspend: true
    environments: [prod]
    ---
    kind: app
    name: full-ref
    git: {url: https://example.com/o/r.git, ref: {name: refs/pull/1/head}}
    environments: [dev]
    ---
    kind: app
    name: settings
    chart: {name: web, url: https://charts.example.com, passCredentials: true}
    valuesFrom: [{kind: Secret, name: "y", valuesKey: "1e3", targetPath: a.b, optional: true}]
    releaseName: "on"
    crds: CreateReplace
    serviceAccountName: "123"
    targetNamespace: "1e3"
    environments: [dev]
    timeout: 10m
    patches: [{target: {kind: HelmRelease}, patch: "- op: add\\n  path: /metadata/labels\\n  value: {a: 'yes'}\\n"}]
    ---
    kind: app
    name: artifact
    oci:
      url: oci://registry.example.com/web
      ref: {tag: "1.10"}
      provider: aws
      insecure: true
      ignore: ["*.md", "# x"]
    healthChecks: [{apiVersion: apps/v1, kind: Deployment, name: "on"}, {kind: Job, name: a, namespace: ""}]
    postBuild: {substitute: {A: "yes", B: "two\\nlines"}, substituteFrom: [{kind: Secret, name: a, optional: true}]}
    images: [{name: nginx, newTag: "1.10"}]
    overlays:
      dev: {ref: {semver: 1.x}, images: [{name: nginx, newName: localhost:5000/nginx}]}
      prod: {patches: [{target: {kind: A}, patch: "- op: add\\n  path: /a\\n  value: ${A}\\n"}]}
    environments: [dev, prod]
    clusters: [dev-1]
    prune: false
    wait: false
    ---
    kind: app
    name: bucket
    bucket:
      bucketName: "123"
      endpoint: s3.example.com:9000
      provider: generic
      region: "on"
      prefix: "# a/"
      insecure: true
      secretRef: {name: "1e3"}
      interval: 90s
    targetNamespace: ""
    serviceAccountName: "y"
    ---
    kind: app
    name: image
    image: {name: localhost:5000/nginx, tag: "1.10", port: 80, replicas: 2}
    images: [{name: localhost:5000/nginx, newTag: "1.9"}]
    environments: [prod]
    clusters: [dev-1]
    overlays: {dev: {replicas: [{name: image, count: 3}]}}
    ---
    kind: app
    name: "1"
    image: {name: nginx, tag: "1"}
    """
