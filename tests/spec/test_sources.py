from __future__ import annotations

import pytest

from tests.spec.support import told

DIGEST = "sha256:" + "0" * 64


def told_of(source: str) -> str:
    """What is told of an app with this source, without its place; empty where it is right."""
    lines = told(f"{{kind: app, name: web, {source}}}")
    assert len(lines) <= 1
    return "".join(lines).partition(": ")[2]


@pytest.mark.parametrize(
    "source",
    [
        "chart: {name: a, url: http://h:8080/x, passCredentials: true}",
        "chart: {url: oci://h/a, provider: aws}",
        "git: {url: https://h/a}",
        "git: {url: ssh://git@h:22/a, ref: {branch: a, commit: '" + "1" * 40 + "'}, recurseSubmodules: true}",
        "git: {url: https://h/a, ref: {name: refs/pull/1/head}, path: ., ignore: ['*.md']}",
        f"oci: {{url: oci://h/a, ref: {{digest: '{DIGEST}'}}, provider: generic, insecure: true}}",
        "bucket: {bucketName: a, endpoint: '[::1]:9000', prefix: a/, region: b}",
        "image: {name: localhost:5000/a/b, tag: v1, port: 65535, replicas: 0}",
    ],
)
def test_what_a_source_may_say(source: str) -> None:
    assert told_of(source) == ""


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("chart: {url: https://h}", "`chart` must have `name`, the chart's in its repository"),
        ("chart: {name: a, url: oci://h/a}", "`chart` must not have `name`: an oci:// URL ends in the chart's"),
        ("chart: {url: oci://h/a, passCredentials: true}", "`chart` must not have `passCredentials`"),
        ("chart: {name: a, url: https://h, provider: aws}", "`chart` must not have `provider`"),
        ("chart: {url: 'oci://h/a:1'}", "`chart.url` must end in the chart's path"),
        ("chart: {url: oci://h/A}", "`chart.url` must end in the chart's path, in lower case"),
        ("git: {url: https://h/a, ref: {}}", "`git.ref` takes one of branch, tag, semver, commit, name, digest"),
        ("git: {url: https://h/a, ref: {tag: a, branch: b}}", "`git.ref` takes one of"),
        ("git: {url: https://h/a, ref: {tag: a..b}}", "`git.ref.tag` is not a name that Git accepts"),
        ("git: {url: https://h/a, ref: {commit: abc}}", "`git.ref.commit` must be a commit in full"),
        ("git: {url: git@h:a}", "`git.url` must be a URL: Flux does not know the short form, write ssh://git@h/a"),
        ("oci: {url: https://h/a}", "`oci.url` must be a URL that starts with oci://"),
        ("oci: {url: oci://h}", "`oci.url` must end in the artifact's path"),
        ("oci: {url: oci://h/a, ref: {digest: sha256:1}}", "`oci.ref.digest` must be a digest"),
        ("oci: {url: oci://h/a, provider: ibm}", "`oci.provider` cannot be `ibm`; allowed: "),
        ("bucket: {bucketName: a}", "`bucket.endpoint` is required"),
        ("bucket: {bucketName: a, endpoint: https://h}", "`bucket.endpoint` must be a host"),
        ("image: {name: nginx:1, tag: a}", "`image.name` must be an image without its tag"),
        ("image: {name: nginx}", "`image.tag` is required"),
        ("image: {name: nginx, tag: a, port: 65536}", "`image.port` "),
        ("image: {name: nginx, tag: a, replicas: -1}", "`image.replicas` "),
        ("manifests: {a: b}", "unknown field `manifests.a`"),
        ("manifests: ~", "takes one source of chart, git, oci, bucket, manifests, image; it has none"),
        ("git: {url: https://h/a}, image: {name: a, tag: b}", "takes one source of chart"),
    ],
)
def test_what_a_source_cannot_say_is_told(source: str, message: str) -> None:
    assert told_of(source).startswith(message)
