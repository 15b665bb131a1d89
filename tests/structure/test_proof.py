from __future__ import annotations

import pytest

from scaffolder.structure.choice import DoubtError
from scaffolder.structure.proof import prove, read


def proven(base: str, ours: str, theirs: str, merged: str) -> bool:
    try:
        prove(*(read(tuple(text.split("\n"))) for text in (base, ours, theirs, merged)))
    except DoubtError:
        return False
    return True


def test_what_holds_the_changes_of_both_sides_is_proven() -> None:
    assert proven("a: 1\nb: 2", "a: 1\nb: 3\nc: 4", "b: 2", "b: 3\nc: 4")


@pytest.mark.parametrize(
    "merged",
    [
        "a: 1\n# c\nb: 3\nx: 1\nz: 2",
        "a: 2\n# c\nb: 2\nx: 1\nz: 2",
        "a: 2\n# c\nb: 3\nx: 1",
        "a: 2\n# c\nb: 3\nx: true\nz: 2",
        "a: 2\nb: 3\nx: 1\nz: 2",
        "a: 2\n# c\n# c\nb: 3\nx: 1\nz: 2",
        "a: 2\n# c\nb: 3\nx: 1\nz: 2\nz: 2",
        "a: &a 2\n# c\nb: 3\nx: 1\nz: 2",
        "a: 2\n# c\nb: 3\nx: 1\nz: 2\n---\n{}",
    ],
    ids=[
        "ours",
        "theirs",
        "a key",
        "1 and true",
        "a comment",
        "a comment twice",
        "a key twice",
        "an anchor",
        "documents",
    ],
)
def test_what_lost_or_made_up_anything_is_not(merged: str) -> None:
    base, ours, theirs = "a: 1\n# c\nb: 2", "a: 2\n# c\nb: 2\nx: 1", "a: 1\n# c\nb: 3\nz: 2"

    assert proven(base, ours, theirs, "a: 2\n# c\nb: 3\nx: 1\nz: 2")
    assert not proven(base, ours, theirs, merged)


def test_a_comment_that_one_side_added_is_not_to_be_lost() -> None:
    assert not proven("a: 1", "a: 1\nb: 2", "# c\na: 1", "a: 1\nb: 2")
    assert not proven("a: 1", "# c\na: 1", "a: 1\nb: 2", "a: 1\nb: 2")


def test_no_item_of_a_list_is_lost_where_two_have_one_name() -> None:
    base = "a:\n- name: x\n- name: x\n  b: 1"

    assert not proven(base, f"{base}\nc: 1", base, "a:\n- name: x\n  b: 1\nc: 1")


def test_sides_of_different_numbers_of_documents_prove_nothing() -> None:
    assert not proven("a: 1", "a: 1\n---\nb: 2", "a: 2", "a: 2\n---\nb: 2")


def test_a_key_that_both_changed_leaves_nothing_to_prove() -> None:
    assert not proven("a: 1", "a: 2", "a: 3", "a: 2")


def test_a_comment_that_both_added_may_stand_there_once_or_twice() -> None:
    ours, theirs = "a: 1\n# c\nb: 2", "# c\nz: 1\na: 1"

    assert proven("a: 1", ours, theirs, "# c\nz: 1\na: 1\n# c\nb: 2")
    assert proven("a: 1", "# c\na: 1", "# c\na: 1", "# c\na: 1")
