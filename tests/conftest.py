"""Every test has a home of its own, a git that knows nobody else's settings, and no way out to the network."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.forges.github import github  # noqa: F401  pytest finds it here
from tests.support.forges.gitlab import gitlab  # noqa: F401  pytest finds it here
from tests.support.forges.wire import forge_server  # noqa: F401  pytest finds it here
from tests.support.gitea import gitea  # noqa: F401  pytest finds it here
from tests.support.place import Place
from tests.testbed.scheduling import pytest_xdist_make_scheduler  # noqa: F401  pytest finds it here
from tests.toolbox.programs import home

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a script's background; children would inherit it
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ.setdefault("SCAFFOLDER_TOOLS", str(home()))  # before a test has a home of its own

DEAD = "http://127.0.0.1:9"  # nothing listens on the discard port


@pytest.fixture(autouse=True)
def _alone(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    own = tmp_path_factory.mktemp("home")
    for name in [name for name in os.environ if name.startswith(("GIT_", "XDG_", "SCAFFOLDER_CACHE"))]:
        monkeypatch.delenv(name)
    config = own / ".gitconfig"
    config.write_text(
        "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = trunk\n", encoding="utf-8"
    )
    settings = {"HOME": str(own), "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1"}
    for name, value in {**settings, "https_proxy": DEAD, "http_proxy": DEAD}.items():
        monkeypatch.setenv(name, value)
    before = Path.cwd()
    yield
    assert Path.cwd() == before


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty folder."""
    folder = tmp_path / "place"
    folder.mkdir()
    return Place(folder)


@pytest.fixture
def repository(place: Place) -> Callable[..., Place]:
    """Makes a repository from documents: `repository(\"kind: platform ...\")`; without any, a small one."""

    def make(documents: str = SMALL, name: str = "fleet") -> Place:
        place.write(f"{name}.yaml", documents)
        place.run("new", name, "--file", f"{name}.yaml")
        return place.inside(name)

    return make


SMALL = """
    kind: platform
    name: acme
    domain: example.com
    ---
    kind: environment
    name: dev
    ---
    kind: environment
    name: prod
    after: dev
    ---
    kind: cluster
    name: dev-1
    environment: dev
    ---
    kind: cluster
    name: prod-1
    environment: prod
    """


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the trees of examples/ as they come out now")
