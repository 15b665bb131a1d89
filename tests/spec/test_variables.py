from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scaffolder.errors import shown
from scaffolder.yamlio import dump
from tests.judges.substitution import Variables, substitute
from tests.spec.support import CHART, problems, small, told
from tests.support.laws import law


def of_values(text: str) -> list[str]:
    return told(f"kind: app\nname: web\n{CHART}\nvalues:\n  a: ['{text}']\n")


@pytest.mark.parametrize(
    "text",
    [
        "${LOG}",
        "${DOMAIN}-${CLUSTER_NAME}",
        "$${ANY}",
        "$HOME",
        "$(HOME)",
        "${LOG:-x}",
        "${LOG:=${DOMAIN}}",
        "}${LOG}{",
        "$",
    ],
)
def test_what_flux_can_replace_or_leaves_alone_may_stand_in_values(text: str) -> None:
    assert of_values(text) == []


@pytest.mark.parametrize(
    ("text", "told_of"),
    [
        ("${LGO}", "`${LGO}` names no variable; did you mean `LOG`?"),
        ("x ${LOG} ${HOME} $${ANY}", "`${HOME}` names no variable"),
        ("${LOG:-${HOME}}", "`${HOME}` names no variable"),
        ("${}", "`${}` names no variable"),
        ("${FLEET_REF}", "`${FLEET_REF}` names no variable"),
        ("${#LOG}", "`${#LOG}` names no variable"),
        ("${LOG", "`${LOG` is not closed"),
        ("$$${HOME}${HOME:-x}", "`${HOME:-x}` names no variable"),
    ],
)
def test_what_would_stop_flux_is_told(text: str, told_of: str) -> None:
    (line,) = of_values(text)

    assert line.startswith(f"11:7: {told_of}")


def test_the_way_out_is_told_too() -> None:
    (line,) = of_values("${HOME}")

    assert line.endswith(
        "allowed: CLUSTER_NAME, DOMAIN, ENVIRONMENT, LOG; text that is meant so is written `$${HOME}` (`values.a[0]`)"
    )


def test_keys_and_the_chart_and_overlays_are_substituted_as_well() -> None:
    lines = told(
        "kind: app\nname: web\nchart:\n  name: ${A}\n  url: https://h/${B}\n  version: ${C}\n"
        "values:\n  ${D}: 1\noverlays:\n  prod:\n    version: ${E}\n    values: {a: {b: ['${F}']}}\n"
    )

    assert [line.partition(" ")[0] for line in lines] == ["10:9:", "11:8:", "12:12:", "14:3:", "17:14:", "18:22:"]


def test_an_app_from_git_is_not_substituted() -> None:
    assert told("{kind: app, name: web, git: {url: https://h/a, path: './${ANY}'}}") == []


def with_value(value: str, use: str) -> list[str]:
    """What is told of a use, where `LOG` has a value in `prod` alone."""
    return problems(
        "{kind: platform, name: acme, variables: {LOG: info, NUM: '3'}}\n---\n"
        f"{{kind: environment, name: prod, variables: {{LOG: {value!r}}}}}\n---\n"
        f"kind: app\nname: web\nchart: {{name: web, url: https://h}}\n{use}\n"
    )


@pytest.mark.parametrize("value", ["a: b", "a #b", "- a", "{a", "*a", "yes", "6.10", "010", "[a]", "&a b", "|"])
def test_a_value_that_would_break_the_text_around_it_is_told(value: str) -> None:
    (line,) = with_value(value, "values: {m: '${LOG}'}")

    assert line.startswith(f"gitops.yaml:8:13: `${{LOG}}` becomes `{value}` in environment `prod`, which is")


@pytest.mark.parametrize(
    "value", ["true", "3", "0.5", "", "a b", "https://h:80/a#b", "a:b", "it is", " a", "$5 ${NUM}", '"']
)
def test_a_value_that_stays_one_scalar_may_stand_in_values(value: str) -> None:
    assert with_value(value, "values: {m: 'x ${LOG}', o: ['${NUM}']}") == []


@pytest.mark.parametrize("value", ["6.10", "3", "true", "", "~", "2026-01-01"])
@pytest.mark.parametrize("use", ["overlays: {prod: {version: '${LOG}'}}", "values: {'${LOG}': x}"])
def test_a_version_and_a_key_must_stay_text(value: str, use: str) -> None:
    (line,) = with_value(value, use)

    assert f"`${{LOG}}` becomes {shown(value) if value else 'nothing'} in environment `prod`, which" in line


def test_a_value_is_judged_where_the_app_is() -> None:
    assert with_value("a: b", "environments: []\nvalues: {m: '${LOG}'}") == []


def test_what_an_app_sets_itself_counts_before_the_variables_of_clusters() -> None:
    own = "postBuild: {substitute: {LOG: fine, M: 'a: b'}}\n"

    (line,) = with_value("a: b", own + "values: {l: '${LOG}', m: '${M}'}")

    assert line.startswith("gitops.yaml:9:26: `${M}` becomes `a: b`")


def test_values_are_judged_in_patches_and_defaults_too() -> None:
    patch = "patches:\n- target: {kind: HelmRelease}\n  patch: |\n    - op: add\n      path: /a\n      value: ${LOG}\n"

    assert [line.partition(", ")[0] for line in with_value("a: b", patch)] == [
        "gitops.yaml:10:10: `${LOG}` becomes `a: b` in environment `prod`"
    ]
    assert "becomes `- info`" in with_value("", "values: {m: '${LOG:-- ${LOG:-info}}'}")[0]


def test_a_cluster_with_variables_of_its_own_has_its_apps_judged() -> None:
    documents = {
        "gitops.yaml": small("{kind: cluster, name: dev-1, environment: dev, variables: {LOG: 'a: b'}}"),
        "gitops/apps/web.yaml": f"kind: app\nname: web\n{CHART}\nvalues: {{m: '${{LOG}}'}}\n",
        "gitops/apps/api.yaml": f"kind: app\nname: api\n{CHART}\nbroken: ''\n",
    }

    lines = problems(documents, [("cluster", "dev-1")])

    assert [line[:35] for line in lines] == ["gitops/apps/web.yaml:4:13: `${LOG}`"]


@law(300)
@given(
    st.text("ab:#-{}[]'\"\\ \n.,0123yn~|>!&*%@", max_size=6),
    st.text('ab:#-{}[]"\\ .,0123yn~|>!&*%@', max_size=6),
    st.text("ab:#-{}[]'\"\\ \n.,0123yn~|>!&*%@", max_size=6),
)
def test_whatever_passes_reads_after_flux_as_a_person_reads_it(before: str, value: str, after: str) -> None:
    text = f"{before}${{LOG}}{after}"
    fine = not with_value(value, f"values: {{m: {json.dumps(text)}}}")

    if fine:
        became = yaml.safe_load(substitute(dump({"k": text}), Variables({"LOG": value})))["k"]

        assert str(became).strip() == substitute(text, Variables({"LOG": value})).strip() or not isinstance(
            became, str | dict | list
        )
