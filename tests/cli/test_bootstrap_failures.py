"""What a bootstrap says where it cannot go on, on each forge with an API: why, the way out, and what it had done."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.benches import BENCHES, Bench
from tests.support.forges.wire import Fault, Server
from tests.support.place import Place


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with BENCHES["gitlab"](request, tmp_path / "forge") as made:
        yield made


@pytest.mark.parametrize("said", [(), ("--output=json",)])
def test_a_run_that_fails_half_way_tells_what_it_had_done(
    bench: Bench, forge_server: Server, place: Place, flux: str, said: tuple[str, ...]
) -> None:
    forge_server.faults[:] = [Fault("POST .*/labels", 403)]

    ran = place.run(*bench.flags, f"--manifests={flux}", "--protect", *said, code=7)

    made = [
        ("created", "repository", "acme/platform/fleet"),
        ("created", "team", "devs"),
        ("updated", "branch", "main"),
        ("created", "branch protection", "main"),
    ]
    if said:
        assert [(each["action"], each["kind"], each["name"]) for each in json.loads(ran.out)["forge"]] == made
    else:
        signs = {"created": "+", "updated": "~"}
        lines = "\n".join(f"  {signs[action]} {kind} {name}" for action, kind, name in made)
        assert f"\n{lines}\n✗ the label `scaffolder` cannot be made" in ran.err
