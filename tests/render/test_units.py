from __future__ import annotations

import pytest

from scaffolder.render.units import Scope, Unit, affected, all_units, units_in, units_of
from tests.render.trees import spec_of

PLATFORM = "{kind: platform, name: acme}\n"
ENVIRONMENTS = "{kind: environment, name: dev}\n---\n{kind: environment, name: prod}\n"
WEB = "{kind: app, name: web, git: {url: 'https://x.io/r'}%s}\n"


def units(*documents: str) -> set[str]:
    """All units but those of the platform and its environments, e.g. `app/web/dev`."""
    spec = spec_of(PLATFORM, ENVIRONMENTS, *documents)
    return {"/".join(unit) for unit in all_units(spec) if unit.kind not in {"platform", "environment"}}


def test_an_app_is_a_unit_and_another_in_each_of_its_environments() -> None:
    assert {unit for unit in units(WEB % "") if "app/" in unit} == {"app/web/base", "app/web/dev", "app/web/prod"}
    assert {unit for unit in units(WEB % ", environments: [dev]") if "app/" in unit} == {"app/web/base", "app/web/dev"}
    assert {unit for unit in units(WEB % ", environments: []") if "app/" in unit} == {"app/web/base"}


def test_an_app_without_a_tenant_is_a_tenant_of_its_own_name_where_it_runs() -> None:
    assert {unit for unit in units(WEB % ", environments: [dev]") if "tenant/" in unit} == {
        "tenant/web/base",
        "tenant/web/dev",
    }


def test_a_tenant_document_takes_the_place_of_the_apps_own() -> None:
    found = units("{kind: tenant, name: web}\n", WEB % ", environments: [dev]")

    assert {unit for unit in found if "tenant/" in unit} == {"tenant/web/base", "tenant/web/dev", "tenant/web/prod"}


def test_an_app_in_a_tenants_namespace_brings_none() -> None:
    found = units("{kind: tenant, name: team}\n", WEB % ", namespace: team")

    assert not any(unit.startswith("tenant/web") for unit in found)


def test_what_is_no_document_has_no_units() -> None:
    spec = spec_of(PLATFORM, ENVIRONMENTS, WEB % "")

    assert not list(units_of(spec, "app", "gone"))
    assert not list(units_of(spec, "tenant", "gone"))


@pytest.mark.parametrize(
    ("kind", "name", "scope"),
    [
        ("platform", "acme", None),
        ("cluster", "c", {("cluster", "c", None)}),
        ("tenant", "team", {("tenant", "team", None), ("platform", "acme", None)}),
        ("app", "web", {("app", "web", None), ("tenant", "web", None)}),
        (
            "environment",
            "dev",
            {
                ("environment", "dev", None),
                ("app", "web", "dev"),
                ("tenant", "web", "dev"),
                ("tenant", "team", "dev"),
                ("cluster", "c", None),
            },
        ),
    ],
)
def test_a_document_is_read_by_its_own_units_and_few_more(kind: str, name: str, scope: Scope | None) -> None:
    documents = (WEB % "", "{kind: cluster, name: c, environment: dev}\n", "{kind: tenant, name: team}\n")
    spec = spec_of(PLATFORM, ENVIRONMENTS, *documents, "{kind: cluster, name: other, environment: prod}\n")

    assert affected(spec, kind, name) == scope


def test_a_scope_holds_the_units_it_names_and_no_others() -> None:
    spec = spec_of(PLATFORM, ENVIRONMENTS, WEB % "")

    assert units_in(spec, {("app", "web", "dev")}) == [Unit("app", "web", "dev")]
    assert units_in(spec, {("tenant", "web", None), ("app", "gone", None)}) == [
        Unit("tenant", "web"),
        Unit("tenant", "web", "dev"),
        Unit("tenant", "web", "prod"),
    ]
    assert units_in(spec, None) == all_units(spec)
