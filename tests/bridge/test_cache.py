from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from scaffolder.bridge.bundle import PINS
from scaffolder.bridge.manifests import Manifests, download, from_cache
from tests.support.releases import FILES, OTHER, PINNED, Releases, of_files, program
from tests.support.shared import flux_manifests, shared


def test_what_is_not_in_the_cache_is_none() -> None:
    assert from_cache(PINNED) is None
    assert from_cache(OTHER) is None


@pytest.mark.parametrize(
    ("variables", "folder"),
    [
        ({"SCAFFOLDER_CACHE": "own", "XDG_CACHE_HOME": "xdg"}, "own/flux"),
        ({"XDG_CACHE_HOME": "xdg"}, "xdg/scaffolder/flux"),
        ({}, ".cache/scaffolder/flux"),
    ],
)
def test_the_cache_is_where_the_environment_says(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], folder: str
) -> None:
    for name in ("SCAFFOLDER_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": ".", **variables}.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    releases.publish(OTHER, of_files(FILES))
    download(OTHER, base=releases.base)
    assert [path.name for path in (tmp_path / folder).iterdir()] == [OTHER]


@pytest.mark.parametrize("version", [PINNED, OTHER])
@pytest.mark.parametrize("spoil", ["changed", "cut", "missing", "added", "bytes"])
def test_an_entry_that_is_spoiled_is_thrown_away_and_fetched_again(
    releases: Releases, cache: Path, version: str, spoil: str
) -> None:
    files = flux_manifests(version) if version in PINS else FILES
    releases.publish(version, of_files(files))
    download(version, base=releases.base)
    victim = cache / version / "rbac.yaml"
    match spoil:
        case "changed":
            victim.write_text(victim.read_text().upper())
        case "cut":
            os.truncate(victim, 3)
        case "missing":
            victim.unlink()
        case "added":
            shutil.copy(victim, victim.with_name("more.yaml"))
        case "bytes":
            victim.write_bytes(b"\xff")
    assert from_cache(version) is None
    assert not (cache / version).exists()
    assert download(version, base=releases.base) == from_cache(version) == Manifests(files)


def test_unpacked_manifests_of_a_pinned_release_may_be_put_into_the_cache_by_hand(cache: Path) -> None:
    shutil.copytree(shared("flux-manifests", PINNED), cache / PINNED)
    assert from_cache(PINNED) == Manifests(flux_manifests(PINNED))


@pytest.mark.parametrize("place", ["file", "/proc/none"])
def test_a_cache_that_cannot_be_written_does_not_matter(
    releases: Releases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SCAFFOLDER_CACHE", str(tmp_path / place))
    releases.publish(OTHER, of_files(FILES))
    assert download(OTHER, base=releases.base) == Manifests(FILES)
    assert from_cache(OTHER) is None


FULL = """
import resource, signal, sys
from scaffolder.bridge.manifests import download
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))  # bytes a file may have
signal.signal(signal.SIGXFSZ, signal.Handlers[sys.argv[2]])  # what happens then: an error, or death
print(len(download("v2.9.3", base=sys.argv[1], timeout=30).files))
"""


@pytest.mark.parametrize(("fate", "output", "code"), [("SIG_IGN", "2\n", 0), ("SIG_DFL", "", -signal.SIGXFSZ)])
def test_a_download_that_ends_while_it_is_stored_leaves_no_entry(
    releases: Releases, cache: Path, fate: str, output: str, code: int
) -> None:
    releases.publish(OTHER, of_files({"a.yaml": "short", "b.yaml": "longer than ten bytes"}))
    with program(FULL, releases.base, fate, stdout=subprocess.PIPE) as process:
        assert process.communicate()[0] == output
    assert process.returncode == code
    assert not (cache / OTHER).exists()
    assert download(OTHER, base=releases.base) == from_cache(OTHER)


def test_a_download_that_is_killed_on_its_way_leaves_nothing(cache: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        process = program(FULL, f"http://127.0.0.1:{server.getsockname()[1]}", "SIG_DFL")
        connection, _ = server.accept()
        with process, connection:
            connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 999\r\n\r\n\x1f\x8b")
            process.kill()
    assert not cache.exists()


def test_two_downloads_at_once_leave_one_whole_entry(releases: Releases, cache: Path) -> None:
    releases.publish(OTHER, of_files(FILES))
    threads = [threading.Thread(target=download, args=(OTHER,), kwargs={"base": releases.base}) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.name for path in cache.iterdir()] == [OTHER]
    assert from_cache(OTHER) == Manifests(FILES)
