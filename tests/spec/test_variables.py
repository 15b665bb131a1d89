from __future__ import annotations

import pytest

from tests.spec.support import CHART, told


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
