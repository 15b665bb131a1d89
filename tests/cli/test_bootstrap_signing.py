from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.support import log
from tests.support.keys import Ring, ssh_key, ssh_settings
from tests.support.keys import ring as ring  # noqa: PLC0414  pytest finds it here
from tests.support.place import Place

PASSPHRASE = "open-sesame-17"
Signed = Callable[..., str]


@pytest.fixture
def hub(place: Place) -> Place:
    place.git("init", "-q", "--bare", "-b", "main", "hub.git")
    return place.inside("hub.git")


@pytest.fixture
def words(hub: Place, flux: str) -> tuple[str, ...]:
    return ("bootstrap", "git", f"--url={hub.root}", f"--manifests={flux}", "--path=clusters/prod")


def settings(text: str) -> None:
    with Path(os.environ["HOME"], ".gitconfig").open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def verified(hub: Place) -> int:
    """How many commits there are, all of which git verifies."""
    commits = hub.git("rev-list", "main").split()
    hub.git("verify-commit", *commits)
    return len(commits)


@pytest.mark.parametrize("flag", ["--ssh-signing-password", "--ssh-signing-passphrase", ""])
def test_an_ssh_key_signs_all_commits_and_the_next_run_has_none_to_make(
    place: Place, hub: Place, words: tuple[str, ...], tmp_path: Path, flag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ssh_key(tmp_path / "sign", passphrase=PASSPHRASE)
    settings(ssh_settings(key))
    if not flag:
        monkeypatch.setenv("SSH_SIGNING_PASSWORD", PASSPHRASE)
    sign = (f"--ssh-signing-key-file={key}", *([f"{flag}={PASSPHRASE}"] if flag else []))

    place.run(*words, *sign)
    again = place.run(*words, *sign)

    assert verified(hub) == 3
    assert hub.git("cat-file", "commit", "main~1").endswith("\n\nAdd Flux sync manifests")
    assert "is in step\n" in again.err


def test_the_key_that_opens_the_repository_may_sign_as_well(
    place: Place, hub: Place, words: tuple[str, ...], tmp_path: Path
) -> None:
    key = ssh_key(tmp_path / "both", passphrase=PASSPHRASE)
    settings(ssh_settings(key))
    reuse = ("--ssh-signing-reuse-private-key", f"--private-key-file={key}", f"--password={PASSPHRASE}")

    place.run(*words, *reuse)

    assert verified(hub) == 3


def test_a_gpg_key_signs_what_bootstrap_local_commits_and_its_passphrase_is_on_no_command_line(
    place: Place, words: tuple[str, ...], tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = ring.exported(tmp_path / "ring", ring.add("Ada", passphrase=PASSPHRASE), passphrase=PASSPHRASE)
    settings(ring.settings())
    spy = place.write("bin/gpg", f'#!/bin/sh\necho "$@" >> {tmp_path}/said\nexec {shutil.which("gpg")} "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("GPG_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("PATH", str(spy.parent), prepend=":")

    place.run(
        "bootstrap", "local", f"--root={tmp_path}/forge", "--repository=fleet", words[3], f"--gpg-key-ring={file}"
    )

    assert verified(Place(tmp_path / "forge/local/fleet.git")) == 3
    assert (tmp_path / "said").read_text().count("--detach-sign") == 4  # a trial, and three commits
    assert PASSPHRASE not in (tmp_path / "said").read_text()


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (
            ("--gpg-key-ring=KEY", "--ssh-signing-key-file=KEY"),
            "--gpg-* and --ssh-signing-* are mutually exclusive; pick one signing format",
        ),
        (
            ("--ssh-signing-reuse-private-key", "--private-key-file=KEY", "--ssh-signing-key-file=KEY"),
            "--ssh-signing-key-file and --ssh-signing-reuse-private-key are mutually exclusive",
        ),
        (("--ssh-signing-reuse-private-key",), "--ssh-signing-reuse-private-key requires --private-key-file"),
        (
            ("--ssh-signing-key-file=KEY", "--ssh-signing-password=a", "--ssh-signing-passphrase=b"),
            "--ssh-signing-password and --ssh-signing-passphrase are aliases; do not pass both",
        ),
        (("--ssh-signing-password=x",), "--ssh-signing-password requires --ssh-signing-key-file"),
        (("--gpg-passphrase=x",), "--gpg-passphrase requires --gpg-key-ring"),
        (("--gpg-key-id=x",), "--gpg-key-id requires --gpg-key-ring"),
        (("--gpg-key-ring=nothing",), "--gpg-key-ring nothing cannot be read: no such file or directory"),
        (("--ssh-signing-key-file=KEY",), "invalid SSH signing key: --ssh-signing-key-file KEY holds none"),
    ],
)
def test_flags_that_cannot_be_meant_are_refused_before_anything_is_cloned(
    place: Place, hub: Place, words: tuple[str, ...], flags: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    key = ssh_key(tmp_path / "locked", passphrase=PASSPHRASE)

    ran = place.run(*words, *(flag.replace("KEY", str(key)) for flag in flags), code=2)

    assert ran.err.startswith(f"✗ {said.replace('KEY', str(key))}"), ran.err
    assert "cloning" not in ran.err
    assert hub.git("for-each-ref") == ""


@pytest.mark.parametrize(
    ("flags", "who"),
    [
        (("--author-name=Bot",), "Bot <>"),
        (("--author-email=bot@example.com",), "Flux <bot@example.com>"),
        (("--author-name=Bot", "--author-email=bot@example.com"), "Bot <bot@example.com>"),
    ],
)
def test_an_author_that_is_given_makes_all_commits_as_with_flux(
    place: Place, hub: Place, words: tuple[str, ...], flags: tuple[str, ...], who: str
) -> None:
    place.run(*words, *flags)

    assert log(hub, "%an <%ae>") == [who] * 3
    assert log(hub, "%cn <%ce>") == [who] * 3
