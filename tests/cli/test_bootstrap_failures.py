"""What a bootstrap says where it cannot go on, on each forge with an API: why, the way out, and what it had done."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffolder.forge.hosted import HOSTS
from tests.cli.benches import BENCHES, HOSTED, Bench
from tests.support.forges.wire import Fault, Server
from tests.support.place import Place


@pytest.fixture
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with BENCHES[getattr(request, "param", "gitlab")](request, tmp_path / "forge") as made:
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


def test_of_a_change_request_that_cannot_be_opened_the_branch_is_told(
    bench: Bench, forge_server: Server, place: Place, flux: str
) -> None:
    place.run(*bench.flags, f"--manifests={flux}")
    forge_server.faults[:] = [Fault("POST .*/merge_requests", 403)]

    asked = ("--interval=5m", "--change-request", "--output=json")
    ran = place.run(*bench.flags, f"--manifests={flux}", *asked, code=7)

    made = {"action": "updated", "kind": "branch", "name": "scaffolder/bootstrap"}
    assert json.loads(ran.out)["forge"] == [made]


@pytest.mark.parametrize("bench", HOSTED, indirect=True)
def test_a_token_that_is_not_known_is_told_and_not_shown(
    bench: Bench, place: Place, flux: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    variable = HOSTS[bench.flags[1]].variable
    monkeypatch.setenv(variable, "not-a-token-of-anybodys")

    ran = place.run(*bench.flags, f"--manifests={flux}", code=7)

    lines = rf"✗ \S+ does not take this token\n  export another one as {variable}: .*\n"
    assert re.fullmatch(rf"► using the token of {variable}\n{lines}", ran.err)
    assert "not-a-token" not in ran.err


def test_a_branch_without_a_name_is_refused_before_anything_is_asked(
    bench: Bench, place: Place, flux: str, forge_server: Server
) -> None:
    ran = place.run(*bench.flags, f"--manifests={flux}", "--branch=", code=2)

    assert ran.err.endswith("✗ --branch is empty\n  name one, e.g. main, or leave it out\n")
    assert forge_server.face
    assert [router.calls for router in forge_server.face.routers] == [[]]


@pytest.mark.parametrize("bench", ["gitea"], indirect=True)
def test_checks_that_nothing_runs_are_a_note_when_they_are_set(bench: Bench, place: Place, flux: str) -> None:
    first, second = (place.run(*bench.flags, f"--manifests={flux}", "--protect") for _ in range(2))

    assert (
        "◎ `main` asks for checks, but CI is switched off in benches/fleet\n  nothing can be merged before" in first.err
    )
    assert "switched off" not in second.err
