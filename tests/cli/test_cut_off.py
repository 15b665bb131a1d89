"""A bootstrap that is killed right after any of its effects on a forge is finished by the next, as if undisturbed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.benches import BENCHES, HOSTED, Bench
from tests.cli.support import CutOff

NEW = ("--protect",)
CHANGE = ("--interval=5m", "--change-request", "--label=gitops", "--label=slow")


def finished(run: CutOff, words: tuple[str, ...], effects: list[str]) -> None:
    """CutOffs a command once for each of its effects, killed after it, then to its end; nothing is done twice."""
    done = [what for effect in effects for what in run(words, effect)]
    assert done == effects
    assert run(words) == []


@pytest.mark.parametrize("kind", HOSTED)
def test_what_a_bootstrap_had_done_when_it_was_killed_is_not_done_again(
    request: pytest.FixtureRequest, tmp_path: Path, flux: str, cut_off: CutOff, kind: str
) -> None:
    def asked(bench: Bench) -> tuple[str, ...]:
        return (*bench.flags, "--path=clusters/prod", f"--manifests={flux}", *NEW)

    with BENCHES[kind](request, tmp_path / "one") as bench:
        effects = cut_off(asked(bench))
        undisturbed = bench.state()
    with BENCHES[kind](request, tmp_path / "other") as bench:
        finished(cut_off, asked(bench), effects)

        assert bench.state() == undisturbed
    assert len(effects) > 5


@pytest.mark.parametrize("kind", ["local", "gitlab"])
def test_a_change_request_is_opened_once_however_often_its_command_is_killed(
    request: pytest.FixtureRequest, tmp_path: Path, flux: str, cut_off: CutOff, kind: str
) -> None:
    def asked(bench: Bench) -> tuple[str, ...]:
        return (*bench.flags, "--path=clusters/prod", f"--manifests={flux}")

    def proposed(bench: Bench) -> tuple[str, ...]:
        return (*asked(bench), *CHANGE, f"--reviewer={bench.reviewer}")

    with BENCHES[kind](request, tmp_path / "one") as bench:
        cut_off(asked(bench))
        bench.about()
        effects = cut_off(proposed(bench))
        undisturbed = bench.state()
    with BENCHES[kind](request, tmp_path / "other") as bench:
        cut_off(asked(bench))
        bench.about()
        finished(cut_off, proposed(bench), effects)

        assert bench.state() == undisturbed
    assert len(undisturbed["requests"]) == 1
