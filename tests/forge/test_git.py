from __future__ import annotations

import re
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scaffolder import git
from scaffolder.errors import ForgeError, UsageError
from scaffolder.forge.base import Action, Repository
from scaffolder.forge.git import GitForge, address
from scaffolder.git.credentials import ANONYMOUS, Access


@pytest.mark.parametrize(
    ("said", "url", "owner", "name"),
    [
        ("https://git.example.com/acme/fleet.git", "https://git.example.com/acme/fleet.git", "acme", "fleet"),
        ("https://ada@git.example.com:8443/g/t/fleet", "https://git.example.com:8443/g/t/fleet", "g/t", "fleet"),
        ("ssh://git.example.com/fleet.git", "ssh://git@git.example.com/fleet.git", "", "fleet"),
        ("ssh://ada@git.example.com:2222/a/b.git", "ssh://ada@git.example.com:2222/a/b.git", "a", "b"),
        ("https://[::1]:8443/a/b.git", "https://[::1]:8443/a/b.git", "a", "b"),
        ("file:///srv/git/fleet.git", "/srv/git/fleet.git", "local", "fleet"),
        ("/srv/git/fleet", "/srv/git/fleet", "local", "fleet"),
    ],
)
def test_a_url_says_where_to_push_and_what_it_is_called(said: str, url: str, owner: str, name: str) -> None:
    found = address(said)

    assert (found.url, found.owner, found.name) == (url, owner, name)


@pytest.mark.parametrize(
    ("said", "by_ssh", "by_token"),
    [
        ("https://h.example/a/b.git", "ssh://git@h.example/a/b.git", "https://h.example/a/b.git"),
        ("https://ada@h.example/a/b.git", "ssh://ada@h.example/a/b.git", "https://h.example/a/b.git"),
        ("https://h.example:8443/a/b", "ssh://git@h.example:8443/a/b", "https://h.example:8443/a/b"),
        ("ssh://h.example:2222/a/b.git", "ssh://git@h.example:2222/a/b.git", "https://h.example/a/b.git"),
        ("ssh://u@h.example/a/b.git", "ssh://u@h.example/a/b.git", "https://h.example/a/b.git"),
        ("http://h.example:3000/a/b.git", "ssh://git@h.example:3000/a/b.git", "http://h.example:3000/a/b.git"),
        ("/srv/git/fleet.git", None, None),
    ],
)
def test_clusters_fetch_it_where_flux_bootstrap_would_say(said: str, by_ssh: str | None, by_token: str | None) -> None:
    found = address(said, insecure=True)

    assert (found.synced(), found.synced(token_auth=True)) == (by_ssh, by_token)


def test_clusters_may_find_the_server_elsewhere_and_as_another_user() -> None:
    found = address("https://ada@h.example:8443/a/b.git", username="bob")

    assert found.synced(ssh_hostname="ssh.example:2222") == "ssh://bob@ssh.example:2222/a/b.git"


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("git@h.example:a/b.git", "Flux does not know the short form", "write ssh://git@h.example/a/b.git"),
        ("ext::sh -c touch% pwned", "Flux does not know the short form", ""),
        ("http://h.example/a", "http is insecure", "--allow-insecure-http allows it"),
        ("ftp://h.example/a", "Flux knows https, http and ssh, not ftp", ""),
        ("https://a:sesame@h.example/b", "--url must not hold a password", "export it as GIT_PASSWORD"),
        ("https://h.example:x/a", "Port could not be cast", ""),
        ("https://h.example", "names no repository", "write it as "),
        ("https:///a/b", "names no repository", "write it as "),
        ("https://h.example/a?b=c", "names no repository", "write it as "),
        ("https://h.example/a b", "names no repository", "write it as "),
        ("https://h.example/a\nb", "names no repository", "write it as "),
        ("", "names no repository", "write it as "),
    ],
)
def test_a_url_that_cannot_be_meant_is_refused(said: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)) as error:
        address(said)

    assert error.value.hint.startswith(hint)
    assert "sesame" not in error.value.message + error.value.hint


def test_what_exists_is_a_folder_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "a:b").mkdir()

    assert address(str(tmp_path / "a:b")).url == str(tmp_path / "a:b")


def test_it_is_the_repository_at_its_url_and_no_other(tmp_path: Path) -> None:
    git.init(git.Repo(tmp_path / "fleet.git"), "main")
    forge = GitForge(address(str(tmp_path / "fleet.git")), ANONYMOUS, "https://sync")

    found = forge.ensure_repository(Repository("local", "fleet"))

    assert found.action is Action.UNCHANGED
    assert (found.value.git_url, found.value.sync_url) == (str(tmp_path / "fleet.git"), "https://sync")
    with pytest.raises(UsageError, match=r"^`local/other` is not what .*/fleet.git names$"):
        forge.find_repository("local", "other")


@pytest.mark.parametrize(
    ("said", "message", "hint"),
    [
        ("Permission denied (publickey).", "it does not take our SSH key", "--private-key-file names one"),
        ("Host key verification failed.", "its SSH host key is not known", "then: ssh-keyscan -p 2222 h.example >>"),
        ("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.", "another than", "some"),
        ("fatal: Could not read from remote repository.", "Could not read from remote repository.", ""),
    ],
)
def test_what_ssh_says_is_told_with_what_to_do_about_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, message: str, hint: str
) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\necho '{said}' >&2\nexit 255\n", encoding="utf-8")
    ssh.chmod(0o755)
    monkeypatch.setenv("GIT_SSH_COMMAND", str(ssh))

    with pytest.raises(ForgeError, match=re.escape(message)) as error:
        GitForge(address("ssh://h.example:2222/a/b.git"), ANONYMOUS, None).find_repository("a", "b")

    assert hint in error.value.hint


@pytest.fixture
def https(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server that has nothing; authority.pem beside it has signed its certificate."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    key, pem = tmp_path / "key.pem", tmp_path / "authority.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test"]
    words += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(pem)]
    subprocess.run(words, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the signature is the library's
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}/a/b.git"
        server.shutdown()


def test_an_authority_of_one_s_own_is_trusted_when_it_is_given(https: str, tmp_path: Path) -> None:
    given = Access(ca_file=tmp_path / "authority.pem")

    with pytest.raises(ForgeError, match=r"its certificate is not trusted$"):
        GitForge(address(https), ANONYMOUS, None).find_repository("a", "b")
    with pytest.raises(ForgeError, match=r"^there is no repository at "):
        GitForge(address(https), given, None).find_repository("a", "b")
