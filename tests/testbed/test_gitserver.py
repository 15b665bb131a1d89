from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.testbed.gitserver import GitServer, Repository


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    server = GitServer(tmp_path / "git")
    server.start()
    yield server
    server.stop()


def git(*arguments: str, at: Path, code: int = 0) -> str:
    environment = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    done = subprocess.run(["git", *arguments], cwd=at, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def test_what_is_committed_is_cloned_and_what_is_pushed_is_there(server: GitServer, tmp_path: Path) -> None:
    repository = server.repository("fleet")
    repository.commit({"a/b.txt": "one\n"})
    git("clone", "-q", repository.url, "clone", at=tmp_path)

    (tmp_path / "clone/large.bin").write_bytes(os.urandom(2_000_000))  # git sends it in chunks
    git("add", "-A", at=tmp_path / "clone")
    git("commit", "-qm", "large", at=tmp_path / "clone")
    git("push", "-q", "origin", "HEAD:main", at=tmp_path / "clone")

    assert repository.git("ls-tree", "-r", "--name-only", "main").split() == ["a/b.txt", "large.bin"]


def test_a_commit_changes_what_it_names(server: GitServer) -> None:
    repository = server.repository("fleet")
    first = repository.commit({"a": "one\n", "b": "two\n"}, "both")

    second = repository.commit({"a": None, "c/d": "é\n"}, "less")

    assert repository.git("log", "--format=%H %s", "main").splitlines() == [f"{second} less", f"{first} both"]
    assert repository.git("ls-tree", "-r", "--name-only", "main").split() == ["b", "c/d"]
    assert repository.git("show", "main:c/d") == "é\n"


def test_a_repository_with_a_password_wants_it(server: GitServer, tmp_path: Path) -> None:
    repository = server.repository("private", password="sesame")
    repository.commit({"a": "b\n"})

    assert "could not read Username" in git("ls-remote", repository.url, at=tmp_path, code=128)

    assert "refs/heads/main" in git("ls-remote", with_password(repository, "sesame"), at=tmp_path)
    assert "Authentication failed" in git("ls-remote", with_password(repository, "guess"), at=tmp_path, code=128)


def with_password(repository: Repository, password: str) -> str:
    return repository.url.replace("://", f"://git:{password}@")


@pytest.mark.parametrize("path", ["/nothing.git/info/refs", "/../../etc/passwd", "/"])
def test_what_is_no_repository_is_not_found(server: GitServer, tmp_path: Path, path: str) -> None:
    assert "not found" in git("ls-remote", server.url + path, at=tmp_path, code=128)


def test_a_stopped_server_starts_again_at_the_same_address(server: GitServer, tmp_path: Path) -> None:
    repository = server.repository("fleet")
    server.stop()
    git("ls-remote", repository.url, at=tmp_path, code=128)

    server.start()

    git("ls-remote", repository.url, at=tmp_path)
