"""Our objects are those that `flux create … --export` prints for the same options, but for the defaults we list."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.judges import tools
from tests.render.trees import spec_of, tree_of

PAGE = Path(__file__).parents[2] / "docs/how-to/add-apps.md"
ROW = re.compile(r"^\| (\w+) \| `([\w.]+)` \| (`[^|]*`|unset) \| (`[^|]*`|unset) \|", re.MULTILINE)
DIGEST = f"sha256:{'0123456789abcdef' * 4}"
COMMIT = "1234567890" * 4
SMALL = (
    "{kind: platform, name: acme, flux: {version: v2.9.4}}\n",
    "{kind: environment, name: dev}\n",
    "{kind: tenant, name: team}\n",
    "{kind: app, name: db, chart: {name: db, url: 'https://charts.example.com'}}\n",
)


class Difference(NamedTuple):
    """A field that both write differently; as YAML in one line, `unset` where it is not there."""

    kind: str
    field: str
    theirs: str
    ours: str


def listed() -> set[Difference]:
    """The table of defaults in the guide."""
    return {Difference(*(cell.strip("`") for cell in row)) for row in ROW.findall(PAGE.read_text(encoding="utf-8"))}


def created(folder: Path, *commands: str) -> dict[str, Any]:
    """What the real CLI prints for some commands, by kind."""
    (folder / "values.yaml").write_text("replicas: 2\nlist: [a, 'y']\n", encoding="utf-8")
    found: dict[str, Any] = {}
    for command in commands:
        kind, *flags = shlex.split(command)
        nouns = ["source", kind] if kind in {"git", "oci", "bucket", "helm", "chart"} else [kind]
        words = ["create", *nouns, "web", "--namespace", "web", *flags, "--export"]
        done = tools.run(tools.require("flux"), *words, at=folder)
        assert done.returncode == 0, done.stderr
        found |= {made["kind"]: made for made in yaml.safe_load_all(done.stdout)}
    return found


def rendered(fields: str) -> dict[str, Any]:
    """Our objects of an app, by kind; of a HelmChart, what Flux makes of the release."""
    tree = tree_of(spec_of(*SMALL, f"{{kind: app, name: web, {fields}}}\n"))
    paths = ("apps/base/web/source.yaml", "apps/base/web/release.yaml", "stacks/dev/apps/web.yaml")
    found = {made["kind"]: made for path in paths for made in yaml.safe_load_all(tree.get(path, b"{kind: none}"))}
    for made in found.values():  # beside a chart, the kustomization.yaml says the namespace
        made.setdefault("metadata", {}).setdefault("namespace", "web")
    if chart := found.get("HelmRelease", {}).get("spec", {}).get("chart"):
        head = {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "HelmChart"}
        found["HelmChart"] = {**head, "metadata": {"name": "web", "namespace": "web"}, "spec": chart["spec"]}
    return found


def differences(theirs: dict[str, Any], ours: dict[str, Any]) -> set[Difference]:
    found = set()
    for kind, made in theirs.items():
        for part in ("apiVersion", "metadata", "spec"):
            both = [side if isinstance(side := data[part], dict) else {part: side} for data in (made, ours[kind])]
            for field in both[0].keys() | both[1].keys():
                shown = [shown_as(side.get(field)) for side in both]
                found |= {Difference(kind, field, *shown)} if shown[0] != shown[1] else set()
    return found


def shown_as(value: Any) -> str:
    """What is false is as if it were not there: so Go reads it."""
    if value in (None, False):
        return "unset"
    return yaml.safe_dump(value, default_flow_style=True, width=10_000).removesuffix("\n").removesuffix("\n...")


GIT = "git: {url: https://git.example.com/web, ref: {branch: main}}"
OCI = "oci: {url: oci://registry.example.com/web, ref: {tag: latest}}"
BUCKET = "bucket: {bucketName: web, endpoint: s3.example.com}"
CHART = "chart: {name: web, url: https://charts.example.com}"
FROM = "kustomization --source=GitRepository/web"
HELM = "helm --url=https://charts.example.com"
RELEASE = "helmrelease --source=HelmRepository/web --chart=web"
REGISTRY = "chart: {url: oci://registry.example.com/web, version: 1.2.3}"
FROM_REGISTRY = "helmrelease --chart-ref=OCIRepository/web"
PLAIN = {  # fields that say as little as they can -> the commands
    GIT: ("git --url=https://git.example.com/web --branch=main", FROM),
    OCI: ("oci --url=oci://registry.example.com/web --tag=latest", "kustomization --source=OCIRepository/web"),
    BUCKET: ("bucket --bucket-name=web --endpoint=s3.example.com", "kustomization --source=Bucket/web"),
    CHART: (
        HELM,
        "chart --source=HelmRepository/web --chart=web",
        RELEASE,
        "kustomization --source=GitRepository/fleet.flux-system --path=./apps/dev/web",
    ),
    REGISTRY: ("oci --url=oci://registry.example.com/web --tag=1.2.3", FROM_REGISTRY),
}


def test_the_guide_lists_exactly_the_defaults_in_which_we_differ(tmp_path: Path) -> None:
    found: set[Difference] = set()

    for fields, commands in PLAIN.items():
        found |= differences(created(tmp_path, *commands), rendered(fields))

    assert found == listed()


def git(fields: str) -> str:
    return f"git: {{url: 'https://git.example.com/web', {fields}}}"


def oci(fields: str) -> str:
    return f"oci: {{url: 'oci://registry.example.com/web', {fields}}}"


def chart(fields: str) -> str:
    return f"chart: {{name: web, url: 'https://charts.example.com', {fields}}}"


OURS = "--wait --prune --interval=1h --retry-interval=1m --health-check-timeout=5m --target-namespace=web"
OPTIONS = [
    (git("ref: {tag: v1}"), "git --url=https://git.example.com/web --tag=v1"),
    (git("ref: {semver: '>=1.0'}"), "git --url=https://git.example.com/web --tag-semver=>=1.0"),
    (git(f"ref: {{commit: '{COMMIT}'}}"), f"git --url=https://git.example.com/web --commit={COMMIT}"),
    (
        git(f"ref: {{branch: 'y', commit: '{COMMIT}'}}"),
        f"git --url=https://git.example.com/web --branch=y --commit={COMMIT}",
    ),
    (git("ref: {name: refs/pull/1/head}"), "git --url=https://git.example.com/web --ref-name=refs/pull/1/head"),
    (
        git("ref: {branch: '1e3'}, interval: 90s, secretRef: {name: '123'}, recurseSubmodules: true, ignore: [a, /b]"),
        (
            "git --url=https://git.example.com/web --branch=1e3 --interval=90s --secret-ref=123 --recurse-submodules "
            "--ignore-paths=a,/b"
        ),
    ),
    (oci("ref: {semver: 1.x}"), "oci --url=oci://registry.example.com/web --tag-semver=1.x"),
    (oci(f"ref: {{digest: '{DIGEST}'}}"), f"oci --url=oci://registry.example.com/web --digest={DIGEST}"),
    (
        oci(
            "ref: {tag: '1.10'}, interval: 10m, provider: aws, insecure: true, secretRef: {name: key}, ignore: ['*.md']"
        ),
        (
            "oci --url=oci://registry.example.com/web --tag=1.10 --interval=10m --provider=aws --insecure "
            "--secret-ref=key --ignore-paths=*.md"
        ),
    ),
    *(
        (
            (
                f"bucket: {{bucketName: '12', endpoint: 'minio:9000', provider: {provider}, region: eu, "
                "insecure: true, secretRef: {name: key}, interval: 5m, ignore: [a, b]}"
            ),
            (
                f"bucket --bucket-name=12 --endpoint=minio:9000 --provider={provider} --region=eu --insecure "
                "--secret-ref=key --interval=5m --ignore-paths=a,b"
            ),
        )
        for provider in ("generic", "aws", "azure", "gcp")
    ),
    (
        chart("interval: 30m, passCredentials: true, secretRef: {name: key}"),
        f"{HELM} --interval=30m --pass-credentials --secret-ref=key",
    ),
    (
        chart("version: '>=6.0.0 <7.0.0'"),
        "chart --source=HelmRepository/web --chart=web --chart-version='>=6.0.0 <7.0.0'",
    ),
    (chart("version: '6.10'"), f"{RELEASE} --chart-version=6.10"),
    *((f"{CHART}, crds: {crds}", f"{RELEASE} --crds={crds}") for crds in ("Skip", "Create", "CreateReplace")),
    (f"{CHART}, values: {{replicas: 2, list: [a, 'y']}}", f"{RELEASE} --values=values.yaml"),
    (
        f"{CHART}, valuesFrom: [{{kind: Secret, name: 'y'}}, {{kind: ConfigMap, name: b}}]",
        f"{RELEASE} --values-from=Secret/y --values-from=ConfigMap/b",
    ),
    (
        f"{CHART}, releaseName: '1e3', serviceAccountName: sa, targetNamespace: team, interval: 10m",
        f"{RELEASE} --release-name=1e3 --service-account=sa --target-namespace=team --interval=10m",
    ),
    (f"{REGISTRY}, crds: Create, releaseName: x", f"{FROM_REGISTRY} --crds=Create --release-name=x"),
    *(
        (f"{GIT}, {fields}", f"{FROM} {OURS} {flags}")
        for fields, flags in (
            ("interval: 90m", "--interval=90m"),
            ("retryInterval: 15s", "--retry-interval=15s"),
            ("timeout: 3m", "--health-check-timeout=3m"),
            ("prune: false", "--prune=false"),
            ("dependsOn: [{name: db}]", "--depends-on=db/db"),
            ("serviceAccountName: 'on'", "--service-account=on"),
            ("targetNamespace: team", "--target-namespace=team"),
            ("healthChecks: [{kind: Deployment, name: web}]", "--wait=false --health-check=Deployment/web.web"),
            (
                "healthChecks: [{kind: StatefulSet, name: a}, {kind: DaemonSet, name: b, namespace: team}]",
                "--wait=false --health-check=StatefulSet/a.web,DaemonSet/b.team",
            ),
        )
    ),
    (git("path: /deploy/"), f"{FROM} {OURS} --path=./deploy"),
    (f"{BUCKET}, wait: false", f"kustomization --source=Bucket/web {OURS} --wait=false"),
]


@pytest.mark.parametrize(("fields", "command"), OPTIONS, ids=[command for _, command in OPTIONS])
def test_an_option_does_what_it_does_in_flux_create(fields: str, command: str, tmp_path: Path) -> None:
    theirs = created(tmp_path, command)

    found = differences(theirs, rendered(fields))

    # without --wait the CLI forgets its --health-check-timeout
    assert found <= {row for row in listed() if OURS not in command or row.field == "timeout"}
