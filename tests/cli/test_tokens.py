"""Where the token for a forge comes from."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder import git
from scaffolder.cli.console import Console
from scaffolder.cli.work.clients import kept
from scaffolder.cli.work.tokens import NOTHING, Given, app_of, found
from scaffolder.errors import UsageError
from scaffolder.forge.github_app import App
from scaffolder.forge.hosted import HOSTS

HOST = "git.example.com"
GITHUB, GITLAB, GITEA = (HOSTS[kind] for kind in ("github", "gitlab", "gitea"))
OF_GH = "git.example.com:\n    user: ada\n    oauth_token: {}\n"
OF_GLAB = "hosts:\n  git.example.com:\n    token: !!null {}\n    is_oauth2: {}\n"
OF_TEA = "logins:\n- name: work\n  url: https://git.example.com/\n  token: {}\n"


@pytest.fixture(autouse=True)
def _no_others(monkeypatch: pytest.MonkeyPatch) -> None:
    names = (
        "GITHUB_TOKEN",
        "GH_TOKEN",
        "GITLAB_TOKEN",
        "GITEA_TOKEN",
        "CI_JOB_TOKEN",
        "GH_CONFIG_DIR",
        "GLAB_CONFIG_DIR",
    )
    for name in names:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))


def write(path: str, text: str) -> Path:
    place = Path.home() / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    return place


def by_file(tmp: Path, monkeypatch: pytest.MonkeyPatch) -> Given:  # noqa: ARG001  all have the same parameters
    (tmp / "token").write_text("by-file\n", encoding="utf-8")
    return Given(tmp / "token")


def by_variable(_: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    monkeypatch.setenv("GITHUB_TOKEN", "by-variable")
    return NOTHING


def by_gh_s_variable(_: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    monkeypatch.setenv("GH_TOKEN", "by-gh-s-variable")
    return NOTHING


def by_git(_: Path, __: pytest.MonkeyPatch) -> Given:
    git.run(None, "config", "--global", "credential.helper", "store")
    write(".git-credentials", f"https://ada:by-git@{HOST}\n")
    return NOTHING


def by_gh(_: Path, __: pytest.MonkeyPatch) -> Given:
    write(".config/gh/hosts.yml", OF_GH.format("by-gh"))
    return NOTHING


def by_input(_: Path, monkeypatch: pytest.MonkeyPatch) -> Given:
    monkeypatch.setattr("sys.stdin", io.StringIO("by-input\n"))
    return NOTHING


WAYS: list[tuple[Callable[[Path, pytest.MonkeyPatch], Given], str, str]] = [
    (by_file, "by-file", "/token"),
    (by_variable, "by-variable", "GITHUB_TOKEN"),
    (by_gh_s_variable, "by-gh-s-variable", "GH_TOKEN"),
    (by_git, "by-git", "git's credential helper"),
    (by_gh, "by-gh", "/.config/gh/hosts.yml"),
    (by_input, "by-input", "standard input"),
]


@pytest.mark.parametrize("first", range(len(WAYS)))
def test_the_first_place_that_has_a_token_is_taken_and_told_and_the_token_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], first: int
) -> None:
    given, *_ = [way(tmp_path, monkeypatch) for way, _, _ in WAYS[first:]]
    _, token, place = WAYS[first]

    assert found(Console(), GITHUB, HOST, given) == token

    said = capsys.readouterr().err
    assert said.startswith("► using the token of ")
    assert said.endswith(f"{place}\n")
    assert token not in said


def test_a_dash_is_standard_input_whatever_else_there_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    by_variable(tmp_path, monkeypatch)
    by_input(tmp_path, monkeypatch)

    assert found(Console(), GITHUB, HOST, Given(Path("-"))) == "by-input"


@pytest.mark.parametrize(
    ("kind", "path", "text", "token"),
    [
        ("github", "gh/hosts.yml", OF_GH.format("abc"), "abc"),
        ("github", "gh/hosts.yml", "other.example.com: {oauth_token: abc}\n", ""),
        ("github", "gh/hosts.yml", "- [", ""),
        ("gitlab", "glab-cli/config.yml", OF_GLAB.format("glpat-abc", "false"), "glpat-abc"),
        ("gitlab", "glab-cli/config.yml", OF_GLAB.format("abc", "true"), ""),
        ("gitlab", "glab-cli/config.yml", "hosts: []\n", ""),
        ("gitea", "tea/config.yml", OF_TEA.format("0123"), "0123"),
        ("gitea", "tea/config.yml", "logins: {}\n", ""),
    ],
)
def test_what_the_forge_s_own_program_keeps_for_the_host_is_read_as_it_writes_it(
    kind: str, path: str, text: str, token: str
) -> None:
    write(f".config/{path}", text)

    assert kept(kind, HOST)[0] == token


def test_gh_is_asked_for_what_it_keeps_in_a_keyring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write(".config/gh/hosts.yml", "git.example.com:\n    user: ada\n")
    gh = tmp_path / "gh"
    gh.write_text('#!/bin/sh\n[ "$*" = "auth token --hostname git.example.com" ] && echo by-keyring\n', "utf-8")
    gh.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert kept("github", HOST) == ("by-keyring", "gh")


def test_a_job_s_own_token_is_not_taken_and_the_hint_says_what_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI_JOB_TOKEN", "glcbt-64_of-a-job")
    monkeypatch.setenv("CI_SERVER_HOST", HOST)

    with pytest.raises(UsageError, match=r"^GitLab needs a token$") as said:
        found(Console(), GITLAB, HOST)

    assert said.value.hint.startswith("CI_JOB_TOKEN may not do this; make an access token with the scope api")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: no such file or directory"),
        (b"\xff", "cannot be read: it is no text"),
        (b"\n", "is empty"),
        (b"two words", "the token must be one word of ASCII text"),
    ],
)
def test_a_file_that_holds_no_token_is_told(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)

    with pytest.raises(UsageError, match=said):
        found(Console(), GITEA, HOST, Given(tmp_path / "token"))


def test_an_app_is_github_s_alone() -> None:
    with pytest.raises(UsageError, match=r"^Apps are GitHub's: Gitea has none$"):
        found(Console(), GITEA, HOST, Given(app=App("7", "42", Path("app.pem"))))


def test_an_app_is_told_by_three_flags_or_not_at_all() -> None:
    assert app_of(None, None, None) is None
    with pytest.raises(UsageError, match=r"^--app-installation-id is missing"):
        app_of("7", None, Path("app.pem"))
