from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.render.units import Unit, all_units
from tests.judges.yaml_readers import read_1_1, read_1_2
from tests.render.trees import APPS, PLATFORM, rendered, spec_of, text_of, tree_of
from tests.support.laws import law

SMALL = PLATFORM.replace("FLUX", "v2.9.4")
FLUXES = ("v2.2.3", "v2.3.0", "v2.4.0", "v2.5.1", "v2.6.4", "v2.7.5", "v2.8.8", "v2.9.4")

more = st.lists(
    st.sampled_from(
        [
            "{kind: cluster, name: more, environment: dev}\n",
            "{kind: cluster, name: root, environment: prod, path: .}\n",
            "{kind: tenant, name: more}\n",
            "{kind: tenant, name: kube-system, environments: [prod]}\n",
            "{kind: app, name: more, chart: {name: more, url: 'https://charts.example.com'}}\n",
            "{kind: tenant, name: theirs}\n---\n{kind: app, name: x, namespace: theirs, git: {url: 'https://x.io'}}\n",
        ]
    ),
    unique=True,
)


@law(30)
@given(added=more)
def test_a_document_more_changes_no_file_that_was_there(added: list[str]) -> None:
    before = tree_of(spec_of(SMALL, APPS))

    after = tree_of(spec_of(SMALL, APPS, *added))

    assert {path: after.get(path) for path in before} == before


def test_an_environment_more_changes_only_its_own_folders() -> None:
    before = tree_of(spec_of(SMALL, APPS))

    after = tree_of(spec_of(SMALL, APPS, "{kind: environment, name: qa, after: dev}\n"))

    assert {path: after.get(path) for path in before} == before
    assert all("qa" in path.split("/") for path in after.keys() - before.keys())


ODD = (
    *(" a\nb", "a\r\nb", "\ta\nb", "a \nb", "a\x0bb\nc", "- a\n- b", "# x\ny", "---\na", "{{ x }}", "{% x", "%YAML\nx"),
    *(
        "a\n",
        "a\n\n",
        "\n",
        "a\u2028b",
        "a\nb\u2029c",
        "a\x85b",
        "\ufeffa\nb",
        "yes",
        "1e3",
        "0o17",
        "~",
        "12:30",
        "x: y",
    ),
)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(ODD)
values = st.recursive(
    words | st.integers() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)


@law(150)
@given(given_values=st.dictionaries(words, values, min_size=1, max_size=3))
def test_helm_values_reach_every_yaml_reader_as_they_are(given_values: dict[str, Any]) -> None:
    spec = spec_of(SMALL, "{kind: app, name: web, chart: {name: web, url: 'https://x.io'}}\n")
    spec._models["app", "web"] = spec.app("web").model_copy(update={"values": given_values})

    text = text_of(spec, Unit("app", "web"), "apps/base/web/release.yaml")

    assert read_1_1(text)[0]["spec"]["values"] == given_values
    assert read_1_2(text)[0]["spec"]["values"] == given_values


def chart_at(flux: str, overlay: str = "", url: str = "oci://registry.example.com/team/chart") -> dict[str, list[Any]]:
    """The objects of an app with a chart, by file."""
    spec = spec_of(
        SMALL.replace("v2.9.4", flux),
        f"{{kind: app, name: web, chart: {{url: '{url}', version: 1.2.3}}, overlays: {{dev: {{{overlay}}}}}}}\n",
    )
    return {path: list(yaml.safe_load_all(text)) for path, text in tree_of(spec).items() if path.endswith(".yaml")}


@pytest.mark.parametrize("flux", FLUXES)
def test_an_oci_chart_is_written_in_the_words_of_its_flux(flux: str) -> None:
    tree = chart_at(flux)

    source, release = tree["apps/base/web/source.yaml"][0], tree["apps/base/web/release.yaml"][0]

    if flux == "v2.2.3":
        assert source["spec"]["type"] == "oci"
        assert source["spec"]["url"] == "oci://registry.example.com/team"
        assert release["spec"]["chart"]["spec"] | {"sourceRef": None} == {
            "chart": "chart",
            "reconcileStrategy": "ChartVersion",
            "sourceRef": None,
            "version": "1.2.3",
        }
    else:
        assert source["spec"]["ref"] == {"tag": "1.2.3"}
        assert release["spec"]["chartRef"] == {"kind": "OCIRepository", "name": "web"}


@pytest.mark.parametrize(
    ("version", "reference"),
    [
        ("1.2.3", {"tag": "1.2.3"}),
        ("v1.2.3", {"tag": "v1.2.3"}),
        ("1.2.3-next.1", {"tag": "1.2.3-next.1"}),
        ("1.2.3+build.5", {"tag": "1.2.3_build.5"}),
        ("latest", {"tag": "latest"}),
        ("1.2", {"semver": "1.2"}),
        ("6", {"semver": "6"}),
        ("1.x", {"semver": "1.x"}),
        ("1.2.X", {"semver": "1.2.X"}),
        ("x", {"semver": "x"}),
        ("*", {"semver": "*"}),
        (">=1.0.0 <2.0.0", {"semver": ">=1.0.0 <2.0.0"}),
        ("~1.2.3", {"semver": "~1.2.3"}),
        ("^1 || ^2", {"semver": "^1 || ^2"}),
        ("1.0.0 - 2.0.0", {"semver": "1.0.0 - 2.0.0"}),
    ],
)
def test_a_version_in_full_is_a_tag_and_anything_else_a_range(version: str, reference: dict[str, str]) -> None:
    tree = chart_at("v2.9.4", overlay=f'version: "{version}"')

    patch = tree["apps/dev/web/kustomization.yaml"][0]["patches"][0]["patch"]

    assert yaml.safe_load(patch) == [{"op": "replace", "path": "/spec/ref", "value": reference}]


def test_a_chart_without_a_version_follows_the_newest() -> None:
    spec = spec_of(SMALL, "{kind: app, name: web, chart: {url: 'oci://x.io/web'}}\n")

    source = yaml.safe_load(text_of(spec, Unit("app", "web"), "apps/base/web/source.yaml"))

    assert source["spec"]["ref"] == {"semver": "*"}


@pytest.mark.parametrize("source", ["git: {url: 'https://x.io/r'}", "chart: {name: web, url: 'https://x.io'}"])
@pytest.mark.parametrize("here", [None, True, False])
@pytest.mark.parametrize("everywhere", [True, False])
def test_an_app_is_suspended_where_its_overlay_says_so_or_else_everywhere(
    source: str, *, here: bool | None, everywhere: bool
) -> None:
    overlay = "" if here is None else f", overlays: {{dev: {{suspend: {str(here).lower()}}}}}"
    spec = spec_of(SMALL, f"{{kind: app, name: web, {source}, suspend: {str(everywhere).lower()}{overlay}}}\n")

    files = {**rendered(spec, Unit("app", "web")).files, **rendered(spec, Unit("app", "web", "dev")).files}
    said = [
        document["spec"]["suspend"]
        for path in ("apps/base/web/release.yaml", "apps/dev/web/release.yaml", "stacks/dev/apps/web.yaml")
        for document in yaml.safe_load_all(files[path].content if path in files else b"")
        if "suspend" in document["spec"]
    ]

    assert (said or [False])[-1] == (everywhere if here is None else here)


@pytest.mark.parametrize("flux", FLUXES)
def test_what_a_flux_does_not_know_is_not_written(flux: str) -> None:
    tree = {path: content.decode() for path, content in tree_of(spec_of(SMALL.replace("v2.9.4", flux))).items()}
    layers, controllers = tree["stacks/base/layers.yaml"], tree["stacks/flux/kustomization.yaml"]

    assert ("deletionPolicy" in layers) == (flux >= "v2.5")
    assert ("reconcile.fluxcd.io/watch" in tree["clusters/dev/dev-1/cluster-vars.yaml"]) == (flux >= "v2.7")
    assert ("reconcile.fluxcd.io/watch" in tree["tenants/namespace/cluster-vars.yaml"]) == (flux >= "v2.7")
    assert ("StrictPostBuildSubstitutions" in controllers) == ("v2.3" <= flux < "v2.9")


def test_a_clusters_variables_are_the_platforms_then_its_environments_then_its_own() -> None:
    spec = spec_of(
        "{kind: platform, name: a, domain: a.io, variables: {A: '1', B: '1', C: '1'}}\n",
        "{kind: environment, name: dev, domain: dev.a.io, variables: {B: '2', C: '2'}}\n",
        "{kind: cluster, name: c, environment: dev, variables: {C: '3'}}\n",
    )

    text = text_of(spec, Unit("cluster", "c"), "clusters/dev/c/cluster-vars.yaml")

    expected = {"CLUSTER_NAME": "c", "ENVIRONMENT": "dev", "DOMAIN": "dev.a.io", "A": "1", "B": "2", "C": "3"}
    assert yaml.safe_load(text)["data"] == expected | {"FLEET_REF": "refs/heads/main"}


@pytest.mark.parametrize(
    ("environment", "cluster", "followed"),
    [
        ("", "", "refs/heads/trunk"),
        (", ref: refs/tags/v1", "", "refs/tags/v1"),
        (", ref: refs/tags/v1", ", ref: refs/heads/next", "refs/heads/next"),
    ],
)
def test_a_cluster_follows_its_own_ref_or_its_environments_or_the_branch(
    environment: str, cluster: str, followed: str
) -> None:
    spec = spec_of(
        "{kind: platform, name: a, repository: {branch: trunk}}\n",
        f"{{kind: environment, name: dev{environment}}}\n",
        f"{{kind: cluster, name: c, environment: dev{cluster}}}\n",
    )

    text = text_of(spec, Unit("cluster", "c"), "clusters/dev/c/cluster-vars.yaml")

    assert yaml.safe_load(text)["data"]["FLEET_REF"] == followed


def test_a_cluster_in_the_root_keeps_its_own_apps_out_of_everybodys() -> None:
    spec = spec_of(SMALL, APPS, "{kind: cluster, name: root, environment: prod, path: .}\n")

    files = rendered(spec, Unit("cluster", "root")).files

    assert "cluster-apps/.gitkeep" in files
    assert not any(path.startswith("apps/") for path in files)
    assert b"value: ./cluster-apps" in files["kustomization.yaml"].content


def test_all_units_of_awkward_documents_can_be_read_by_both_kinds_of_yaml_readers() -> None:
    spec = spec_of(SMALL, APPS)

    for unit in all_units(spec):
        for path, file in rendered(spec, unit).files.items():
            if path.endswith(".yaml"):
                text = file.content.decode()
                assert read_1_1(text) == read_1_2(text), path
