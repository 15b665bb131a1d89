from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests

from scaffolder import git
from scaffolder.cli.app import program
from scaffolder.forge import local_changes
from tests.cli.support import FINE, KILLED, CutOff, flux_release, in_child
from tests.support.place import Place


@pytest.fixture
def flux(tmp_path: Path) -> str:
    """A folder for `--manifests`."""
    return str(flux_release(tmp_path / "flux"))


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of the programs under test, and of nobody else."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", None)
    return folder


@pytest.fixture
def cut_off(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CutOff:
    """Runs a command, killed right after an effect if one is said; what it did on the forge, in this order.

    An effect is a push, a request that does not only read, or a change request's file on the local forge.
    """
    told = tmp_path / "effects"

    def run(words: tuple[str, ...], after: str = "") -> list[str]:
        def work() -> int:
            os.chdir(place.root)  # noqa: TID251  the child's own
            watch(httpx.Client, "send", lambda _client, request, **_: http(request.method, request.url.path))
            watch(requests.Session, "send", lambda _session, request, **_: http(request.method, request.path_url))
            watch(git, "push", lambda _repo, _url, branch, *_, to=None, **_more: f"push {to or branch}")
            watch(local_changes, "_write", lambda *_: "write")
            return program(words)

        def watch(owner: Any, name: str, effect: Callable[..., str]) -> None:
            does = getattr(owner, name)

            def watched(*said: Any, **more: Any) -> Any:
                made = does(*said, **more)
                if what := effect(*said, **more):
                    with told.open("a", encoding="utf-8") as file:
                        file.write(f"{what}\n")
                    if what == after:
                        os._exit(KILLED)
                return made

            monkeypatch.setattr(owner, name, watched)

        told.write_text("", encoding="utf-8")
        assert in_child(work) == (KILLED if after else FINE)
        return told.read_text(encoding="utf-8").splitlines()

    return run


def http(method: str, path: str) -> str:
    return "" if method == "GET" else f"{method} {path}"
