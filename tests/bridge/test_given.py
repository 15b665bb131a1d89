"""What `--manifests` may name, besides a folder."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from scaffolder.bridge.manifests import Manifests, given
from scaffolder.bridge.web import UnreachableError
from scaffolder.errors import UsageError
from tests.support.releases import FILES, Releases, member, of_files, tarball


def test_a_tarball_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "manifests.tar.gz").write_bytes(of_files(FILES))

    assert given(str(tmp_path / "manifests.tar.gz")) == Manifests(FILES)


def test_a_url_of_a_tarball_is_downloaded(releases: Releases) -> None:
    releases.answers["/mirror/flux.tgz?token=s3cret"] = (200, {}, of_files(FILES))

    assert given(f"{releases.base}/mirror/flux.tgz?token=s3cret") == Manifests(FILES)


def test_a_folder_is_read_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "rbac.yaml").write_text("kind: A\n", encoding="utf-8")

    assert given(str(tmp_path)) == Manifests({"rbac.yaml": "kind: A\n"})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (tarball(member("../rbac.yaml")), "it holds `../rbac.yaml`, which leads out of it"),
        (tarball(member("/etc/rbac.yaml")), "it holds `/etc/rbac.yaml`, which leads out of it"),
        (tarball(member("a.yaml", type=tarfile.SYMTYPE, linkname="/etc/passwd")), "which is no ordinary file"),
        (tarball(member("a.yaml", type=tarfile.LNKTYPE, linkname="b.yaml")), "which is no ordinary file"),
        (tarball(member("a.yaml", type=tarfile.CHRTYPE)), "which is no ordinary file"),
        (tarball(member("a.yaml", bytes(2**25))), "it unpacks to more than 16 MiB"),
        (bytes(2**22 + 1), "it is larger than 4 MiB"),
        (b"<html>", "it is not a whole .tar.gz"),
        (tarball(member("manifests/a.yaml", b"x")), "there is no .yaml file at its top"),
    ],
)
def test_a_tarball_that_no_release_would_have_is_refused_in_one_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "manifests.tar.gz"
    path.write_bytes(content)

    with pytest.raises(UsageError) as refused:
        given(str(path))

    assert refused.value.message.startswith(f"--manifests {path} cannot be used: ")
    assert reason in refused.value.message
    assert "\n" not in refused.value.message


def test_an_overlay_in_a_tarball_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "overlay.tgz").write_bytes(of_files({**FILES, "kustomization.yaml": "resources: []\n"}))

    with pytest.raises(UsageError, match=r"holds a kustomization\.yaml: unpack it, and name the folder"):
        given(str(tmp_path / "overlay.tgz"))


def test_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.tgz cannot be read: no such file or directory"):
        given(str(tmp_path / "nowhere.tgz"))


def test_a_url_that_is_not_there_is_told_without_the_secret_in_it(releases: Releases) -> None:
    with pytest.raises(UsageError) as refused:
        given(f"{releases.base}/no.tgz?token=s3cret")

    assert refused.value.message.endswith(f"cannot be used: there is no {releases.base}/no.tgz")
    assert "s3cret" not in refused.value.message


def test_a_server_that_does_not_answer_is_an_error_of_one_line() -> None:
    with pytest.raises(UnreachableError, match=r"^127\.0\.0\.1: Connection refused$"):
        given("http://127.0.0.1:9/manifests.tar.gz")
