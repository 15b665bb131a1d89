from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder.apply import WorkTree
from scaffolder.tree import File, Memory

A, B = File(b"a"), File(b"b", executable=True)


def test_what_lies_above_hides_what_lies_below() -> None:
    below = Memory({"x/a": A, "x/b": A, "y": A})
    above = Memory({"x/a": B, "x/b": None, "x/c/d": A}, below)

    assert (above.read("x/a"), above.read("x/b"), above.read("y"), above.read("z")) == (B, None, A, None)
    assert above.names("x") == ["a", "c"]
    assert above.names("") == ["x", "y"]


def test_a_folder_is_no_file_and_a_file_no_folder() -> None:
    tree = Memory({"x/a": A})

    assert tree.read("x") is None
    assert tree.names("x/a") == []
    assert tree.names("nowhere") == []


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.sampled_from(["a", "b/c", "b/d", "e/f/g"]), st.sampled_from([A, B])))
def test_a_tree_in_memory_reads_as_one_on_disk(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, File]
) -> None:
    root = tmp_path_factory.mktemp("tree")
    for path, file in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(file.content)
        (root / path).chmod(0o755 if file.executable else 0o644)

    disk, memory = WorkTree(root, Path(root, ".git")), Memory(files)

    for path in ("", "a", "b", "b/c", "e", "e/f", "e/f/g"):
        assert disk.read(path) == memory.read(path)
        assert disk.names(path) == memory.names(path)
