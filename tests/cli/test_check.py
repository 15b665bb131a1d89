"""The parts of `check`, as the generated CI runs them: on the real kustomize and kubeconform, offline."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.support import Make
from tests.judges import schemas
from tests.judges.tools import require
from tests.support.place import Place
from tests.support.shared import flux_release

PARTS = ("documents", "build", "secrets")


@pytest.fixture
def location(monkeypatch: pytest.MonkeyPatch) -> str:
    """Where Kubernetes' schemas are on this machine; the programs that judge are on the PATH."""
    found = [str(require(name).parent) for name in ("kustomize", "kubeconform")]
    monkeypatch.setenv("PATH", os.pathsep.join([*found, os.environ["PATH"]]))
    return str(schemas.core("1.33") / schemas.CORE)


@pytest.fixture
def fleet(place: Place) -> Place:
    """A cluster with Flux in the repository, and an app."""
    place.run("new", "fleet", "--cluster=dev/dev-1", "--manifests", str(flux_release("v2.9.4")))
    made = place.inside("fleet")
    made.run("add-app", "web", "--image", "nginx:1.27.0", "--port", "80")
    made.commit()
    return made


def verdicts(fleet: Place, location: str) -> dict[str, str]:
    """What each part says that fails."""
    found = {}
    for part in PARTS:
        more = ("--schemas", location) if part == "build" else ()
        code = 0
        try:
            fleet.run("check", "--only", part, *more)
        except AssertionError as error:
            code, said = 1, str(error)
        if code:
            found[part] = said
    return found


def test_a_good_repository_passes_every_part(fleet: Place, location: str) -> None:
    assert verdicts(fleet, location) == {}


def test_a_document_that_is_out_of_step_fails_the_documents_alone(fleet: Place, location: str) -> None:
    fleet.edit("gitops/apps/web.yaml", "1.27.0", "1.28.0")

    (part, said), *others = verdicts(fleet, location).items()

    assert (part, others) == ("documents", [])
    assert "is out of step" in said
    assert "`scaffolder sync` changes it" in said


def test_a_plaintext_secret_fails_the_secrets_alone(fleet: Place, location: str) -> None:
    fleet.write("docs/secret.yaml", "kind: Secret\nstringData:\n  a: hunter2\n")

    (part, said), *others = verdicts(fleet, location).items()

    assert (part, others) == ("secrets", [])
    assert "✗ docs/secret.yaml:3: the value of `a` in a Secret is in plain text\n  encrypt it with SOPS" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "      containers:",
            "      container: []\n      containers:",
            "additional properties 'container' not allowed",
        ),
        ("containerPort: 80", 'containerPort: "80"', "got string, want"),
    ],
)
def test_an_unknown_or_wrong_field_fails_the_build_alone(
    fleet: Place, location: str, old: str, new: str, told: str
) -> None:
    path = "apps/base/web/deployment.yaml"
    fleet.edit(path, old, new)

    (part, said), *others = verdicts(fleet, location).items()

    assert (part, others) == ("build", [])
    assert "✗ apps/dev/web: Deployment web/web: /spec" in said
    assert told in said


def test_a_field_that_this_flux_does_not_know_fails_the_build(fleet: Place, location: str) -> None:
    fleet.edit("stacks/base/layers.yaml", "  prune: true\n", "  prune: true\n  prunes: true\n")

    said = verdicts(fleet, location)["build"]

    assert "additional properties 'prunes' not allowed" in said


def test_what_has_no_schema_is_noted_unless_kubernetes_should_have_one(fleet: Place, location: str) -> None:
    fleet.write("apps/base/web/more.yaml", "apiVersion: acme.io/v1\nkind: Thing\nmetadata: {name: x}\n")
    fleet.edit("apps/base/web/kustomization.yaml", "resources:\n", "resources:\n- more.yaml\n")

    assert "◎ no schema of Thing acme.io/v1, so it is not compared\n" in fleet.run("check", "--schemas", location).err

    fleet.edit("apps/base/web/more.yaml", "acme.io/v1", "extensions/v1beta1")
    assert "no schema of Thing extensions/v1beta1" in fleet.run("check", "--schemas", location, code=1).err


def test_definitions_in_the_repository_are_schemas_too(fleet: Place, location: str) -> None:
    version = "{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}"
    names = "{kind: Thing, plural: things}"
    fleet.write(
        "infrastructure/crds/dev/thing.yaml",
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.acme.io}\n"
        f"spec: {{group: acme.io, scope: Namespaced, names: {names}, versions: [{version}]}}\n",
    )
    fleet.write("apps/base/web/more.yaml", "apiVersion: acme.io/v1\nkind: Thing\nmetadata: {name: x}\nspecs: {}\n")
    fleet.edit("apps/base/web/kustomization.yaml", "resources:\n", "resources:\n- more.yaml\n")

    ran = fleet.run("check", "--schemas", location, code=1)

    assert "✗ apps/dev/web: Thing web/x: /: additional properties 'specs' not allowed\n" in ran.err


def test_schemas_that_cannot_be_fetched_are_told_once(fleet: Place, location: str) -> None:
    assert location
    url = "http://127.0.0.1:1/{{.ResourceKind}}.json"

    ran = fleet.run("check", "--only", "build", "--schemas", url, code=1)

    assert ran.err.count("cannot be fetched") == 1
    assert "  --schemas takes a folder or a mirror as well" in ran.err


def test_schemas_go_with_the_build_and_need_their_programs(repository: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = repository()

    ran = fleet.run("check", "--only", "secrets", "--schemas", "default", code=2)
    assert "✗ --schemas does not go with --only secrets" in ran.err

    monkeypatch.setattr("shutil.which", lambda _: None)
    assert "✗ --schemas needs kubeconform" in fleet.run("check", "--schemas", "default", code=2).err


def test_files_that_git_ignores_and_links_out_of_the_repository_are_not_read(repository: Make, tmp_path: Path) -> None:
    fleet = repository()
    secret = fleet.write("secret.yaml", "kind: Secret\nstringData: {a: b}\n")
    assert "✗ secret.yaml:2:" in fleet.run("check", code=1).err

    secret.rename(tmp_path / "secret.yaml")
    secret.symlink_to(tmp_path / "secret.yaml")
    fleet.run("check")
    secret.unlink()
    fleet.write("local/secret.yaml", "kind: Secret\nstringData: {a: b}\n")
    fleet.write(".gitignore", "/local/\n")
    fleet.run("check")
