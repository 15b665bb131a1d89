from __future__ import annotations

import pytest

from scaffolder.spec.load import Spec
from scaffolder.spec.model import Tenant
from scaffolder.spec.reach import clusters_of, elsewhere, environments_of, is_furnished, overlays_of
from tests.spec.support import small, source

CLUSTERS = ("{kind: cluster, name: d1, environment: dev}", "{kind: cluster, name: p1, environment: prod}")


def spec_of(*documents: str, platform: str = "") -> Spec:
    return Spec(source(small(*CLUSTERS, *documents).replace("acme,", f"acme, {platform}", 1)))


def with_app(fields: str) -> Spec:
    return spec_of(f"{{kind: app, name: web, image: {{name: a, tag: b}}, {fields}}}")


@pytest.mark.parametrize(
    ("fields", "environments", "clusters", "overlays"),
    [
        ("", ("dev", "prod"), (), ("dev", "prod")),
        ("environments: [prod]", ("prod",), (), ("prod",)),
        ("clusters: [p1]", (), ("p1",), ("prod",)),
        ("environments: [dev], clusters: [p1]", ("dev",), ("p1",), ("dev", "prod")),
        ("environments: [prod], clusters: [p1]", ("prod",), ("p1",), ("prod",)),
        ("environments: []", (), (), ()),
        ("clusters: []", (), (), ()),
        ("clusters: [gone]", (), ("gone",), ()),
    ],
)
def test_an_app_is_where_it_says_and_gets_the_overlays_of_its_clusters_environments(
    fields: str, environments: tuple[str, ...], clusters: tuple[str, ...], overlays: tuple[str, ...]
) -> None:
    spec = with_app(fields)
    app = spec.app("web")

    assert environments_of(spec, app) == environments
    assert clusters_of(app) == clusters
    assert overlays_of(spec, app) == overlays


@pytest.mark.parametrize(
    ("app", "tenant", "missing"),
    [
        ("", "", ""),
        ("", "environments: [dev]", "prod"),
        ("environments: [dev]", "environments: [dev]", ""),
        ("clusters: [p1]", "environments: [prod]", ""),
        ("clusters: [p1]", "clusters: [p1]", ""),
        ("clusters: [p1, d1]", "clusters: [p1]", "cluster d1"),
        ("environments: [prod], clusters: [d1]", "clusters: [p1]", "prod, cluster d1"),
        ("clusters: [gone]", "environments: [dev]", ""),
    ],
)
def test_elsewhere_is_where_one_document_is_and_the_other_is_not(app: str, tenant: str, missing: str) -> None:
    spec = spec_of(
        f"{{kind: app, name: web, image: {{name: a, tag: b}}, {app}}}", f"{{kind: tenant, name: team, {tenant}}}"
    )

    assert elsewhere(spec, spec.app("web"), spec.readable(Tenant, "team")) == missing


def test_nothing_is_said_of_a_document_that_cannot_be_read() -> None:
    spec = with_app("")

    assert elsewhere(spec, spec.app("web"), None) == ""


def test_the_namespaces_of_kubernetes_and_of_flux_are_furnished() -> None:
    spec = spec_of(platform="flux: {namespace: gitops}, ")

    assert all(is_furnished(spec, name) for name in ("default", "kube-system", "gitops"))
    assert not is_furnished(spec, "web")
