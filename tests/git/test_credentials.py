from __future__ import annotations

import shlex
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scaffolder.errors import GitError
from scaffolder.git.credentials import Access
from scaffolder.git.remote import contact
from tests.testbed.gitserver import GitServer

ADA = Access("ada", "sesame\\n'$x \"%s")


@pytest.fixture(autouse=True)
def _reachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    server = GitServer(tmp_path / "git")
    server.start()
    yield server
    server.stop()


def test_a_password_opens_what_it_is_for_whatever_is_in_it(server: GitServer) -> None:
    repository = server.repository("fleet", password=ADA.password)
    made = repository.commit({"a": "b\n"})

    assert contact(None, ADA, repository.url, "ls-remote", repository.url, "HEAD").out.startswith(made)


@pytest.mark.parametrize("access", [Access("ada", "wrong"), Access("ada")])
def test_without_the_right_password_nothing_is_asked_and_nothing_opens(server: GitServer, access: Access) -> None:
    repository = server.repository("fleet", password="sesame")

    with pytest.raises(GitError, match="git ls-remote failed"):
        contact(None, access, repository.url, "ls-remote", "--", repository.url)


def test_no_helper_of_the_user_s_is_told_to_keep_the_password(server: GitServer) -> None:
    repository = server.repository("fleet", password=ADA.password)
    subprocess.run(["git", "config", "--global", "credential.helper", "store"], check=True)

    contact(None, ADA, repository.url, "ls-remote", "--", repository.url)

    assert not (Path.home() / ".git-credentials").exists()


def test_a_bearer_token_goes_without_a_name(server: GitServer) -> None:
    token = Access(password="sesame", bearer=True)
    repository = server.repository("fleet", password="sesame")
    made = repository.commit({"a": "b\n"})

    assert made in contact(None, token, repository.url, "ls-remote", "--", repository.url).out
    with pytest.raises(GitError, match="git ls-remote failed"):
        contact(None, Access(password="wrong", bearer=True), repository.url, "ls-remote", "--", repository.url)
    assert set(token.environment("ssh://git@x/y")) == {"GIT_SSH_COMMAND"}


@pytest.mark.parametrize(
    ("access", "said", "told"),
    [
        (ADA, "could not read Username for 'http://localhost", [None, None]),
        (Access(password="sesame", bearer=True), "error: 302", ["Bearer sesame"]),
    ],
)
def test_a_server_that_sends_us_elsewhere_does_not_make_us_tell_the_password_there(
    tmp_path: Path, access: Access, said: str, told: list[str | None]
) -> None:
    heard: list[str | None] = []
    window = tmp_path / "askpass"
    window.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\n", encoding="utf-8")
    window.chmod(0o755)
    subprocess.run(["git", "config", "--global", "core.askPass", str(window)], check=True)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.headers.get("Authorization"))
            if self.headers["Host"].startswith("127."):
                self.send_response(302)
                self.send_header("Location", f"http://localhost:{there.server_port}{self.path}")
            else:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the signature is the library's
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as there, pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "127.0.0.1,localhost")
        threading.Thread(target=there.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{there.server_port}/fleet.git"
        with pytest.raises(GitError, match=said):
            contact(None, access, url, "ls-remote", "--", url)
        there.shutdown()

    assert heard == told
    assert not (tmp_path / "asked").exists()


def test_the_password_is_in_the_environment_of_one_process_alone() -> None:
    environment = ADA.environment("https://git.example.com:8443/acme/fleet.git")

    holders = [name for name, value in environment.items() if ADA.password in value]

    assert holders == ["SCAFFOLDER_GIT_PASSWORD"]
    assert "credential.https://git.example.com:8443.helper" in environment.values()
    assert ADA.password not in repr(ADA)


@pytest.mark.parametrize("url", ["/srv/fleet.git", "ssh://git@git.example.com/fleet.git", "git.example.com/fleet"])
def test_what_needs_no_password_is_not_given_one(url: str) -> None:
    assert not any(ADA.password in value for value in ADA.environment(url).values())


def test_settings_that_are_in_the_environment_already_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("COUNT", "1"), ("KEY_0", "a.b"), ("VALUE_0", "c")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)

    environment = ADA.environment("https://git.example.com/fleet.git")

    assert environment["GIT_CONFIG_COUNT"] == "3"
    assert environment["GIT_CONFIG_KEY_1"] == "credential.helper"
    assert "GIT_CONFIG_KEY_0" not in environment


def test_a_key_is_used_alone_and_the_user_s_own_ssh_command_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    key = Access(private_key=Path("/a key's"))
    alone = shlex.split(key.environment("ssh://git@x/y")["GIT_SSH_COMMAND"])
    subprocess.run(["git", "config", "--global", "core.sshCommand", "ssh -v"], check=True)
    configured = key.environment("ssh://git@x/y")["GIT_SSH_COMMAND"]
    monkeypatch.setenv("GIT_SSH_COMMAND", "ssh -F mine")

    assert alone[0] == "ssh"
    assert alone[-4:] == ["-i", "/a key's", "-o", "IdentitiesOnly=yes"]
    narrow = Access(host_key_algorithms=("ssh-ed25519", "rsa-sha2-512")).environment("ssh://git@x/y")
    assert narrow["GIT_SSH_COMMAND"].endswith(" -o HostKeyAlgorithms=ssh-ed25519,rsa-sha2-512")
    assert "BatchMode=yes" in alone
    assert configured.startswith("ssh -v -o ")
    assert key.environment("ssh://git@x/y")["GIT_SSH_COMMAND"].startswith("ssh -F mine -o ")


def test_a_server_that_repeats_the_password_is_not_repeated() -> None:
    assert Access(password="sesame").hidden("no sesame, no https://a:b@c") == "no ***, no https://a:***@c"
    assert Access().hidden("nothing") == "nothing"


def test_who_needs_no_credentials_needs_none(server: GitServer) -> None:
    repository = server.repository("fleet")
    made = repository.commit({"a": "b\n"})

    assert made in contact(None, Access(), repository.url, "ls-remote", "--", repository.url).out
