"""The bed for tests: one for all that ask for it, and what it has to say when one of them fails."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from http.client import HTTPException

import pytest

from tests.judges.tools import require
from tests.testbed.bed import NEEDED, Bed, standing
from tests.testbed.processes import LOOPBACK


@pytest.fixture(scope="session")
def bed(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Bed]:
    """Its logs stay in pytest's temporary folder."""
    for name in NEEDED:
        require(name)
    with standing(logs=tmp_path_factory.mktemp("testbed-logs")) as bed:
        capture = pytestconfig.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():
            sys.stderr.write(f"\n{bed.figures()}\n")
        yield bed


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
