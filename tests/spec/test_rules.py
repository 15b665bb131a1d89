from __future__ import annotations

import pytest

from scaffolder.flux import rules as flux_rules
from scaffolder.spec.load import Key, Spec
from scaffolder.spec.model import LAYERS, AnyDocument
from tests.spec.support import CHART, problems, small, source, told


def app(fields: str = "", name: str = "web", what: str = CHART) -> str:
    return f"{{kind: app, name: {name}, {what}{', ' * bool(fields)}{fields}}}"


def cluster(fields: str = "", name: str = "c1", environment: str = "dev") -> str:
    return f"{{kind: cluster, name: {name}, environment: {environment}{', ' * bool(fields)}{fields}}}"


@pytest.mark.parametrize("name", ["base", "flux", "pin", "namespace", "install"])
def test_environments_may_not_bear_the_names_of_our_folders(name: str) -> None:
    (line,) = told(f"{{kind: environment, name: {name}}}")

    assert line == f"7:27: `{name}` is reserved: a folder of that name is ours (`name`)"


@pytest.mark.parametrize("name", ["flux-system", "kube-x", "fleet", "cluster-vars", "base", *LAYERS])
def test_apps_may_not_bear_the_names_of_flux_objects_or_of_layers(name: str) -> None:
    lines = told(app(name=name, fields="namespace: team"), "{kind: tenant, name: team}")

    assert lines == [f"7:19: `{name}` is reserved: Flux's own objects or ours bear that name (`name`)"]


@pytest.mark.parametrize("name", ["kustomization", "cloudbuild"])
def test_apps_may_not_be_called_what_flux_takes_for_another_file(name: str) -> None:
    (line,) = told(app(name=name))

    assert line == f"7:19: `{name}` is reserved: Flux would not take {name}.yaml for an app's file (`name`)"


def test_flux_may_not_live_in_a_namespace_whose_folder_would_be_ours() -> None:
    (apps,) = problems(small().replace("acme,", "acme, flux: {namespace: apps},", 1))
    (root,) = problems(small(cluster("path: .")).replace("acme,", "acme, flux: {namespace: stacks},", 1))

    assert apps.startswith(
        "gitops.yaml:1:48: `apps` cannot be Flux's namespace: in a cluster's folder that name is ours"
    )
    assert root == "gitops.yaml:7:51: in the root Flux's folder would be `stacks`, which is ours (`path`)"


def test_where_flux_lives_in_another_namespace_that_name_is_reserved_too() -> None:
    text = small(app(name="gitops", fields="namespace: gitops")).replace("acme,", "acme, flux: {namespace: gitops},", 1)

    reserved, no_tenant = problems(text)

    assert "`gitops` is reserved" in reserved
    assert "the namespace `gitops` is no tenant" in no_tenant


TENANT = "{kind: tenant, name: team}"
GIT = "git: {url: https://h/a}"


@pytest.mark.parametrize(
    ("documents", "at", "message"),
    [
        (["{kind: environment, name: qa, after: pord}"], "pord", "unknown environment `pord`; did you mean `prod`?"),
        (["{kind: environment, name: qa, after: qa}"], "qa}", "`after` goes round in a circle: qa after qa"),
        (["{kind: environment, name: qa, variables: {LGO: x}}"], "LGO", "the variable `LGO` has no default in the"),
        ([cluster(environment="dve")], "dve", "unknown environment `dve`; did you mean `dev`?"),
        ([cluster("variables: {A: b}")], "A:", "the variable `A` has no default in the platform; allowed: LOG"),
        ([TENANT.replace("}", ", environments: [dev, qa]}")], "qa", "unknown environment `qa`; allowed: dev, prod"),
        ([app("environments: [qa]")], "qa", "unknown environment `qa`; allowed: dev, prod (`environments[0]`)"),
        ([app("namespace: team")], "team", "the namespace `team` is no tenant; there are none; add it with `scaffol"),
        ([TENANT, app("namespace: tema")], "tema", "the namespace `tema` is no tenant; did you mean `team`?"),
        ([app(name="default")], "default", "the namespace `default` is no tenant"),
        ([app("namespace: flux-system")], "flux-system", "the namespace `flux-system` is no tenant"),
        ([app("dependsOn: [{name: db}]")], "db", "unknown app `db`; allowed: web (`dependsOn[0].name`)"),
        ([app("dependsOn: [{name: web}]")], "web", "an app cannot depend on itself"),
        (
            [app("overlays: {dev: {ref: {branch: x}}}")],
            "{branch",
            "`ref` does not go with `chart`: it needs `git` or `oci`",
        ),
        (
            [app("overlays: {dev: {path: x}}")],
            "x}",
            "`path` does not go with `chart`: it needs `git` or `oci` or `bucket`",
        ),
        ([app("values: {a: 1}", what=GIT)], "{a", "`values` does not go with `git`: it needs `chart`"),
        (
            [app("overlays: {dev: {values: {a: 1}}}", what=GIT)],
            "{a",
            "`values` does not go with `git`: it needs `chart`",
        ),
        (
            [app("overlays: {dev: {version: '1'}}", what=GIT)],
            "'1'",
            "`version` does not go with `git`: it needs `chart`",
        ),
        (
            [app("environments: [dev], overlays: {prod: {}}")],
            "prod",
            "the app is not in environment `prod`; allowed: dev",
        ),
    ],
)
def test_what_does_not_fit_other_documents_is_told_at_its_place(documents: list[str], at: str, message: str) -> None:
    text = small(*documents)
    line, column = text[: text.rindex(at)].count("\n") + 1, text.rindex(at) - text.rindex("\n", 0, text.rindex(at))

    (found,) = problems(text)

    assert found.startswith(f"gitops.yaml:{line}:{column}: {message}")


@pytest.mark.parametrize(
    ("documents", "message"),
    [
        (
            [app("namespace: team"), TENANT.replace("}", ", environments: [dev]}")],
            "the tenant `team` does not live in prod",
        ),
        ([app("dependsOn: [{name: db}]"), app("environments: [dev]", "db")], "the app `db` is not in prod"),
        (
            [app("dependsOn: [{name: db}]"), app("dependsOn: [{name: web}]", "db")],
            "the apps wait for each other: db -> web",
        ),
    ],
)
def test_what_another_document_takes_away_is_told(documents: list[str], message: str) -> None:
    (found,) = told(*documents)

    assert message in found


def test_a_domain_needs_a_default() -> None:
    text = small(cluster("domain: eu.example.com")).replace("domain: example.com, ", "", 1)

    assert problems(text) == [
        "gitops.yaml:7:53: `domain` needs a default in the platform: every cluster has the variable DOMAIN, or none"
    ]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("apps/x", "lies in one that is ours; clusters/… is free"),
        ("gitops", "lies in one that is ours"),
        ("gitops.yaml", "lies in one that is ours"),
        ("./.scaffolder/x/", "lies in one that is ours"),
        ("README.md/x", "lies in one that is ours"),
        ("x/../.git/hooks", "leads into .git"),
        (".GIT./x", "leads into .git"),
        ("a b", "may hold letters, digits, `.`, `_`, `-` and `/`"),
        ("é", "may hold letters"),
        ("x" * 300, "is longer than file systems allow"),
    ],
)
def test_a_clusters_folder_is_one_that_is_free(path: str, reason: str) -> None:
    (line,) = told(cluster(f"path: '{path}'"))

    assert line.startswith("7:51: the cluster's folder `")
    assert reason in line


@pytest.mark.parametrize("path", ["clusters/prod", "/clusters//prod/", "../../x", ".", "deploy/eu-1", "clusters/dev"])
def test_a_clusters_folder_may_be_anywhere_else(path: str) -> None:
    assert told(cluster(f"path: '{path}'")) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x", "./x/"),
        ("x", "x/apps/y"),
        ("x", "x/flux-system"),
        ("x", "x/cluster-vars.yaml"),
        (".", "flux-system/x"),
        (".", "cluster-apps/x"),
        ("clusters/dev", "clusters/dev/apps"),
    ],
)
def test_clusters_may_not_lie_in_the_parts_of_others(one: str, other: str) -> None:
    lines = told(cluster(f"path: {one}"), cluster(f"path: {other}", "c2"))

    assert any(
        line.startswith("9:51: ") and line.endswith("clashes with that of cluster `c1` (`path`)") for line in lines
    )


def test_clusters_may_lie_beside_and_below_each_other() -> None:
    assert (
        told(cluster("path: ."), cluster("path: x", "c2"), cluster("path: x/y", "c3"), cluster("path: xapps", "c4"))
        == []
    )


def test_what_is_right_is_not_told() -> None:
    documents = [
        "{kind: tenant, name: team}",
        app("namespace: team, dependsOn: [{name: db}]"),
        app("namespace: team", "db"),
    ]

    assert told(*documents, cluster("variables: {LOG: debug}, domain: eu.example.com")) == []


def test_an_edit_is_judged_by_what_it_touches_alone() -> None:
    files = {"gitops.yaml": small(), "gitops/apps/web.yaml": app(), "gitops/apps/bad.yaml": "a: ["}

    assert problems(files, [("app", "web")]) == []
    assert len(problems(files, [("environment", "dev")])) == 1


def test_an_app_that_a_new_tenant_leaves_out_is_told() -> None:
    files = {"gitops.yaml": small(app()), "gitops/tenants/web.yaml": "{kind: tenant, name: web, environments: [dev]}"}

    (line,) = problems(files, [("tenant", "web")])

    assert "the tenant `web` does not live in prod" in line


class Counted(Spec):
    """Counts how often a document is looked at."""

    looks = 0

    def __getitem__(self, key: Key) -> AnyDocument:
        self.looks += 1
        return super().__getitem__(key)


@pytest.mark.parametrize("kind", ["app", "cluster", "environment"])
def test_the_work_grows_with_the_documents_and_no_faster(kind: str) -> None:
    def looks(count: int) -> int:
        text = {
            "app": lambda n: app(f"dependsOn: [{{name: n{n - 1}}}]" if n else "", f"n{n}"),
            "cluster": lambda n: cluster("flux: {components: [source-controller, kustomize-controller]}", f"n{n}"),
            "environment": lambda n: f"{{kind: environment, name: n{n}, after: {f'n{n - 1}' if n else 'dev'}}}",
        }[kind]
        spec = Counted(source({"gitops.yaml": small(), **{f"gitops/{kind}s/n{n}.yaml": text(n) for n in range(count)}}))
        flux_rules.check(spec)
        return spec.looks

    assert looks(200) <= 11 * looks(20)
