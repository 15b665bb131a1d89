from __future__ import annotations

import io
import subprocess
import tarfile

import pytest

from scaffolder.errors import ForgeError
from scaffolder.forge.contents import blob, unpacked
from scaffolder.tree import File


def archive(files: dict[str, bytes]) -> bytes:
    """As forges make them: all in one folder."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(f"fleet-0123/{path}")
            entry.size, entry.mode = len(content), 0o775 if path.endswith(".sh") else 0o664
            tar.addfile(entry, io.BytesIO(content))
        link = tarfile.TarInfo("fleet-0123/link")
        link.type, link.linkname = tarfile.SYMTYPE, "a"
        tar.addfile(link)
    return made.getvalue()


def test_an_archive_is_its_regular_files_with_their_modes() -> None:
    found = unpacked(archive({"a": b"\xff\r\n", "b/run.sh": b""}))

    assert found == {"a": File(b"\xff\r\n"), "b/run.sh": File(b"", executable=True)}


@pytest.mark.parametrize("place", [".gitattributes", "docs/.gitattributes"])
def test_an_archive_that_files_may_be_missing_from_is_refused(place: str) -> None:
    with pytest.raises(ForgeError, match=f"^{place} keeps files out of archives"):
        unpacked(archive({place: b"notes export-ignore\n"}))


@pytest.mark.parametrize("content", [b"", b"<html>", archive({"a": b"a"})[:40]], ids=["nothing", "page", "cut"])
def test_what_is_no_archive_is_an_error_of_one_line(content: bytes) -> None:
    with pytest.raises(ForgeError, match=r"archive of the repository cannot be read$"):
        unpacked(content)


def test_a_hash_is_git_s_own() -> None:
    said = subprocess.run(["git", "hash-object", "--stdin"], input=b"a\n", capture_output=True, check=True).stdout

    assert blob(File(b"a\n")) == said.decode().strip()
