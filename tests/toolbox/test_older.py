from __future__ import annotations

import pytest

from tests.toolbox import cluster, older


@pytest.mark.parametrize(("value", "names"), [("", set(cluster.FLUX)), ("2.7", set(older.CONTROLLERS))])
def test_the_controllers_are_those_of_the_flux_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, value: str, names: set[str]
) -> None:
    monkeypatch.setenv(older.OPTION, value)

    versions = {name: version for name, version, _ in cluster.recipes() if name.endswith("-controller")}

    assert versions.keys() == names
    assert (versions["source-controller"] == "1.7.3") == (value == "2.7")


def test_a_flux_that_cannot_be_had_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(older.OPTION, "2.6")

    with pytest.raises(SystemExit, match=r"SCAFFOLDER_TESTBED_FLUX=2\.6: there is only 2\.7"):
        list(cluster.recipes())
