from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from scaffolder.errors import UsageError
from scaffolder.git import Commit, Person, Repo, commit, run, tip
from scaffolder.git.signing import Signer, of_gpg, of_ssh
from scaffolder.tree import File
from tests.support.keys import Ring, ssh_key, ssh_settings
from tests.support.keys import ring as ring  # noqa: PLC0414  pytest finds it here
from tests.testbed.processes import eventually

FLUX = Person("Flux", "")
PASSPHRASE = "open-sesame-17"
MESSAGES = ["Add Flux sync manifests", "é\n\n'\"$(x)\n\n[ci skip]", "One\n"]
Settings = Callable[[str], None]


def of_file(key: Path, passphrase: str = "") -> Signer:
    return of_ssh(key.read_bytes(), passphrase, flag="--ssh-signing-key-file", hint="SSH_SIGNING_PASSWORD")


def three(repo: Repo, signer: Signer | None) -> list[str]:
    return commit(repo, "main", [Commit(text, FLUX, {f"{n}": File(b"x")}) for n, text in enumerate(MESSAGES)], signer)


def verified(repo: Repo, commits: list[str]) -> list[int]:
    return [run(repo, "verify-commit", each, ok=range(256)).status for each in commits]


@pytest.mark.parametrize(
    "options",
    [(), ("-t", "ecdsa", "-b", "256"), ("-t", "ecdsa", "-b", "384"), ("-t", "ecdsa", "-b", "521"), ("-t", "rsa")],
    ids=["ed25519", "p256", "p384", "p521", "rsa"],
)
def test_git_verifies_what_every_kind_of_ssh_key_signs(
    repo: Repo, tmp_path: Path, settings: Settings, options: tuple[str, ...]
) -> None:
    key = ssh_key(tmp_path / "id", *options)
    settings(ssh_settings(key))

    made = [each for _ in range(4) for each in three(repo, of_file(key))]  # numbers of a signature differ in length

    assert verified(repo, made) == [0] * 12


@pytest.mark.parametrize("form", ["RFC4716", "PEM", "PKCS8"])
def test_a_locked_key_signs_in_every_form_that_it_is_kept_in(
    repo: Repo, tmp_path: Path, settings: Settings, form: str
) -> None:
    key = ssh_key(tmp_path / "id", "-t", "ecdsa", "-m", form, passphrase=PASSPHRASE)
    settings(ssh_settings(key))

    assert verified(repo, three(repo, of_file(key, PASSPHRASE))) == [0, 0, 0]


def test_but_for_the_signature_commits_are_as_they_would_be_without(repo: Repo, tmp_path: Path) -> None:
    plain = three(repo, None)

    signed = three(repo, of_file(ssh_key(tmp_path / "id")))

    texts = [run(repo, "cat-file", "commit", each).out for each in (*plain, *signed)]
    assert [text.partition("\n\n")[2] for text in texts] == MESSAGES * 2
    assert [text.count("\ngpgsig -----BEGIN SSH SIGNATURE-----\n ") for text in texts] == [0] * 3 + [1] * 3
    assert run(repo, "rev-list", "--reverse", "main").out.split() == [*plain, *signed]
    assert tip(repo, "main") == signed[-1]
    assert run(repo, "fsck", "--strict").err == ""


def test_a_change_of_a_signed_commit_is_found(repo: Repo, tmp_path: Path, settings: Settings) -> None:
    key = ssh_key(tmp_path / "id")
    settings(ssh_settings(key))
    text = run(repo, "cat-file", "commit", three(repo, of_file(key))[0]).out
    forged = run(repo, "hash-object", "-t", "commit", "-w", "--stdin", stdin=text.replace("Flux", "Glux").encode())

    assert verified(repo, [forged.out.strip()]) == [1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-N", PASSPHRASE), "holds none that can be read"),
        (("-t", "rsa", "-b", "1024"), "has 1024 bits, and needs 2048"),
    ],
)
def test_an_ssh_key_that_cannot_sign_is_refused(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    key = ssh_key(tmp_path / "id", *options)

    with pytest.raises(UsageError, match=f"^invalid SSH signing key: --ssh-signing-key-file {said}") as error:
        of_file(key, "wrong")

    assert "wrong" not in error.value.message + error.value.hint


def test_git_verifies_what_the_first_key_of_a_ring_signs_or_the_one_of_an_id(
    repo: Repo, tmp_path: Path, settings: Settings, ring: Ring
) -> None:
    first, second = ring.add("Ada"), ring.add("Grace", passphrase=PASSPHRASE)
    file = ring.exported(tmp_path / "ring", first, second, passphrase=PASSPHRASE)
    settings(ring.settings())

    with of_gpg(file, "") as signer:
        by_first = three(repo, signer)
    with of_gpg(file, PASSPHRASE, f"0x{second.lower()}") as signer:
        by_second = three(repo, signer)

    assert verified(repo, [*by_first, *by_second]) == [0] * 6
    signers = run(repo, "log", "--format=%GK", "main").out.split()
    assert signers == [second] * 3 + [first] * 3


def test_of_the_ring_nothing_is_left_not_even_an_agent(
    tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ring.exported(tmp_path / "ring", ring.add("Ada"))
    scratch = Path(tempfile.mkdtemp(dir="/tmp", prefix="s-"))
    monkeypatch.setattr("tempfile.tempdir", str(scratch))

    with of_gpg(file, "") as signer:
        (home,) = scratch.iterdir()
        assert home.stat().st_mode & 0o777 == 0o700
        assert signer(b"x").startswith("-----BEGIN PGP SIGNATURE-----\n")

    assert list(scratch.iterdir()) == []
    shutil.rmtree(scratch)
    eventually(lambda: str(home) not in command_lines(), 10, lambda: "an agent still runs")


def command_lines() -> str:
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it may have ended meanwhile
            found.append(line.read_text(errors="replace"))
    return "".join(found)


def test_a_ring_that_cannot_sign_is_refused_with_its_reason(tmp_path: Path, ring: Ring) -> None:
    locked, only_certifies = ring.add("Ada", passphrase=PASSPHRASE), ring.add("Grace", usage="cert")
    both = ring.exported(tmp_path / "both", locked, only_certifies, passphrase=PASSPHRASE)
    public = ring.exported(tmp_path / "public", locked, private=False)
    empty = tmp_path / "empty"
    empty.touch()
    refused = [
        (both, "wrong", "", "its passphrase is missing or wrong"),
        (both, "", "", "its passphrase is missing or wrong"),
        (both, "", only_certifies, f"key {only_certifies} cannot sign: "),
        (both, "", "0" * 16, f"--gpg-key-ring {both} has no key of id {'0' * 16}"),
        (both, "", "1234", "--gpg-key-id 1234: an id has 16 hex digits"),
        (public, "", "", f"--gpg-key-ring {public} does not hold the private key of its first key"),
        (empty, "", "", f"--gpg-key-ring {empty} has no keys"),
    ]

    for file, passphrase, key_id, said in refused:
        with pytest.raises(UsageError, match=f"^invalid GPG signing key: {said}"), of_gpg(file, passphrase, key_id):
            pass


def test_a_home_that_is_too_deep_for_an_agent_is_told_from_a_ring_without_keys(
    tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, deep = ring.exported(tmp_path / "ring", ring.add("Ada")), tmp_path / ("deep" * 25)
    deep.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(deep))

    with pytest.raises(UsageError, match=r"^gpg finds no agent to keep the key, in ") as error, of_gpg(file, ""):
        pass

    assert "TMPDIR" in error.value.hint


def test_without_gpg_there_is_another_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UsageError, match=r"^gpg is not on the PATH$") as error, of_gpg(tmp_path, ""):
        pass

    assert "--ssh-signing-key-file" in error.value.hint
