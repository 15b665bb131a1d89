from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scaffolder.apply import WorkTree, carry_out
from scaffolder.errors import ScaffolderError
from scaffolder.plan import Change, Plan
from scaffolder.render.units import Unit
from scaffolder.tree import File

UNIT = Unit("app", "web")
NOBODY = 65534
WRITE_MUCH = """
import sys
from pathlib import Path
from scaffolder.apply import WorkTree
from scaffolder.errors import ScaffolderError
from scaffolder.tree import File

try:
    WorkTree(Path(sys.argv[1]), Path(sys.argv[1], ".git")).write("file", File(b"x" * 100_000))
except ScaffolderError as error:
    print(error.message)
"""


@pytest.fixture
def tree(tmp_path: Path) -> WorkTree:
    (tmp_path / "work" / ".git").mkdir(parents=True)
    return WorkTree(tmp_path / "work", tmp_path / "work" / ".git")


@pytest.fixture
def umask() -> Iterator[Callable[[int], None]]:
    before = os.umask(0o022)

    def change(mask: int) -> None:
        os.umask(mask)

    yield change
    os.umask(before)


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of somebody who may not do everything, as whom the test then runs."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / ".git").mkdir()
        if os.geteuid() == 0:
            for place in (root, root / ".git"):
                os.chown(place, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        yield root
        if os.getuid() == 0:
            os.seteuid(0)


def mode(tree: WorkTree, path: str) -> int:
    return (tree.root / path).stat().st_mode & 0o777


def files(tree: WorkTree) -> dict[str, bytes]:
    found = (place for place in tree.root.rglob("*") if place.is_file() and ".git" not in place.parts)
    return {place.relative_to(tree.root).as_posix(): place.read_bytes() for place in found}


def plan_of(after: dict[str, bytes | None], locks: dict[str, bytes | None] | None = None) -> Plan:
    changes = {path: Change(None if text is None else File(text), None, UNIT) for path, text in after.items()}
    return Plan(files=changes, locks=locks or {})


def test_what_is_written_is_what_is_read(tree: WorkTree) -> None:
    for file in (File(b""), File(b"a\r\n\0\xff"), File(b"x" * 3_000_000), File(b"#!/bin/sh\n", executable=True)):
        tree.write("a/b c/é.yaml", file)

        assert tree.read("a/b c/é.yaml") == file
    assert tree.names("") == [".git", "a"]
    assert tree.names("a/b c") == ["é.yaml"]


def test_what_is_not_there_or_no_file_is_nothing(tree: WorkTree) -> None:
    tree.write("folder/file", File(b"x"))
    (tree.root / "link").symlink_to("folder/file")
    os.mkfifo(tree.root / "pipe")

    assert [tree.read(path) for path in ("gone", "gone/x", "folder", "folder/file/x", "link", "pipe")] == [None] * 6
    assert [tree.names(folder) for folder in ("gone", "folder/file", "link")] == [[], [], []]


def test_a_deletion_takes_the_folders_that_it_leaves_empty_and_no_other(tree: WorkTree) -> None:
    tree.write("a/b/c/file", File(b"x"))
    tree.write("a/other", File(b"x"))

    tree.write("a/b/c/file", None)
    tree.write("never/was/there", None)

    assert files(tree) == {"a/other": b"x"}
    assert tree.names("a") == ["other"]
    tree.write("a/b/c/file", File(b"again"))
    assert tree.read("a/b/c/file") == File(b"again")


@pytest.mark.parametrize(
    "path",
    ["", "/etc/x", "../x", "a/../../x", "a//b", "./a", "a/.", ".git/config", "a/.GIT/x", "git~1/x", "a\nb", "a\\b"],
)
def test_a_path_that_leads_astray_is_neither_written_nor_deleted(tree: WorkTree, path: str) -> None:
    for file in (File(b"x"), None):
        with pytest.raises(ScaffolderError):
            tree.write(path, file)

    assert not (tree.root.parent / "x").exists()


def test_a_link_out_of_the_repository_is_never_followed(tree: WorkTree, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    (outside / "inner").mkdir(parents=True)
    (outside / "inner" / "file").write_text("theirs")
    (tree.root / "apps").symlink_to(outside)

    assert tree.read("apps/inner/file") is None
    assert tree.names("apps") == tree.names("apps/inner") == []
    for file in (File(b"ours"), None):
        with pytest.raises(ScaffolderError, match=r"^apps/inner/file leads through a symbolic link$"):
            tree.write("apps/inner/file", file)
    assert (outside / "inner" / "file").read_text() == "theirs"


def test_nothing_is_written_where_one_path_leads_through_a_link(tree: WorkTree, tmp_path: Path) -> None:
    (tree.root / "z").symlink_to(tmp_path)

    with pytest.raises(ScaffolderError):
        carry_out(tree, plan_of({"a": b"x", "z/b": b"x"}), {"gitops.yaml": File(b"x")})

    assert files(tree) == {}


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda place: place.mkdir(), "z/file is in the way: it is a folder"),
        (lambda place: place.symlink_to("/etc/passwd"), "z/file is in the way: it is a symbolic link"),
        (lambda place: place.symlink_to("nowhere"), "z/file is in the way: it is a symbolic link"),
        (os.mkfifo, "z/file is in the way: it is no regular file"),
    ],
)
def test_what_is_no_file_is_in_the_way_before_anything_is_written(
    tree: WorkTree, make: Callable[[Path], None], told: str
) -> None:
    (tree.root / "z").mkdir()
    make(tree.root / "z" / "file")

    with pytest.raises(ScaffolderError) as error:
        carry_out(tree, plan_of({"a": b"x", "z/file": b"x"}))

    assert error.value.message == told
    assert tree.read("a") is None


def test_a_file_where_a_folder_must_be_is_in_the_way_before_anything_is_written(tree: WorkTree) -> None:
    tree.write("z", File(b"mine"))

    with pytest.raises(ScaffolderError, match=r"^z is in the way: it is no folder$"):
        carry_out(tree, plan_of({"a": b"x", "z/b/c": b"x"}))

    assert files(tree) == {"z": b"mine"}


@pytest.mark.parametrize(
    ("mask", "plain", "executable"), [(0o022, 0o644, 0o755), (0o077, 0o600, 0o700), (0, 0o666, 0o777)]
)
def test_a_new_file_has_the_mode_that_the_umask_leaves_it(
    tree: WorkTree, umask: Callable[[int], None], mask: int, plain: int, executable: int
) -> None:
    umask(mask)

    tree.write("plain", File(b"x"))
    tree.write("run.sh", File(b"x", executable=True))

    assert (mode(tree, "plain"), mode(tree, "run.sh")) == (plain, executable)


@pytest.mark.parametrize(
    ("before", "executable", "after"),
    [(0o640, False, 0o640), (0o600, True, 0o700), (0o755, False, 0o644), (0o750, True, 0o750), (0o664, True, 0o775)],
)
def test_a_file_that_is_written_again_keeps_its_mode_but_for_the_executable_bit(
    tree: WorkTree, before: int, *, executable: bool, after: int
) -> None:
    tree.write("file", File(b"x"))
    (tree.root / "file").chmod(before)

    tree.write("file", File(b"y", executable=executable))

    assert mode(tree, "file") == after


def test_documents_come_first_as_they_are_given_then_files_then_deletions_then_locks(tree: WorkTree) -> None:
    tree.write("old", File(b"x"))
    seen: list[str] = []

    class Watched(WorkTree):
        def _replace(self, path: str, file: File) -> None:
            seen.append(path)
            super()._replace(path, file)

        def _delete(self, path: str) -> None:
            seen.append(f"-{path}")
            super()._delete(path)

    made = plan_of({"old": None, "b": b"x", "a": b"x"}, {".scaffolder/a": None, ".scaffolder/z": b"x"})
    documents = {
        "gitops/apps/old.yaml": None,
        "gitops/tenants/team.yaml": File(b"x"),
        "gitops/apps/web.yaml": File(b"x"),
    }
    carry_out(Watched(tree.root, tree.git_dir), made, documents)

    assert seen[:3] == ["gitops/tenants/team.yaml", "gitops/apps/web.yaml", "-gitops/apps/old.yaml"]
    assert seen[3:] == ["a", "b", "-old", ".scaffolder/z", "-.scaffolder/a"]


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no second file system")
def test_a_git_folder_on_another_disk_is_no_obstacle_and_leaves_nothing_behind(tree: WorkTree) -> None:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        assert Path(elsewhere).stat().st_dev != tree.root.stat().st_dev
        apart = WorkTree(tree.root, Path(elsewhere))

        apart.write("new/folder/run.sh", File(b"one", executable=True))
        apart.write("new/folder/run.sh", File(b"two", executable=True))

        assert files(tree) == {"new/folder/run.sh": b"two"}
        assert mode(tree, "new/folder/run.sh") & 0o100
        assert list(Path(elsewhere).rglob("new-*")) == []


def test_a_folder_that_is_read_only_gives_one_line_and_nothing_is_written(unprivileged: Path) -> None:
    tree = WorkTree(unprivileged, unprivileged / ".git")
    tree.write("z/file", File(b"before"))
    (unprivileged / "z").chmod(0o500)

    with pytest.raises(ScaffolderError, match=r"^z: permission denied$"):
        carry_out(tree, plan_of({"a": b"x", "z/new/file": b"x"}))

    assert files(tree) == {"z/file": b"before"}


def test_a_git_folder_that_is_read_only_is_named(unprivileged: Path) -> None:
    (unprivileged / ".git").chmod(0o500)

    with pytest.raises(ScaffolderError, match=r"/\.git/scaffolder: permission denied$"):
        WorkTree(unprivileged, unprivileged / ".git").write("a", File(b"x"))


def test_a_file_that_cannot_be_read_gives_one_line(unprivileged: Path) -> None:
    tree = WorkTree(unprivileged, unprivileged / ".git")
    tree.write("secret", File(b"x"))
    (unprivileged / "secret").chmod(0)

    with pytest.raises(ScaffolderError, match=r"^secret: permission denied$"):
        tree.read("secret")


def test_a_full_disk_gives_one_line_and_leaves_the_old_file_whole(tree: WorkTree) -> None:
    tree.write("file", File(b"before"))

    ran = subprocess.run(
        [sys.executable, "-c", WRITE_MUCH, str(tree.root)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)),
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout == "file: file too large\n"
    assert tree.read("file") == File(b"before")
    assert list(tree.git_dir.rglob("new-*")) == []


def test_a_file_is_whole_for_whoever_reads_it_while_it_is_written(tree: WorkTree) -> None:
    texts = [b"a" * 200_000, b"b" * 200_000]
    tree.write("file", File(texts[0]))

    for number in range(20):
        with (tree.root / "file").open("rb") as reader:
            tree.write("file", File(texts[number % 2]))
            assert reader.read() in texts
