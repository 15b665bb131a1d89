from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.releases import Releases, serve

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("SCAFFOLDER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "flux"


@pytest.fixture
def releases() -> Iterator[Releases]:
    with serve() as (releases, _):
        yield releases
