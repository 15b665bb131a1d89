"""The bed for tests: one for all that ask for it, and what it has to say when one of them fails."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from http.client import HTTPException

import pytest

from tests.judges.tools import require
from tests.testbed import argocd as argo
from tests.testbed.bed import NEEDED, Bed, standing
from tests.testbed.processes import LOOPBACK


@pytest.fixture(scope="session")
def bed(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Bed]:
    """Its logs stay in pytest's temporary folder."""
    for name in NEEDED:
        require(name)
    with standing(logs=tmp_path_factory.mktemp("testbed-logs")) as bed:
        say(pytestconfig, bed.figures())
        yield bed


@pytest.fixture
def argocd(bed: Bed, pytestconfig: pytest.Config) -> Bed:
    """The same bed, with Argo CD: it is started for the first test that asks for it, and stays."""
    for name in argo.NAMES:
        require(name)
    if not bed.argocd.runs:
        bed.start("argocd")
        say(pytestconfig, f"Argo CD started: {bed.seconds['argocd']:.1f} s")
    return bed


def say(config: pytest.Config, line: str) -> None:
    """At once, and whatever becomes of the tests: a worker's standard error is that of the whole run."""
    with config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        sys.stderr.write(f"\n{line}\n")


@pytest.fixture(autouse=True)
def _reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", LOOPBACK)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    bed = getattr(item, "funcargs", {}).get("bed")
    if report.failed and isinstance(bed, Bed) and call.when == "call":
        try:
            said = bed.report()
        except (OSError, HTTPException, RuntimeError) as error:  # a bed that is not well must not hide the failure
            said = repr(error)
        report.sections.append(("test bed", said))
    return report
