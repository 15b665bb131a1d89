from __future__ import annotations

import pytest

from scaffolder.spec.problems import field, ordered, suggest
from tests.spec.support import CHART, told

APP = "kind: app\nname: web\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("git: {}\n", "9:6: `git.url` is required"),
        (
            f"{CHART}\nnamspace: x\n",
            "10:1: unknown field `namspace`; did you mean `namespace`? allowed: bucket, chart, clusters",
        ),
        (f"{CHART}\ndepends_on: []\n", "10:1: unknown field `depends_on`; did you mean `dependsOn`?"),
        (
            "chart: {name: a, url: https://h, version: 6.10}\n",
            "9:43: `chart.version` must be text, not a number: quote it",
        ),
        ("chart: {name: true, url: https://h}\n", "9:15: `chart.name` must be text, not true: quote it"),
        (
            "chart: {name: a, url: https://h, secretRef: x}\n",
            "9:45: `chart.secretRef` must be a mapping, not the text `x`",
        ),
        (
            "chart: {name: a, url: https://h, secretRef: {name: x, nam: x}}\n",
            "9:55: unknown field `chart.secretRef.nam`; did you mean",
        ),
        (f"{CHART}\nsuspend: 'true'\n", "10:10: `suspend` must be true or false, not the text `true`"),
        (f"{CHART}\nenvironments: dev\n", "10:15: `environments` must be a list, not the text `dev`"),
        (f"{CHART}\nenvironments: [dev, 1]\n", "10:21: `environments[1]` must be text, not a number: quote it"),
        (f"{CHART}\nenvironments: [dev, dev]\n", "10:15: `environments` must not name `dev` twice"),
        (
            f"{CHART}\ndependsOn:\n- {{name: a}}\n- {{name: b, nam: c}}\n",
            "12:13: unknown field `dependsOn[1].nam`; did you mean `name`?",
        ),
        (
            f"{CHART}\noverlays: {{prod: {{valuse: 1}}}}\n",
            "10:19: unknown field `overlays.prod.valuse`; did you mean `values`?",
        ),
        (f"{CHART}\noverlays: {{PROD: {{}}}}\n", "10:12: `overlays.PROD` must be a DNS label"),
        (
            f"{CHART}\noverlays: {{prod: {{values: {{a: null}}}}}}\n",
            "10:27: `overlays.prod.values` must not hold null (`a`)",
        ),
        (f"{CHART}\ninterval: soon\n", "10:11: `interval` must be a duration such as 30s"),
        (f"{CHART}\nvalues:\n", "10:8: `values` must be a mapping, not null"),
        ("git: {url: 'git@h:a'}\n", "9:12: `git.url` must be a URL: Flux does not know the short form"),
        (
            "git: {url: https://h/a, ref: {branch: a, tag: b}}\n",
            "9:30: `git.ref` takes one of branch, tag, semver, commit, name",
        ),
        ("git: {url: https://h/a, ref: {branch: null}}\n", "9:30: `git.ref` takes one of"),
        ("chart: {name: a, url: oci://h/a}\n", "9:8: `chart` must not have `name`: an oci:// URL ends in"),
        ("chart: {url: https://h/a}\n", "9:8: `chart` must have `name`"),
        ("", "7:1: takes one source of chart, git, oci, bucket, manifests, image; it has none"),
        (
            f"{CHART}\ngit: {{url: https://h/a}}\n",
            "7:1: takes one source of chart, git, oci, bucket, manifests, image; it has `chart` and `git`",
        ),
        (f"{CHART}\n'[key]': 1\n", "10:1: unknown field `[key]`"),
        (f'{CHART}\n"a\\e[31m\\nb": 1\n', r"10:1: unknown field `a\x1b[31m\nb`"),
    ],
)
def test_a_wrong_field_is_told_with_its_place_and_what_is_allowed(text: str, line: str) -> None:
    (found,) = told(APP + text)

    assert found.startswith(line)
    assert found.isprintable()


def test_a_value_that_is_no_choice_is_answered_with_the_choices() -> None:
    (found,) = told("{kind: cluster, name: c, environment: dev, flux: {logLevel: debgu}}")

    assert found == "7:61: `flux.logLevel` cannot be `debgu`; did you mean `debug`? allowed: debug, error, info"


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    many = "".join(f"  wrong{n}: 1\n" for n in range(12))

    found = told(f"kind: app\nname: Web\nchart:\n{many}")

    assert [line.partition(" ")[0] for line in found] == [
        f"{n}:{c}:" for n, c in [(8, 7), (10, 3), *((n, 3) for n in range(10, 22))]
    ]


def test_a_field_is_written_as_people_write_it() -> None:
    assert field(("overlays", "prod", "images", 0, "name")) == "overlays.prod.images[0].name"


def test_lines_are_ordered_by_number_and_told_once() -> None:
    lines = [
        "b.yaml:1:1: x",
        "a10.yaml:1:1: x",
        "a9.yaml:10:1: x",
        "a9.yaml:9:10: x",
        "a9.yaml:9:9: x",
        "a9.yaml:9:9: x",
    ]

    assert ordered(lines) == [
        "a9.yaml:9:9: x",
        "a9.yaml:9:10: x",
        "a9.yaml:10:1: x",
        "a10.yaml:1:1: x",
        "b.yaml:1:1: x",
    ]


def test_what_is_allowed_is_told_only_where_it_can_be_taken_in() -> None:
    assert suggest("x", []) == "; there are none"
    assert suggest("prd", ["dev", "prod"]) == "; did you mean `prod`? allowed: dev, prod"
    assert suggest("x", ["dev", "prod"]) == "; allowed: dev, prod"
    assert suggest("a7", map("a{}".format, range(100))) == "; did you mean `a7`?"
