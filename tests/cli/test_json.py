"""`--output json`: one document on standard output, whatever happens, and nothing beside it."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from scaffolder.report import schema
from tests.cli.support import Make
from tests.support.place import Place

SCHEMA = schema()
CHART = ("--chart", "oci://ghcr.io/acme/web")


def answer(place: Place, *words: str, code: int = 0) -> Any:
    """The one document that a command prints."""
    ran = place.run(*words, "--output", "json", code=code)
    assert ran.err == ""
    document = json.loads(ran.out)
    jsonschema.validate(document, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert document["exitCode"] == code
    return document


def test_new_names_documents_files_and_what_comes_next(place: Place, flux: str) -> None:
    told = answer(place, "new", "fleet", "--cluster=prod/eu-1", f"--manifests={flux}")

    assert (told["command"], told["dryRun"]) == ("new", False)
    assert told["documents"] == [{"path": "gitops.yaml", "change": "create"}]
    listed = {file["path"]: file for file in told["files"]}
    assert listed["clusters/prod/eu-1/cluster-vars.yaml"]["unit"] == "cluster/eu-1/base"
    assert {path for path in place.inside("fleet").files() if path[0] != "." and path != "gitops.yaml"} <= listed.keys()
    assert told["next"][0] == "cd fleet"


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (("sync",), "sync"),
        (("diff",), "diff"),
        (("check",), "check"),
        (("add-app", "web", *CHART), "add-app"),
        (("add-app", "web", *CHART, "--dry-run"), "add-app"),
        (("add-cluster", "x", "-e", "dev"), "add-cluster"),
        (("add-environment", "x"), "add-environment"),
        (("add-tenant", "x"), "add-tenant"),
        (("bootstrap", "local", "--root=forge", "--dry-run"), "bootstrap local"),
    ],
)
def test_every_command_answers_with_one_document(repository: Make, words: tuple[str, ...], command: str) -> None:
    told = answer(repository(), *words)

    assert told["command"] == command
    assert told["dryRun"] is ("--dry-run" in words or command == "diff")


@pytest.mark.parametrize(
    ("words", "code", "finding"),
    [
        (("add-app", "web"), 2, "usage"),
        (("add-app", "web", *CHART, "--values", "v.yaml"), 3, "document"),
        (("add-app", "web", *CHART, "--nope"), 2, "usage"),
        (("bootstrap", "local", "--branch=next"), 6, "git"),
        (("bootstrap", "local", "--root=gitops.yaml"), 7, "forge"),
        (("new", "."), 2, "usage"),
    ],
)
def test_errors_are_documents_too(repository: Make, words: tuple[str, ...], code: int, finding: str) -> None:
    fleet = repository()
    fleet.write("v.yaml", "- a\n")

    told = answer(fleet, *words, code=code)

    assert [found["code"] for found in told["findings"]] == [finding]


def test_a_document_s_problem_has_its_place(repository: Make) -> None:
    fleet = repository()
    fleet.edit("gitops.yaml", "name: acme\n", "name: acme\ncolour: red\n")

    (found,) = answer(fleet, "check", code=3)["findings"]

    assert (found["path"], found["line"], found["column"]) == ("gitops.yaml", 3, 1)


def test_conflicts_are_listed_with_their_reason(repository: Make) -> None:
    fleet = repository()
    fleet.edit("clusters/dev/dev-1/cluster-vars.yaml", "refs/heads/main", "refs/heads/mine")
    fleet.edit("gitops.yaml", "name: dev-1\n", "name: dev-1\nref: refs/tags/v1.0.0\n")

    told = answer(fleet, "sync", code=5)

    reason = "both changed the same lines"
    assert told["conflicts"] == [{"path": "clusters/dev/dev-1/cluster-vars.yaml", "reason": reason}]


def test_what_was_made_on_the_forge_is_told_and_then_unchanged(repository: Make) -> None:
    fleet = repository()
    words = ("bootstrap", "local", "--root=../forge")

    first, second = answer(fleet, *words), answer(fleet, *words)

    assert first["forge"] == [{"action": "created", "kind": "repository", "name": "local/acme"}]
    assert second["forge"] == [{"action": "unchanged", "kind": "repository", "name": "local/acme"}]
    assert (second["files"], second["documents"]) == ([], [])
