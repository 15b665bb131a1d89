from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scaffolder.apply import WorkTree
from scaffolder.errors import DocumentError
from scaffolder.flux import rules
from scaffolder.spec.app import App
from scaffolder.spec.load import Spec
from scaffolder.spec.model import KINDS
from scaffolder.yamlio import dump, flow
from tests.spec.support import CHART, problems, small, source

APP = f"kind: app\nname: web\n{CHART}\n"


def apart(path: str, text: str) -> list[str]:
    """What is told of a file beside `gitops.yaml`."""
    return problems({"gitops.yaml": small(), path: text})


def test_documents_stand_together_or_each_in_a_file_of_its_own() -> None:
    spec = Spec(source({"gitops.yaml": small("{kind: tenant, name: a}"), "gitops/apps/web.yaml": APP}))

    assert spec.names("tenant") == ("a",)
    assert spec.app("web").chart is not None
    assert spec.places["app", "web"].file == "gitops/apps/web.yaml"


def test_a_document_is_parsed_only_when_somebody_asks_for_it() -> None:
    spec = Spec(source({"gitops.yaml": small(), "gitops/apps/web.yaml": APP, "gitops/apps/bad.yaml": "a: ["}))

    assert spec.app("web").name == "web"
    assert spec.readable(App, "bad") is None


def test_json_in_a_yaml_file_is_yaml() -> None:
    assert apart("gitops/apps/web.yaml", '{"kind": "app", "name": "web", "git": {"url": "https://h/a"}}') == []


@pytest.mark.parametrize("name", ["1e3", "on", "null", "123"])
def test_a_name_that_yaml_would_misread_is_a_name_in_quotes(name: str) -> None:
    assert apart(f"gitops/apps/{name}.yaml", APP.replace("web\n", f'"{name}"\n', 1)) == []
    assert len(apart(f"gitops/apps/{name}.yaml", APP.replace("web\n", f"{name}\n", 1))) == 1


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("gitops/apps/web.yaml", "", "gitops/apps/web.yaml:1:1: must hold exactly one document, not 0"),
        ("gitops/apps/web.yaml", f"{APP}---\n{APP}", "gitops/apps/web.yaml:5:1: must hold exactly one document, not 2"),
        ("gitops/apps/api.yaml", APP, "gitops/apps/api.yaml:2:7: must hold app `api`, as its path says, not app `web`"),
        ("gitops/tenants/web.yaml", APP, "gitops/tenants/web.yaml:1:7: must hold tenant `web`, as its path says"),
        ("gitops/apps/web.yaml", "a: [", "gitops/apps/web.yaml:2:1: did not find expected node content"),
        ("gitops/apps/web.yaml", "- a", "gitops/apps/web.yaml:1:1: a document is a mapping with `kind` and `name`"),
        ("gitops/apps/web.yaml", "name: web", "gitops/apps/web.yaml:1:1: `kind` is required; allowed: platform,"),
        ("gitops/apps/web.yml", APP, "gitops/apps/web.yml:1:1: a document's file is its name and .yaml"),
        ("gitops/apps/web.json", "{}", "gitops/apps/web.json:1:1: a document's file is its name and .yaml"),
        ("gitops/apps/team/web.yaml", APP, "gitops/apps/team:1:1: is a folder: documents stand in gitops/apps/ itself"),
        ("gitops/apps/web.yaml/x", "", "gitops/apps/web.yaml:1:1: is a folder or a link: documents stand in files"),
        ("gitops/web.yaml", APP, "gitops/web.yaml:1:1: is no place for documents; allowed: apps, clusters,"),
        ("gitops/app/web.yaml", APP, "gitops/app:1:1: is no place for documents; did you mean `apps`?"),
        ("gitops/apps/a\nb.yaml", APP, r"gitops/apps/a\nb.yaml:1:1: a document's file is its name and .yaml"),
        ("gitops/apps/a\udcff.yaml", APP, r"gitops/apps/a\udcff.yaml:1:1: a document's file is its name and .yaml"),
        ("gitops/environments/dev.yaml", "{kind: environment, name: dev}", "gitops.yaml:3:27: environment `dev` is"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_what_its_path_says_is_told(path: str, text: str, line: str) -> None:
    (found,) = apart(path, text)

    assert found.startswith(line)


@pytest.mark.parametrize("path", ["gitops/README.md", "gitops/apps/README.md", "gitops/apps/.gitkeep", "gitops.yml"])
def test_what_is_no_yaml_may_lie_there(path: str) -> None:
    assert apart(path, "") == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("kind: tenant\nname: a\n---\nkind: tenant\nname: a\n", "11:7: tenant `a` is already in gitops.yaml:7:1"),
        ("kind: tennant\nname: a\n", "7:7: unknown kind `tennant`; did you mean `tenant`? allowed: app, cluster"),
        ("kind: component\nname: a\n", "7:7: unknown kind `component`; allowed: app, cluster"),
        ("kind: [a]\nname: a\n", "7:7: `kind` must be text; allowed: app, cluster"),
        ("kind: tenant\n", "7:1: `name` is required"),
        ("kind: tenant\nname: 12\n", "8:7: `name` must be text, not a number: quote it"),
        ("kind: tenant\nname: ''\n", "8:7: `name` must be a DNS label"),
        ("kind: tenant\nname: ../x\n", "8:7: `name` must be a DNS label"),
        ("text\n", "7:1: a document is a mapping with `kind` and `name`"),
        ("{kind: platform, name: other}\n", "7:1: a second platform beside `acme`: a repository has one"),
        ("a: [\n", "8:1: did not find expected node content"),
    ],
)
def test_a_document_that_cannot_be_found_is_told(text: str, line: str) -> None:
    (found,) = problems(small(text))

    assert found.startswith(f"gitops.yaml:{line}")


def test_without_a_platform_there_is_no_repository() -> None:
    assert problems("") == ["gitops.yaml:1:1: no platform document: every repository has one of `kind: platform`"]


@pytest.mark.parametrize("text", ["", "{kind: platform, name: a}\n---\n{kind: platform, name: b}\n"])
def test_there_is_no_platform_to_be_had_where_there_is_none_or_two(text: str) -> None:
    spec = Spec(source(text))

    with pytest.raises(DocumentError, match="platform"):
        _ = spec.platform


def test_a_document_that_is_there_twice_or_elsewhere_is_judged_as_well() -> None:
    twice = problems(small("{kind: tenant, name: a}", "{kind: tenant, name: a, colour: red}"))
    elsewhere = apart("gitops/apps/api.yaml", f"{APP}colour: red\n")

    assert [re.sub(r";.*", "", line) for line in twice] == [
        "gitops.yaml:9:22: tenant `a` is already in gitops.yaml:7:1",
        "gitops.yaml:9:25: unknown field `colour`",
    ]
    assert len(elsewhere) == 2


def test_what_cannot_be_read_hides_nothing_and_is_not_told_again_as_unknown() -> None:
    files = {
        "gitops.yaml": small("{kind: tenant, name: a, environments: [qa]}"),
        "gitops/environments/qa.yaml": "kind: environment\nname: qa\ncolour: red\n",
        "gitops/apps/web.yaml": APP + "dependsOn: [{name: api}, {name: db}]\n",
        "gitops/apps/api.yaml": "a: [\n",
    }

    found = [line.partition(": ")[0] for line in problems(files)]

    assert found == ["gitops/apps/api.yaml:2:1", "gitops/apps/web.yaml:4:33", "gitops/environments/qa.yaml:3:1"]


def test_a_link_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.yaml").write_text(small(), encoding="utf-8")
    (tmp_path / "work").mkdir()
    (tmp_path / "work/gitops.yaml").symlink_to("../elsewhere.yaml")

    spec = Spec(WorkTree(tmp_path / "work", tmp_path / "git"))

    assert spec.bad == ["gitops.yaml:1:1: is a folder or a link: documents stand in files"]


NAMES = [
    "a",
    "web",
    "dev",
    "prod",
    "base",
    "flux-system",
    "kube-x",
    "apps",
    "123",
    "on",
    "A",
    "..",
    "x" * 64,
    "default",
]
TEXTS = [
    *(
        "v2.9.4",
        "v2.2.0",
        "v9.9.9",
        "2.9.4",
        "1.33",
        "refs/heads/main",
        "1h",
        "9" * 400 + "h",
        "https://h/a",
        "oci://h/c",
    ),
    *("oci://h", "git@h:p", "https://[::1", "https://h:99999/", "clusters/x", "../x", ".git/x", ".", "apps/x", "[key]"),
    *("helm-controller", "source-watcher", "${X}", "$${X}", "${X", "${DOMAIN:-${Y}}", "@", "\x1b[31m\n"),
]
SCALARS = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)),
    *(st.sampled_from(NAMES + TEXTS), st.text(max_size=6)),
)
FIELDS = sorted({info.alias or name for kind in KINDS.values() for name, info in kind.model_fields.items()})
INNER = ["url", "branch", "version", "path", "components", "namespace", "secretRef", "registry", "prod", "dev", "[key]"]
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(FIELDS + INNER), inner, max_size=3)
    ),
    max_leaves=8,
)
FLUX = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(["version", "components", "componentsExtra", "namespace", "clusterDomain"], VALUES)
)
LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(NAMES),
    "environment": st.sampled_from(["dev", "prod", "qa"]),
    "chart": st.fixed_dictionaries({"name": st.just("x"), "url": st.sampled_from(TEXTS)}),
    "dependsOn": st.lists(st.fixed_dictionaries({"name": st.sampled_from(NAMES)}), max_size=3),
    "overlays": st.dictionaries(st.sampled_from(["dev", "qa"]), VALUES, max_size=2),
    "flux": FLUX,
}


@st.composite
def documents(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Documents of all kinds with likely and unlikely values under known and unknown keys."""
    found = []
    for kind in draw(st.lists(st.sampled_from([*KINDS, "component"]), max_size=4)):
        fields = draw(st.lists(st.sampled_from([*FIELDS, "name", "unknown"]), max_size=4, unique=True))
        found.append({"kind": kind, "name": draw(LIKELY["name"])})
        found[-1] |= {field: draw(st.one_of(LIKELY.get(field, VALUES), VALUES)) for field in fields}
    return found


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents(), st.sampled_from([dump, flow]))
def test_whatever_documents_hold_they_are_taken_or_told_line_by_line(found: list[dict[str, Any]], write: Any) -> None:
    text = small(*map(write, found))
    spec = Spec(source(text))

    try:
        rules.check(spec)
    except DocumentError as error:
        lines = error.problems
    else:
        lines = ()

    assert all(re.fullmatch(r"gitops\.yaml:\d+:\d+: .+", line) and line.isprintable() for line in lines)
    assert len(set(lines)) == len(lines)
    assert all(int(line.split(":")[1]) <= text.count("\n") for line in lines)
