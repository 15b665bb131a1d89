"""One bed for a run of the tests: with --dist=loadgroup, all tests of this folder go to the same worker.

Of the others, those of one file do. xdist has a mark for that, but xdist 3.8 writes it to a name that pytest 9.2 no
longer reads.
"""

from __future__ import annotations

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

FOLDER = "tests/testbed/"
ALONE = f"{FOLDER}test_flux_bootstrap.py"  # it has an API server of its own


class OneBed(LoadScopeScheduling):  # type: ignore[misc]
    """What is in one scope is run by one worker. Of the scopes, the largest is run first."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return FOLDER if file.startswith(FOLDER) and file != ALONE else file


@pytest.hookimpl(optionalhook=True)  # without xdist there is no such hook
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> OneBed | None:
    return OneBed(config, log) if config.getvalue("dist") == "loadgroup" else None
