from __future__ import annotations

import json

import pytest

from tests.cli.support import Make
from tests.support.place import Place

DOCUMENTS = """\
kind: platform
name: acme
---
{kind: environment, name: prod, after: test, ref: refs/tags/v1}
---
{kind: environment, name: test, after: dev}
---
{kind: environment, name: dev}
---
{kind: cluster, name: prod-1, environment: prod}
---
{kind: cluster, name: prod-2, environment: prod, ref: refs/tags/v2}
---
{kind: tenant, name: team, environments: [dev, prod]}
---
kind: app
name: chart
chart: {url: oci://ghcr.io/acme/chart, version: 1.0.0}
overlays: {prod: {version: 0.9.0}, test: {suspend: true}}
---
{kind: app, name: floating, namespace: team, environments: [dev], chart: {name: f, url: "https://c.example.com"}}
---
kind: app
name: git
git: {url: https://git.example.com/x.git, ref: {commit: aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbcccccccc}}
overlays: {prod: {ref: {tag: v1}}}
---
{kind: app, name: image, clusters: [prod-2], image: {name: nginx, tag: 1.14.2}}
---
kind: app
name: more
environments: [prod]
clusters: [prod-1]
oci: {url: oci://ghcr.io/acme/more, ref: {semver: 1.x}}
"""


@pytest.fixture
def fleet(repository: Make) -> Place:
    return repository(DOCUMENTS)


def test_apps_are_a_matrix_of_versions_with_the_environments_in_their_order(fleet: Place) -> None:
    assert fleet.run("list").out == (
        "APP       NAMESPACE  SOURCE  DEV           TEST             PROD\n"
        "chart     chart      chart   1.0.0         1.0.0 suspended  0.9.0\n"
        "floating  team       chart   newest        -                -\n"
        "git       git        git     aaaaaaaaaaaa  aaaaaaaaaaaa     v1\n"
        "image     image      image   -             -                1.14.2 (prod-2)\n"
        "more      more       oci     -             -                1.x, 1.x (prod-1)\n"
    )


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        (
            "environment",
            (
                "NAME  AFTER  REF           CLUSTERS\n"
                "dev   -      -             0\n"
                "test  dev    -             0\n"
                "prod  test   refs/tags/v1  2\n"
            ),
        ),
        (
            "cluster",
            (
                "NAME    ENVIRONMENT  FOLDER                REF\n"
                "prod-1  prod         clusters/prod/prod-1  -\n"
                "prod-2  prod         clusters/prod/prod-2  refs/tags/v2\n"
            ),
        ),
        (
            "tenant",  # an app is one too, where its namespace is nobody else's
            (
                "NAME   DOCUMENT  ENVIRONMENTS     CLUSTERS  APPS\n"
                "chart  app       dev, prod, test  -         1\n"
                "git    app       dev, prod, test  -         1\n"
                "image  app       -                prod-2    1\n"
                "more   app       prod             prod-1    1\n"
                "team   tenant    dev, prod        -         1\n"
            ),
        ),
    ],
)
def test_other_kinds_are_a_table(fleet: Place, kind: str, table: str) -> None:
    assert fleet.run("list", kind).out == table


def test_a_list_as_json_has_a_record_for_each_document(fleet: Place) -> None:
    report = json.loads(fleet.run("list", "app", "--output", "json").out)

    assert (report["kind"], report["command"], report["exitCode"]) == ("app", "list", 0)
    assert report["items"][3] == {
        "name": "image",
        "namespace": "image",
        "source": "image",
        "environments": {},
        "clusters": {"prod-2": {"environment": "prod", "version": "1.14.2", "suspend": False}},
    }


def test_a_list_of_nothing_says_so(repository: Make) -> None:
    ran = repository().run("list")

    assert (ran.out, ran.err) == ("", "✔ there is no app yet\n")


def test_a_list_changes_nothing_and_names_documents_that_cannot_be_read(fleet: Place) -> None:
    fleet.edit("gitops.yaml", "name: git\n", "name: git\ncolour: red\n")
    before = fleet.files()

    ran = fleet.run("list", code=3)

    assert "unknown field `colour`" in ran.err
    assert ran.out == ""
    assert fleet.files() == before
