from __future__ import annotations

import pytest

from scaffolder.structure.blocks import Block, cut
from scaffolder.structure.choice import DoubtError


def lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n"))


def test_a_mapping_is_cut_into_its_keys_each_with_what_is_above_and_below_it() -> None:
    found = cut(lines("# a\n\na: 1\nb:\n- x\n# in b\n- y\n  # end of b\n'c/d': |\n  # text\n# end"))

    assert found.blocks == {
        "a": Block(("# a", ""), ("a: 1",)),
        "b": Block((), ("b:", "- x", "# in b", "- y", "  # end of b")),
        "c/d": Block((), ("'c/d': |", "  # text")),
    }
    assert found.tail == ("# end",)


def test_a_list_is_cut_into_its_items_by_their_names() -> None:
    found = cut(lines("  - name: a\n  # b\n  -   x: 1\n      name: 'b' # why\n"))

    assert list(found.blocks) == ["a", "b"]
    assert found.blocks["b"].lead == ("  # b",)


@pytest.mark.parametrize(
    "text",
    ["", "# a", "a", "a: 1\nb", "  a: 1\nb: 1", "a: 1\na: 2", "- a", "- name: a\n- name: a", "- name: a\n- x: 1",
     "- name: a b", "- name:\n    a", "- name: a\nb: 1", "? a\n: 1", "{a: 1}", "<<: {}", "*a : 1", "a:\t1", "a:1"],
)  # fmt: skip
def test_what_is_neither_or_whose_parts_have_no_name_of_their_own_is_not_cut(text: str) -> None:
    with pytest.raises(DoubtError):
        cut(lines(text))
