from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scaffolder.errors import ClusterError, UsageError
from scaffolder.git.credentials import Access
from scaffolder.kube import secret as module
from scaffolder.kube.secret import KeyOptions, credentials, host_keys, known_hosts
from tests.judges.tools import require
from tests.testbed.gitserver import GitServer
from tests.testbed.gitssh import GitSsh
from tests.testbed.processes import running

PASSPHRASE = "open-sesame-17"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitSsh]:
    require("gitssh")
    with running() as processes:
        server = GitSsh(processes, GitServer(tmp_path_factory.mktemp("git")))
        server.start()
        yield server
        server.stop()


def fields(line: str) -> list[str]:
    return line.split()[:2]


def generated(folder: Path, *options: str) -> Path:
    """A key that ssh-keygen makes."""
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "id"), *options]
    subprocess.run(words, check=True, capture_output=True)
    return folder / "id"


def test_for_https_it_is_name_password_and_authority(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_text("CERTIFICATE\n")

    made = credentials("https://host/fleet", Access("ada", "geheim", authority), KeyOptions())

    assert made.data == {"username": "ada", "password": "geheim", "ca.crt": "CERTIFICATE\n"}
    assert made.public_key == ""
    manifest = json.loads(made.manifest("fleet", "flux-system"))
    assert base64.b64decode(manifest["data"]["password"]) == b"geheim"
    assert "geheim" not in repr(made)


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        (KeyOptions(), "ecdsa-sha2-nistp384"),
        (KeyOptions(ecdsa_curve="p521"), "ecdsa-sha2-nistp521"),
        (KeyOptions("ed25519"), "ssh-ed25519"),
        (KeyOptions("rsa", 1024), "ssh-rsa"),
    ],
)
def test_a_new_key_is_a_pair_in_the_form_that_flux_gives_it(server: GitSsh, options: KeyOptions, kind: str) -> None:
    made = credentials(server.url("fleet"), Access(), options).data

    assert made["identity"].startswith("-----BEGIN PRIVATE KEY-----\n")
    assert made["identity.pub"].startswith(f"{kind} ")
    assert made["identity.pub"].endswith("\n")
    assert made["known_hosts"] + "\n" == (server.keys / "known_hosts").read_text()


def test_a_key_of_a_file_stays_as_it_is(server: GitSsh, tmp_path: Path) -> None:
    key = generated(tmp_path)

    made = credentials(server.url("fleet"), Access(password="of something else", private_key=key), KeyOptions())

    assert made.data["identity"] == key.read_text()
    assert fields(made.data["identity.pub"]) == fields((tmp_path / "id.pub").read_text())
    assert "password" not in made.data


@pytest.mark.parametrize("form", ["RFC4716", "PEM"])
def test_a_passphrase_goes_with_its_key(server: GitSsh, tmp_path: Path, form: str) -> None:
    key = generated(tmp_path, "-t", "rsa", "-m", form, "-N", PASSPHRASE)

    made = credentials(server.url("fleet"), Access(password=PASSPHRASE, private_key=key), KeyOptions())

    assert made.data["password"] == PASSPHRASE
    assert fields(made.data["identity.pub"]) == fields((tmp_path / "id.pub").read_text())


def test_a_key_that_cannot_be_read_is_named(server: GitSsh, tmp_path: Path) -> None:
    locked, broken = generated(tmp_path, "-N", PASSPHRASE), tmp_path / "broken"
    broken.write_text("-----BEGIN PRIVATE KEY-----\nno\n")

    for place, password in ((locked, "wrong"), (broken, "")):
        with pytest.raises(UsageError, match=f"{place}: it holds no private key"):
            credentials(server.url("fleet"), Access(password=password, private_key=place), KeyOptions())


def test_host_keys_that_are_known_already_are_taken_before_those_that_are_shown(
    server: GitSsh, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pinned = generated(tmp_path).with_suffix(".pub").read_text().split()
    host = server.url("x").split("@")[1].split("/")[0]
    name = "[{}]:{}".format(*host.split(":"))
    words = [f"{name} {pinned[0]} {pinned[1]}"]
    real = module._lines
    monkeypatch.setattr(module, "_lines", lambda command: words if command[0] == "ssh-keygen" else real(command))

    assert known_hosts(server.url("x")) == words[0]


def test_host_keys_are_shown_as_ssh_keygen_shows_them(server: GitSsh, tmp_path: Path) -> None:
    known = known_hosts(server.url("x"))
    for kind in ("rsa", "ecdsa"):
        command = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", tmp_path / kind]
        subprocess.run(command, check=True)
        known += f"\ngit.example.com {(tmp_path / f'{kind}.pub').read_text().strip()}"
    place = tmp_path / "known_hosts"
    place.write_text(known, encoding="utf-8")
    said = subprocess.run(["ssh-keygen", "-l", "-f", place], capture_output=True, text=True, check=True).stdout

    rows = [line.split() for line in said.splitlines()]  # 256 SHA256:… git.example.com (ED25519)

    assert host_keys(known) == [f"{row[2]}: {row[-1].strip('()')} {row[1]}" for row in rows]


def test_a_server_without_host_keys_is_an_error() -> None:
    with pytest.raises(ClusterError, match=r"host keys of \[127.0.0.1\]:9 cannot be had"):
        known_hosts("ssh://git@127.0.0.1:9/fleet.git")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"algorithm": "dsa"}, "--ssh-key-algorithm dsa: must be one of rsa, ecdsa, ed25519"),
        ({"ecdsa_curve": "p1"}, "--ssh-ecdsa-curve p1: must be one of p256, p384, p521"),
        ({"rsa_bits": 1023}, "--ssh-rsa-bits 1023: must be at least 1024 and a multiple of 8"),
    ],
)
def test_a_key_that_cannot_be_made_is_refused(options: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        KeyOptions(**options)  # type: ignore[arg-type]  # what is wrong is the point
