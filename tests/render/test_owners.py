"""CODEOWNERS: the platform's owners for everything, a tenant's for its folders, in the language of each forge."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from scaffolder.errors import DocumentError
from scaffolder.render.units import Unit
from tests.cli.support import Make
from tests.render.trees import rendered, spec_of
from tests.support.place import Place

DOCUMENTS = """
    kind: platform
    name: acme
    owners: ["@acme/platform", ops@example.com]
    repository: {forge: FORGE}
    ---
    {kind: environment, name: dev}
    ---
    {kind: cluster, name: dev-1, environment: dev, path: fleet/v1.2/dev-1}
    ---
    {kind: tenant, name: team-a, owners: ["@acme/a"]}
    ---
    {kind: tenant, name: team-b}
    ---
    {kind: tenant, name: edge, clusters: [dev-1], owners: ["@edge"]}
    """
WHOSE = {
    "apps/base/web/deployment.yaml": "@acme/platform ops@example.com",
    "tenants/base/team-a/kustomization.yaml": "@acme/a",
    "tenants/dev/team-a/kustomization.yaml": "@acme/a",
    "tenants/dev/team-b/kustomization.yaml": "@acme/platform ops@example.com",
    "fleet/v1.2/dev-1/apps/edge/kustomization.yaml": "@edge",
    "fleet/v1x2/dev-1/apps/edge/kustomization.yaml": "@acme/platform ops@example.com",
    "gitops/tenants/team-a.yaml": "@acme/platform ops@example.com",
}


def owners(forge: str, documents: str = DOCUMENTS) -> str:
    spec = spec_of(documents.replace("FORGE", forge))
    return rendered(spec, Unit("platform", "acme")).files["CODEOWNERS"].content.decode()


def matching(text: str, path: str, forge: str) -> Iterator[str]:
    """Whom the lines that fit a path name."""
    for line in (line for line in text.splitlines() if not line.startswith("#")):
        pattern, _, named = line.partition(" ")
        shell = pattern.removeprefix("/") + ("*" if pattern.endswith("/") else "")
        if re.fullmatch(pattern, path) if forge == "gitea" else fnmatchcase(path, shell):
            yield named


@pytest.mark.parametrize("forge", ["github", "gitlab", "gitea"])
@pytest.mark.parametrize("path", WHOSE)
def test_a_file_belongs_to_whom_the_last_line_that_fits_it_names(forge: str, path: str) -> None:
    assert list(matching(owners(forge), path, forge))[-1] == WHOSE[path]


def test_a_tenant_may_have_owners_where_the_platform_has_none() -> None:
    documents = DOCUMENTS.replace('owners: ["@acme/platform", ops@example.com]', "domain: example.com")

    assert list(matching(owners("github", documents), "apps/x", "github")) == []


@pytest.mark.parametrize("owner", ["acme", "@", "@a b", "@a/", "a@b", "@a#b", "@a/b/../c d", ""])
def test_who_cannot_be_an_owner_is_refused(owner: str) -> None:
    with pytest.raises(DocumentError, match="must be @user, @organisation/team, @group/subgroup or an e-mail address"):
        spec_of(f"{{kind: platform, name: acme, owners: ['{owner}']}}\n")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ("repository: {hostname: git.example.com}", "`hostname` needs `repository.forge`: github, gitlab or gitea"),
        ("repository: {protection: {}}", "`protection` needs `repository.forge`: github, gitlab or gitea"),
        ("repository: {forge: github, protection: {codeOwners: true}}", "`codeOwners` needs `owners` of the platform"),
        ("templates: 0.3.0, owners: ['@a']", "`owners` needs templates 0.4.0 or newer, not 0.3.0"),
    ],
)
def test_what_nobody_would_keep_is_refused(fields: str, told: str) -> None:
    with pytest.raises(DocumentError, match=re.escape(told)):
        spec_of(f"{{kind: platform, name: acme, {fields}}}\n")


def test_tenants_with_owners_come_and_go_in_the_file(repository: Make) -> None:
    fleet = repository()
    fleet.write("gitops/tenants/a.yaml", 'kind: tenant\nname: a\nowners: ["@a"]\n')
    fleet.run("sync")
    assert "/tenants/*/a/ @a\n" in fleet.read("CODEOWNERS")

    fleet.run("remove", "tenant", "a")

    assert "CODEOWNERS" not in fleet.files()
    assert "everything is in step" in fleet.run("check").err


def test_two_branches_that_add_tenants_with_owners_are_finished_by_sync(repository: Make) -> None:
    fleet = repository()
    fleet.edit("gitops.yaml", "kind: platform\n", 'kind: platform\nowners: ["@platform"]\n')
    fleet.run("sync")
    fleet.write("CODEOWNERS", fleet.read("CODEOWNERS") + "/docs/ @writers\n")
    fleet.commit()
    for name in ("a", "b"):
        fleet.git("checkout", "-qb", name, "main")
        with_owner(fleet, name)
        fleet.commit()

    merged = subprocess.run(["git", "merge", "--quiet", "a"], cwd=fleet.root, capture_output=True, check=False)

    assert merged.returncode, "git was to need help with lines that both sides added to one place"
    fleet.run("sync")
    assert fleet.read("CODEOWNERS").splitlines()[1:] == [
        "* @platform",
        "/tenants/*/a/ @a",
        "/tenants/*/b/ @b",
        "# Lines of your own stay, below this one.",
        "/docs/ @writers",
    ]
    assert "everything is in step" in fleet.run("check").err


def with_owner(fleet: Place, name: str) -> None:
    fleet.write(f"gitops/tenants/{name}.yaml", f'kind: tenant\nname: {name}\nowners: ["@{name}"]\n')
    fleet.run("sync")
