from __future__ import annotations

import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffolder.bridge.gitserver import Served, serving
from scaffolder.errors import UsageError
from tests.support.place import Place


@pytest.fixture
def url(place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A repository with one commit, for ada with the password sesame."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    place.git("init", "-q", "work")
    work = place.inside("work")
    work.write("a.txt", "a")
    work.commit()
    place.git("clone", "-q", "--bare", "work", "fleet.git")
    with serving(Served(place.root / "fleet.git", "ada", "sesame"), "127.0.0.1") as url:
        yield url


def git(*words: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-c", "credential.helper=", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={"GIT_TERMINAL_PROMPT": "0"})


def with_password(url: str, password: str = "sesame") -> str:
    return url.replace("://", f"://ada:{password}@")


def test_it_is_cloned_with_the_password_alone(url: str, tmp_path: Path) -> None:
    assert git("clone", "-q", with_password(url), str(tmp_path / "clone")).returncode == 0
    assert (tmp_path / "clone" / "a.txt").is_file()
    assert "Authentication failed" in git("ls-remote", with_password(url, "guess")).stderr
    assert git("ls-remote", url).returncode


def test_nobody_writes_to_it(url: str, place: Place) -> None:
    done = subprocess.run(
        ["git", "push", "-q", with_password(url), "HEAD:refs/heads/new"],
        cwd=place.root / "work",
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode
    assert "new" not in place.git("-C", "fleet.git", "branch", "--list")


@pytest.mark.parametrize("path", ["/../etc/passwd", "/work/.git/config", "/"])
def test_nothing_else_is_served(url: str, path: str) -> None:
    server = url.rpartition("/")[0]
    request = urllib.request.Request(f"{server}{path}", headers={"Authorization": "Basic YWRhOnNlc2FtZQ=="})

    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(request)


def test_it_is_gone_afterwards(place: Place) -> None:
    with serving(Served(place.root, "ada", "x"), "127.0.0.1:0") as url:
        port = int(url.split(":")[2].split("/")[0])

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


@pytest.mark.parametrize(
    ("listen", "said"),
    [
        ("127.0.0.1:http", "must be HOST or HOST:PORT"),
        ("0.0.0.0", "name the one address"),
        ("192.0.2.1", "cannot assign"),
        ("nowhere.invalid", "name or service not known"),
    ],
)
def test_an_address_that_cannot_be_meant_is_refused(place: Place, listen: str, said: str) -> None:
    with (
        pytest.raises(UsageError, match=f"--listen {listen}: .*{said}"),
        serving(Served(place.root, "ada", "x"), listen),
    ):
        pass


def test_a_port_that_is_taken_is_said_to_be_so(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"

        with (
            pytest.raises(UsageError, match="address already in use"),
            serving(Served(place.root, "ada", "x"), listen),
        ):
            pass
