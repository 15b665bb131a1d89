"""Where a document stands makes no difference."""

from __future__ import annotations

import re

from tests.cli.support import Make
from tests.support.place import Place


def generated(fleet: Place) -> dict[str, bytes]:
    return {path: content for path, content in fleet.files().items() if not path.startswith("gitops")}


def test_documents_move_between_one_file_and_their_own_and_back_and_nothing_follows(repository: Make) -> None:
    fleet = repository()
    fleet.run("add-app", "web", "--chart", "oci://ghcr.io/acme/web", "--version", "prod=1.0.0")
    before, together = generated(fleet), fleet.read("gitops.yaml")
    for document in together.split("---\n"):
        kind, name = re.findall(r"^(?:kind|name): (.*)$", document, re.MULTILINE)
        fleet.write(f"gitops/{kind}s/{name}.yaml", document)
    (fleet.root / "gitops.yaml").unlink()

    apart = fleet.run("sync")
    fleet.write("gitops.yaml", f"{together}---\n{fleet.read('gitops/apps/web.yaml')}")
    for path in (fleet.root / "gitops").rglob("*.yaml"):
        path.unlink()
    back = fleet.run("sync")

    assert "everything is in step" in apart.err
    assert "everything is in step" in back.err
    assert generated(fleet) == before


def test_an_edit_finds_a_document_wherever_it_stands(repository: Make) -> None:
    fleet, apart = repository(), repository(name="apart")
    text = "kind: cluster\nname: prod-1\nenvironment: prod\n"
    apart.edit("gitops.yaml", f"---\n{text}", "")
    apart.write("gitops/clusters/prod-1.yaml", text)

    for place in (fleet, apart):
        place.run("move", "prod-1", "--to", "dev")
        place.run("remove", "cluster", "dev-1")

    assert generated(fleet) == generated(apart)
    assert apart.read("gitops/clusters/prod-1.yaml").endswith("environment: dev\nmovedFrom: clusters/prod/prod-1\n")
