"""What takes more than one field, or more than one document, to judge of an app; more is in test_rules.py."""

from __future__ import annotations

import pytest

from tests.spec.support import CHART, problems, small, told

GIT = "git: {url: https://h/a}"
OCI = "oci: {url: oci://h/a}"
BUCKET = "bucket: {bucketName: a, endpoint: h}"
IMAGE = "image: {name: nginx, tag: a}"
TENANT = "{kind: tenant, name: team}"
CLUSTERS = (
    "{kind: cluster, name: d1, environment: dev}",
    "{kind: cluster, name: p1, environment: prod}",
    "{kind: cluster, name: p2, environment: prod}",
)


def app(source: str, fields: str = "", name: str = "web") -> str:
    return f"{{kind: app, name: {name}, {source}{', ' * bool(fields)}{fields}}}"


@pytest.mark.parametrize(
    ("source", "field"),
    [
        *((source, field) for source in (GIT, OCI, BUCKET, IMAGE) for field in ("values: {a: 1}", "crds: Skip")),
        *((source, "replicas: [{name: web, count: 1}]") for source in (CHART, GIT, OCI, BUCKET)),
        *((source, "overlays: {dev: {version: '1'}}") for source in (GIT, OCI, BUCKET, IMAGE)),
        *((source, "overlays: {dev: {ref: {tag: a}}}") for source in (CHART, BUCKET, IMAGE)),
        *((source, "overlays: {dev: {path: a}}") for source in (CHART, IMAGE)),
        (CHART, "images: [{name: a, newTag: b}]"),
        (GIT, "releaseName: a"),
        (GIT, "valuesFrom: [{kind: Secret, name: a}]"),
    ],
)
def test_a_field_that_says_nothing_to_the_source_is_told_with_those_that_it_needs(source: str, field: str) -> None:
    (line,) = told(app(source, field))

    assert f" does not go with `{source.partition(':')[0]}`: it needs `" in line


@pytest.mark.parametrize(
    ("source", "ref"),
    [(GIT, "digest: 'sha256:" + "0" * 64 + "'"), (OCI, "branch: main"), (OCI, "name: refs/heads/a")],
)
def test_a_ref_is_one_that_the_source_has(source: str, ref: str) -> None:
    (own,) = told(app(source.replace("}", f", ref: {{{ref}}}}}")))
    (here,) = told(app(source, f"overlays: {{dev: {{ref: {{{ref}}}}}}}"))

    assert "does not go with this source; allowed: " in own
    assert "does not go with this source; allowed: " in here


@pytest.mark.parametrize("where", ["", "overlays.prod."])
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("replicas: [{name: nginx, count: 1}]", "`nginx` is not in the app: `web` is (`{}replicas[0].name`)"),
        ("images: [{name: web, newTag: a}]", "`web` is not in the app: `nginx` is (`{}images[0].name`)"),
    ],
)
def test_an_app_from_an_image_has_one_image_and_one_workload(where: str, fields: str, message: str) -> None:
    (line,) = told(app(IMAGE, f"overlays: {{prod: {{{fields}}}}}" if where else fields))

    assert line.endswith(message.format(where))


@pytest.mark.parametrize("field", ["images: [{name: a, newTag: b}, {name: a, newTag: c}]"])
def test_a_change_stands_once(field: str) -> None:
    assert [line.partition(": ")[2] for line in told(app(GIT, field))] == [
        f"`a` stands twice in `images` (`images[{index}].name`)" for index in (0, 1)
    ]


@pytest.mark.parametrize(
    ("values", "laid_over", "at"),
    [("{a: {b: 1}}", "{a: 1}", "a"), ("{a: '1'}", "{a: 1}", "a"), ("{a: [1]}", "{a: {b: 1}}", "a")],
)
def test_overlay_values_that_kustomize_cannot_lay_over_the_app_s_are_told(values: str, laid_over: str, at: str) -> None:
    (line,) = told(app(CHART, f"values: {values}, overlays: {{prod: {{values: {laid_over}}}}}"))

    assert "kustomize cannot lay one over the other" in line
    assert line.endswith(f"(`overlays.prod.values.{at}`)")


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        ([], "the namespace `team` is no tenant"),
        ([TENANT], ""),
        ([TENANT.replace("}", ", environments: [dev]}")], "the namespace `team` is not in prod"),
        ([app(IMAGE, name="team")], ""),
        ([app(IMAGE, "environments: [prod]", name="team")], "the namespace `team` is not in dev"),
        ([TENANT.replace("team", "x"), app(IMAGE, "namespace: x", name="team")], "the namespace `team` is no tenant"),
    ],
)
def test_a_target_namespace_is_there_wherever_the_app_is(documents: list[str], message: str) -> None:
    lines = told(*documents, app(GIT, "targetNamespace: team"))

    assert [line.partition(": ")[2].partition(";")[0].partition(" (")[0] for line in lines] == [message] * bool(message)


@pytest.mark.parametrize("namespace", ["default", "kube-system", "flux-system", "web", '""'])
def test_a_target_namespace_may_be_one_that_is_there_without_us(namespace: str) -> None:
    assert told(app(GIT, f"targetNamespace: {namespace}")) == []


def test_a_release_always_has_a_namespace() -> None:
    (line,) = told(app(CHART, 'targetNamespace: ""'))

    assert '`targetNamespace: ""` is for manifests: a release always has a namespace' in line


@pytest.mark.parametrize(
    "fields",
    [
        "valuesFrom: [{kind: Secret, name: a, targetPath: '${NOPE}'}]",
        "values: {a: '${NOPE}'}",
        "overlays: {dev: {version: '${NOPE}'}}",
        "patches: [{target: {kind: A}, patch: \"- {op: add, path: /a, value: '${NOPE}'}\"}]",
    ],
)
def test_what_flux_substitutes_of_a_chart_uses_declared_variables(fields: str) -> None:
    (line,) = told(app(CHART, fields))

    assert "`${NOPE}` names no variable" in line


def test_the_app_s_own_variables_are_declared_by_it() -> None:
    chart = CHART.replace("web,", "web, version: '${OWN}',")

    assert told(app(chart, "values: {a: '${OWN}'}, postBuild: {substitute: {OWN: '1.2.3'}}")) == []


@pytest.mark.parametrize(
    ("post_build", "told_of"),
    [("", 0), (", postBuild: {}", 1), (", postBuild: {substituteFrom: [{kind: Secret, name: x}]}", 0)],
)
def test_manifests_are_judged_only_where_they_are_substituted_from_what_is_known(post_build: str, told_of: int) -> None:
    patch = "patches: [{target: {kind: A}, patch: \"- {op: add, path: /a, value: '${NOPE}'}\"}]"

    assert len(told(app(GIT, f"{patch}{post_build}"))) == told_of


def test_manifests_need_a_kustomization_in_their_folder() -> None:
    text = small(app("manifests: {}"))

    (line,) = problems({"gitops.yaml": text, "apps/base/web/deployment.yaml": ""})

    assert "apps/base/web/ holds no kustomization.yaml" in line
    for name in ("kustomization.yaml", "kustomization.yml", "Kustomization"):
        assert problems({"gitops.yaml": text, f"apps/base/web/{name}": ""}) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("clusters: [p1], overlays: {prod: {suspend: true}}", ""),
        ("clusters: [p1], overlays: {dev: {suspend: true}}", "the app is not in environment `dev`"),
        ("clusters: [x]", "unknown cluster `x`"),
        ("clusters: [p1, p1]", "must not name `p1` twice"),
        ("clusters: [p1], dependsOn: [{name: everywhere}]", ""),
        ("clusters: [p1], dependsOn: [{name: on-p1}]", ""),
        ("clusters: [p1, p2], dependsOn: [{name: on-p1}]", "the app `on-p1` is not in cluster p2"),
        ("environments: [prod], dependsOn: [{name: on-p1}]", "the app `on-p1` is not in prod"),
        ("clusters: [p1], namespace: edge", ""),
        ("clusters: [p2], namespace: edge", "the tenant `edge` does not live in cluster p2"),
        ("environments: [prod], namespace: edge", "the tenant `edge` does not live in prod"),
    ],
)
def test_on_single_clusters_an_app_has_what_its_clusters_have(fields: str, message: str) -> None:
    others = (
        app(IMAGE, name="everywhere"),
        app(IMAGE, "clusters: [p1]", name="on-p1"),
        "{kind: tenant, name: edge, clusters: [p1]}",
    )

    lines = told(*CLUSTERS, *others, app(IMAGE, fields))

    assert len(lines) == bool(message)
    assert all(message in line for line in lines)
