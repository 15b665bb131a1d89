from __future__ import annotations

import gzip
import subprocess
import tarfile
from pathlib import Path

import pytest

from scaffolder.bridge.bundle import PINS, fingerprint
from scaffolder.bridge.manifests import Manifests, download, from_cache
from scaffolder.errors import ForgeError, UsageError
from tests.support.releases import FILES, OTHER, PINNED, Releases, member, of_files, tarball
from tests.support.shared import flux_manifests, shared


@pytest.mark.parametrize("version", PINS)
def test_the_shared_manifests_are_the_pinned_ones(version: str) -> None:
    assert fingerprint(flux_manifests(version)) == PINS[version]


def test_a_fingerprint_can_be_taken_by_hand() -> None:
    folder = shared("flux-manifests", PINNED)
    by_hand = subprocess.check_output("LC_ALL=C; sha256sum *.yaml | sha256sum", shell=True, cwd=folder, text=True)
    assert by_hand.split()[0] == PINS[PINNED]


def test_a_pinned_release_is_downloaded_once_and_then_comes_from_the_cache(releases: Releases) -> None:
    files = flux_manifests(PINNED)
    releases.publish(PINNED, of_files(files), checksum="")
    assert from_cache(PINNED) is None
    assert download(PINNED, base=releases.base) == from_cache(PINNED) == Manifests(files)
    assert releases.asked == [f"/{PINNED}/manifests.tar.gz"]


def test_a_pinned_release_of_which_one_byte_differs_is_refused_and_not_kept(releases: Releases, cache: Path) -> None:
    files = flux_manifests(PINNED)
    releases.publish(PINNED, of_files({**files, "rbac.yaml": files["rbac.yaml"] + "\n"}))
    with pytest.raises(ForgeError, match=r"of Flux v2\.9\.4 is refused: its files are not the ones"):
        download(PINNED, base=releases.base)
    assert not cache.exists()


def test_a_release_without_a_pin_is_held_against_its_list_of_checksums(releases: Releases) -> None:
    releases.publish(OTHER, of_files(FILES))
    assert download(OTHER, base=releases.base) == from_cache(OTHER) == Manifests(FILES)


@pytest.mark.parametrize("checksum", ["1" * 64, "not-a-sum"])
def test_a_release_with_another_checksum_is_refused_and_not_kept(
    releases: Releases, cache: Path, checksum: str
) -> None:
    releases.publish(OTHER, of_files(FILES), checksum=checksum)
    with pytest.raises(ForgeError, match=f"its SHA-256 is not the one that was released, {checksum}"):
        download(OTHER, base=releases.base)
    assert not cache.exists()


def test_a_release_that_its_list_of_checksums_leaves_out_is_refused(releases: Releases) -> None:
    releases.publish(OTHER, of_files(FILES))
    releases.answers[f"/{OTHER}/flux_2.9.3_checksums.txt"] = (200, {}, b"")
    with pytest.raises(ForgeError, match="of which there is none"):
        download(OTHER, base=releases.base)


@pytest.mark.parametrize("missing", ["manifests.tar.gz", "flux_2.9.3_checksums.txt"])
def test_a_release_that_is_not_there_is_a_usage_error_that_names_the_url(releases: Releases, missing: str) -> None:
    releases.publish(OTHER, of_files(FILES))
    del releases.answers[f"/{OTHER}/{missing}"]
    with pytest.raises(UsageError, match=f"there is no {releases.base}/{OTHER}/{missing}"):
        download(OTHER, base=releases.base)


@pytest.mark.parametrize("version", ["2.9.4", "v2.9", "../../x", "v2.9.4/..", "latest", ""])
def test_what_is_no_release_touches_neither_the_disk_nor_the_network(
    releases: Releases, version: str, tmp_path: Path
) -> None:
    for source in (from_cache, lambda version: download(version, base=releases.base)):
        with pytest.raises(UsageError, match="is not a Flux release such as"):
            source(version)
    assert releases.asked == []
    assert list(tmp_path.iterdir()) == []


FIFO, DEVICE, LINK, HARD = tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
BAD = {
    "leads out of it": [
        tarball(member("../rbac.yaml")),
        tarball(member("a/../../rbac.yaml")),
        tarball(member("/etc/rbac.yaml")),
    ],
    "is no ordinary file": [
        tarball(member("rbac.yaml", type=LINK, linkname="/etc/passwd")),
        tarball(member("rbac.yaml", type=HARD, linkname="b.yaml")),
        tarball(member("rbac.yaml", type=DEVICE)),
        tarball(member("rbac.yaml", type=FIFO)),
        tarball(member("rbac.yaml", pax_headers={"GNU.sparse.map": "0,0", "GNU.sparse.size": str(2**40)})),
    ],
    "twice": [tarball(member("rbac.yaml"), member("./rbac.yaml"))],
    "to more than 16 MiB": [gzip.compress(bytes(2**26), mtime=0), tarball(member("rbac.yaml", bytes(2**25)))],
    "not a whole .tar.gz": [b"", b"<html>", of_files(FILES)[:-9], gzip.compress(b"x" * 2000, mtime=0)],
    "no .yaml file": [tarball(), tarball(member("README.md", b"x"), member("sub/rbac.yaml", b"x"))],
    "codec can't decode": [tarball(member("rbac.yaml", b"\xff"))],
}


@pytest.mark.parametrize(("why", "content"), [(why, content) for why, all_ in BAD.items() for content in all_])
def test_a_tarball_that_no_release_would_have_is_refused_and_not_kept(
    releases: Releases, cache: Path, why: str, content: bytes
) -> None:
    releases.publish(OTHER, content)
    with pytest.raises(ForgeError, match=rf"the download of Flux v2\.9\.3 is refused: .*{why}"):
        download(OTHER, base=releases.base)
    assert not cache.exists()


def test_folders_and_other_files_in_a_tarball_are_left_aside(releases: Releases) -> None:
    folder = member("sub", type=tarfile.DIRTYPE)
    releases.publish(OTHER, tarball(folder, member("sub/b.yaml", b"b"), member("./a.yaml", b"a"), member("c", b"c")))
    assert download(OTHER, base=releases.base) == Manifests({"a.yaml": "a"})


def test_a_release_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / OTHER).mkdir()
    releases = Releases()
    releases.publish(OTHER, of_files(FILES))
    for path, (_, _, content) in releases.answers.items():
        (tmp_path / path[1:]).write_bytes(content)
    assert download(OTHER, base=tmp_path.as_uri()) == Manifests(FILES)
