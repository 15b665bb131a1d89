from __future__ import annotations

import base64
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from scaffolder.flux.plaintext import exposed
from tests.judges.tools import require
from tests.support.place import Place
from tests.testbed.gitserver import GitServer
from tests.testbed.gitssh import GitSsh
from tests.testbed.processes import running

PASSWORD = "open-sesame-17"


@pytest.fixture
def http(tmp_path: Path, flux: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, ...]]:
    """For a repository that wants a password, which clusters get as well."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("GIT_PASSWORD", PASSWORD)
    server = GitServer(tmp_path / "server")
    server.start()
    url = server.repository("fleet", password=PASSWORD).url
    yield ("bootstrap", "git", f"--url={url}", "--allow-insecure-http", "--token-auth", *common(flux))
    server.stop()


@pytest.fixture
def ssh(tmp_path: Path, flux: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, ...]]:
    require("gitssh")
    server = GitServer(tmp_path / "server")
    server.folder.mkdir()
    server.repository("fleet")
    with running() as programs:
        ssh = GitSsh(programs, server)
        ssh.start()
        keys = ssh.keys
        monkeypatch.setenv("GIT_SSH_COMMAND", f"ssh -i {keys}/identity -o UserKnownHostsFile={keys}/known_hosts")
        yield ("bootstrap", "git", f"--url={ssh.url('fleet')}", *common(flux))


def common(flux: str) -> tuple[str, ...]:
    return (f"--manifests={flux}", "--path=clusters/prod")


@pytest.fixture
def age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Somebody for whom sops can encrypt, and who can decrypt with what the environment names."""
    key = tmp_path / "age.key"
    subprocess.run([require("age-keygen"), "-o", key], check=True, capture_output=True)
    monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(key))
    monkeypatch.setenv("PATH", str(require("sops").parent), prepend=":")
    return next(line.split()[-1] for line in key.read_text().splitlines() if "public key" in line)


def read(place: Path) -> dict[str, str]:
    document = yaml.safe_load(place.read_text())
    assert (document["kind"], document["metadata"]) == (
        "Secret",
        {"name": "flux-system", "namespace": "flux-system"},
    )
    return plain(document)


def plain(document: dict[str, Any]) -> dict[str, str]:
    return {key: base64.b64decode(value).decode() for key, value in document["data"].items()}


def decrypted(place: Path) -> str:
    return subprocess.run(["sops", "decrypt", place], check=True, capture_output=True, text=True).stdout


def next_steps(text: str) -> str:
    return text.partition("next: ")[2]


def test_the_secret_is_a_file_for_its_user_alone_and_the_next_run_leaves_it(
    place: Place, http: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "secret.yaml"

    ran = place.run(*http, f"--secret-file={file}")
    before = file.stat()
    again = json.loads(place.run(*http, f"--secret-file={file}", "--output=json").out)

    assert read(file) == {"username": "git", "password": PASSWORD}
    assert before.st_mode & 0o777 == 0o600
    assert f"kubectl apply --server-side -f {file}\n" in next_steps(ran.err)
    assert PASSWORD not in ran.err
    assert again["cluster"] == [{"action": "unchanged", "kind": "secret", "name": str(file)}]
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_another_password_is_written_and_nothing_in_a_dry_run(
    place: Place, http: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "secret.yaml"
    dry = json.loads(place.run(*http, f"--secret-file={file}", "--dry-run", "--output=json").out)
    assert (dry["cluster"][0]["action"], file.exists()) == ("created", False)
    place.run(*http, f"--secret-file={file}")
    encoded = base64.b64encode(PASSWORD.encode()).decode()
    file.write_text(file.read_text().replace(encoded, "b2xk"))

    place.run(*http, f"--secret-file={file}")

    assert read(file)["password"] == PASSWORD
    assert [path.name for path in tmp_path.iterdir() if "secret" in path.name] == ["secret.yaml"]


def test_by_ssh_a_new_key_is_kept_and_shown(place: Place, ssh: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "secret.yaml"

    ran = place.run(*ssh, f"--secret-file={file}", "--ssh-key-algorithm=ed25519")
    first = read(file)
    place.run(*ssh, f"--secret-file={file}")

    assert sorted(first) == ["identity", "identity.pub", "known_hosts"]
    assert first["identity.pub"].startswith("ssh-ed25519 ")
    assert f"public key: {first['identity.pub'].strip()}\n" in ran.err
    assert re.search(r"^✔ SSH host key of \[127.0.0.1\]:\d+: [A-Z0-9]+ SHA256:\S{43}$", ran.err, re.MULTILINE)
    assert f"let the public key of {file} read {ssh[2][6:]}" in next_steps(ran.err)
    assert read(file) == first


def test_the_registry_s_login_stands_in_the_same_file(place: Place, http: tuple[str, ...], tmp_path: Path) -> None:
    file, pull = tmp_path / "secret.yaml", ("--image-pull-secret=pull", "--registry=r.example/flux")

    place.run(*http, *pull, f"--secret-file={file}", "--registry-creds=ada:geheim")

    images = list(yaml.safe_load_all(file.read_text()))[1]
    assert (images["metadata"]["name"], images["type"]) == ("pull", "kubernetes.io/dockerconfigjson")
    login = {"username": "ada", "password": "geheim", "auth": base64.b64encode(b"ada:geheim").decode()}
    assert json.loads(plain(images)[".dockerconfigjson"]) == {"auths": {"r.example/flux": login}}


def test_encrypted_it_may_lie_in_the_repository_and_says_the_same_to_who_has_the_key(
    place: Place, ssh: tuple[str, ...], age: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.git("init", "-q")
    file, words = place.root / "secret.yaml", (*ssh, "--secret-file=secret.yaml", f"--sops-age={age}")

    ran = place.run(*words)
    before, secret = file.read_bytes(), plain(yaml.safe_load(decrypted(file)))
    place.run(*words)
    monkeypatch.delenv("SOPS_AGE_KEY_FILE")  # nobody here can read it now
    blind = place.run(*words)

    assert file.read_bytes() == before
    assert base64.b64encode(secret["identity"].encode()) not in before
    assert secret["identity"].startswith("-----BEGIN PRIVATE KEY-----\n")
    assert f"sops decrypt {file} | kubectl apply --server-side -f -\n" in next_steps(ran.err)
    assert f"public key: {secret['identity.pub'].strip()}\n" in ran.err
    assert f"secret in {file}: unchanged\n" in blind.err
    assert exposed("secret.yaml", before) == []


def test_a_creation_rule_says_for_whom_it_is_encrypted(place: Place, http: tuple[str, ...], age: str) -> None:
    place.git("init", "-q")
    place.write(".sops.yaml", f"creation_rules:\n- age: {age}\n  encrypted_regex: ^(data|stringData)$\n")
    file = place.root / "secrets/flux.yaml"
    file.parent.mkdir()

    place.run(*http, f"--secret-file={file}")
    before = file.read_bytes()
    place.run(*http, f"--secret-file={file}")

    assert {value[:4] for value in yaml.safe_load(before)["data"].values()} == {"ENC["}
    assert plain(yaml.safe_load(decrypted(file)))["password"] == PASSWORD
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--secret-file=s.yaml",), "it lies in a repository, where a secret must be encrypted"),
        (("--secret-file=s.yaml", "--sops-age=age1x"), "sops is not on the PATH, to encrypt it"),
        (("--secret-file=nowhere/s.yaml",), "there is no such folder"),
        (("--secret-file=../s.yaml", "--apply"), "--secret-file does not go with --apply"),
        (("--secret-file=../s.yaml", "--context=x"), "--secret-file does not go with --context"),
        (("--sops-age=age1x",), "--sops-age is about the cluster"),
        (("--secret-file=../other.yaml",), "there is something else"),
        (
            ("--secret-file=../s.yaml", "--registry-creds=a:b"),
            "--registry-creds requires --image-pull-secret to be set",
        ),
        (
            ("--secret-file=../s.yaml", "--registry-creds=a"),
            "invalid --registry-creds format, expected 'user:password'",
        ),
    ],
)
def test_what_must_not_be_is_refused_before_anything_is_pushed(
    place: Place,
    http: tuple[str, ...],
    tmp_path: Path,
    flags: tuple[str, ...],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place.git("init", "-q")
    (tmp_path / "other.yaml").write_text("kind: ConfigMap\n")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    ran = place.run(*http, *flags, code=2)

    assert said in next(line for line in ran.err.splitlines() if line.startswith("✗"))
    assert Place(tmp_path / "server/fleet.git").git("for-each-ref") == ""
    assert not (tmp_path / "s.yaml").exists()
