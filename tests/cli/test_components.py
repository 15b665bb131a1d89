from __future__ import annotations

from pathlib import Path

import pytest

from scaffolder.bridge import cache
from scaffolder.cli.console import Console
from scaffolder.cli.work.components import Obtain
from scaffolder.flux.components import Install

SOME, OTHER = Install("v2.9.3"), Install("v2.8.7")


def test_a_folder_is_all_that_is_asked(flux: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = Obtain(Console(), flux, network=True)(SOME)

    assert text is not None
    assert "# Flux Version: v2.9.3\n" in text
    assert capsys.readouterr().err == ""


def test_the_cache_comes_before_the_network(flux: str, capsys: pytest.CaptureFixture[str]) -> None:
    cache.store("v2.9.3", {path.name: path.read_text(encoding="utf-8") for path in Path(flux).iterdir()})

    assert Obtain(Console())(SOME) == Obtain(Console(), flux)(SOME)
    assert capsys.readouterr().err == ""


def test_without_the_network_nothing_is_downloaded_and_the_reason_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    obtain = Obtain(Console())

    assert obtain(SOME) is None
    assert capsys.readouterr().err == ""
    assert obtain.reason(SOME) == "the manifests of v2.9.3 are not in the cache, and this command needs no network"


def test_a_network_that_is_dead_is_asked_once_and_that_is_said_before(capsys: pytest.CaptureFixture[str]) -> None:
    obtain = Obtain(Console(), network=True)

    assert [obtain(SOME), obtain(OTHER), obtain(SOME)] == [None, None, None]
    assert capsys.readouterr().err == "► downloading the manifests of Flux v2.9.3\n"
    assert obtain.reason(OTHER).startswith("github.com: ")
