from __future__ import annotations

import pytest

from tests.spec.support import CHART, problems, small

TENANT = "{kind: tenant, name: team}"


def told(*documents: str, platform: str = "") -> list[str]:
    """What is told of documents beside the small ones, whose platform is locked down."""
    fields = f"acme, lockdown: true, {platform}"
    lines = problems(small(*documents).replace("acme,", fields, 1))
    return [line.removeprefix("gitops.yaml:") for line in lines]


def app(fields: str = "", what: str = CHART) -> str:
    return f"{{kind: app, name: web, {what}, {fields}}}"


@pytest.mark.parametrize("url", ["https://example.com/o/r", "http://10.0.0.1/o/r", None])
def test_a_repository_that_is_fetched_with_a_login_or_has_no_url_yet_is_fine(url: str | None) -> None:
    assert told(app(), platform=f"repository: {{url: {url}}}," if url else "") == []


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_a_repository_over_ssh_is_refused_with_what_to_do(visibility: str) -> None:
    (line,) = told(platform=f"repository: {{url: ssh://git@example.com/o/r, visibility: {visibility}}},")

    assert line == (
        "1:40: `lockdown` needs a repository that is fetched over https: an SSH key cannot be handed to namespaces;"
        " set `repository.url` to https://… and bootstrap with --token-auth"
    )


@pytest.mark.parametrize("name", ["username", "password"])
def test_a_variable_may_not_be_called_as_what_the_login_is_handed_down_by(name: str) -> None:
    wrong = small().replace("LOG: info", f"{name}: x")

    (line,) = problems(wrong.replace("acme,", "acme, lockdown: true,", 1))

    assert f"the variable `{name}` clashes with the login that `lockdown` hands to namespaces; rename it" in line
    assert problems(wrong.replace("acme,", "acme, lockdown: true, repository: {visibility: public},", 1)) == []
    assert problems(wrong) == []


@pytest.mark.parametrize("namespace", ["flux-system", "gitops"])
def test_the_namespace_of_flux_cannot_be_a_tenant(namespace: str) -> None:
    (line,) = told(f"{{kind: tenant, name: {namespace}}}", platform=f"flux: {{namespace: {namespace}}},")

    assert f"`{namespace}`, where Flux itself lives, cannot be a tenant: its apps could do everything" in line


@pytest.mark.parametrize("target", ["''", "team"])
@pytest.mark.parametrize("what", ["git: {url: 'https://example.com/o/r'}", "image: {name: x, tag: '1'}"])
def test_an_app_stays_in_its_namespace(target: str, what: str) -> None:
    (line,) = told(app(f"targetNamespace: {target}", what), TENANT)

    assert "under `lockdown` an app stays in its namespace `web`: leave `targetNamespace` out" in line


def test_a_release_stays_in_its_namespace_too() -> None:
    (line,) = told(app("targetNamespace: team"), TENANT)

    assert line.startswith("7:")
    assert "under `lockdown` an app stays in its namespace `web`" in line


def test_an_app_is_applied_as_the_account_of_its_namespace() -> None:
    (line,) = told(app("serviceAccountName: root"))

    assert "under `lockdown` apps are applied as `flux`: leave `serviceAccountName` out, and bind" in line


def test_what_lockdown_has_anyway_may_be_said() -> None:
    assert told(app("serviceAccountName: flux, targetNamespace: web")) == []


def test_apps_may_wait_for_one_another_across_namespaces() -> None:
    assert told(app("dependsOn: [{name: db}]"), f"{{kind: app, name: db, namespace: team, {CHART}}}", TENANT) == []


def test_without_lockdown_none_of_this_is_refused() -> None:
    free = small(app("serviceAccountName: root, targetNamespace: team"), TENANT, "{kind: tenant, name: flux-system}")

    assert problems(free.replace("acme,", "acme, repository: {url: ssh://git@example.com/o/r},", 1)) == []
