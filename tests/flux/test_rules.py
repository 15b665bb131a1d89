from __future__ import annotations

import pytest

from tests.spec.support import CHART, problems, small

CLUSTER = "{kind: cluster, name: c1, environment: dev}"
CORE = "[source-controller, kustomize-controller]"


def of_platform(options: str, *documents: str) -> list[str]:
    """What is told, without the places, of a platform with some options of Flux."""
    text = small(*documents).replace("acme,", f"acme, {options},", 1)
    return [line.partition(": ")[2] for line in problems(text)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("flux: {version: 2.9.4}", "`flux.version` `2.9.4` is not a Flux release such as v2.9.4; write v2.9.4"),
        ("flux: {version: v2.1.0}", "`flux.version` Flux 2.1 is not known: 2.2 to 2.9 are"),
        ('kubernetes: "1.30"', "Flux v2.9.4 needs Kubernetes 1.33 or newer, and the platform says 1.30 (`kubernetes`)"),
        ('kubernetes: "1.30", flux: {version: v2.6.0}', "Flux v2.6.0 needs Kubernetes 1.31 or newer"),
        (
            "flux: {components: [source-controller]}",
            "the component `kustomize-controller` is required (`flux.components`)",
        ),
        (
            "flux: {componentsExtra: [helm]}",
            "`helm` is no component; allowed: helm-controller, image-automation-controller",
        ),
        ("flux: {componentsExtra: [source-wacher]}", "`source-wacher` is no component; did you mean `source-watcher`?"),
        (
            "flux: {version: v2.6.4, componentsExtra: [source-watcher]}",
            "`source-watcher` is part of Flux from 2.7 on, not of",
        ),
        ("flux: {componentsExtra: [helm-controller]}", "`helm-controller` stands twice among the components"),
        ("flux: {namespace: '123'}", "`123` is a word that YAML does not read as text, and Flux does not quote it"),
        ("flux: {registry: 'a b'}", "`a b` is not a registry such as ghcr.io/fluxcd (`flux.registry`)"),
        ("flux: {tolerationKeys: ['a b']}", "`a b` is not the key of a taint (`flux.tolerationKeys`)"),
        ("flux: {imagePullSecret: '123'}", "`123` is a word that YAML does not read as text"),
    ],
)
def test_what_flux_would_refuse_is_told(options: str, message: str) -> None:
    (line,) = of_platform(options)

    assert line.startswith(message)


@pytest.mark.parametrize(
    ("version", "border"), [("v2.5.0", "at least 2.6"), ("v2.2.0", "at least 2.6"), ("v2.9.0", ""), ("v2.6.9", "")]
)
def test_an_environment_may_be_ahead_of_the_platform_and_not_behind(version: str, border: str) -> None:
    lines = of_platform("flux: {version: v2.6.0}", f"{{kind: environment, name: qa, flux: {{version: {version}}}}}")

    assert lines == (
        [f"{version} does not work beside the platform's Flux 2.6: {border} (`flux.version`)"] if border else []
    )


def test_a_cluster_may_be_ahead_only_as_far_as_old_api_versions_are_served() -> None:
    lines = of_platform("flux: {version: v2.4.0}", CLUSTER.replace("dev}", "dev, flux: {version: v2.8.0}}"))

    assert lines == ["v2.8.0 does not work beside the platform's Flux 2.4: at most 2.7 (`flux.version`)"]


def test_a_newer_flux_needs_a_kubernetes_that_it_runs_on() -> None:
    lines = of_platform(
        'kubernetes: "1.31", flux: {version: v2.6.0}', "{kind: environment, name: qa, flux: {version: v2.9.4}}"
    )

    assert lines == ["Flux v2.9.4 needs Kubernetes 1.33 or newer, and the platform says 1.31 (`flux.version`)"]


def test_an_option_is_told_where_it_is_set_and_nowhere_else() -> None:
    lines = problems(small("{kind: environment, name: qa, flux: {registry: 'a b'}}", CLUSTER.replace("dev", "qa")))

    assert lines == ["gitops.yaml:7:48: `a b` is not a registry such as ghcr.io/fluxcd (`flux.registry`)"]


def test_a_chart_needs_the_helm_controller_in_each_of_its_environments() -> None:
    without = f"{{kind: environment, name: qa, flux: {{components: {CORE}}}}}"

    lines = problems(
        small(without, f"{{kind: app, name: web, {CHART}}}", f"{{kind: app, name: api, {CHART}, environments: [dev]}}")
    )

    (line,) = lines
    message = "a chart needs the component `helm-controller`, which is not installed in environment `qa`"
    assert line == f"gitops.yaml:9:31: {message} (`chart`)"


def test_a_cluster_that_leaves_out_the_helm_controller_cannot_have_charts() -> None:
    cluster = CLUSTER.replace("dev}", f"dev, flux: {{components: {CORE}}}}}")

    lines = problems(small(cluster, f"{{kind: app, name: web, {CHART}}}"))

    assert lines == [
        "gitops.yaml:7:64: the chart of app `web` needs the component `helm-controller` here (`flux.components`)"
    ]
    assert problems(small(cluster, f"{{kind: app, name: web, {CHART}, environments: [prod]}}")) == []


def test_wrong_documents_and_wrong_versions_are_told_together() -> None:
    lines = of_platform(
        "flux: {version: v2.6.0}",
        "{kind: environment, name: qa, after: x, flux: {version: v2.2.0}}",
        "{kind: tenant, name: a, colour: red}",
    )

    assert [line.split("`")[1] for line in lines] == ["x", "flux.version", "colour"]
