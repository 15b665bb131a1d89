from __future__ import annotations

import pytest

from scaffolder.flux.lines import Document

TEXT = """\
kind: Thing
metadata:
  labels:
    b: "1"
# a comment, at the wrong place
  name: x
spec:
  list:
  - args:
    - --a
    - --b
    name: first
  - name: second
"""


def changed(document: Document) -> list[str]:
    """The lines that are new."""
    return [line for line in str(document).splitlines() if line not in TEXT.splitlines()]


def test_what_is_not_edited_stays_as_it_is() -> None:
    assert str(Document(TEXT)) == TEXT


def test_a_value_is_read_as_it_is_written() -> None:
    assert Document(TEXT).get("metadata", "labels", "b") == '"1"'
    assert Document(TEXT).get("metadata", "name") == "x"


def test_a_path_leads_through_a_list_into_its_first_item() -> None:
    assert Document(TEXT).get("spec", "list", "name") == "first"
    assert Document(TEXT).items("spec", "list", "args") == ["--a", "--b"]


@pytest.mark.parametrize("path", [("none",), ("metadata", "none"), ("kind", "none"), ("spec", "name")])
def test_a_key_that_is_not_there_is_an_error(path: tuple[str, ...]) -> None:
    with pytest.raises(LookupError, match=path[-1]):
        Document(TEXT).get(*path)


def test_a_list_without_items_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"nothing in `metadata\.name`"):
        Document(TEXT).items("metadata", "name")


def test_a_key_is_replaced_where_it_stands() -> None:
    document = Document(TEXT)
    document.put("metadata", "name", value="y")
    assert str(document) == TEXT.replace("name: x", "name: y")


@pytest.mark.parametrize(("key", "place"), [("a", 3), ("c", 4)])
def test_a_new_key_stands_where_the_alphabet_has_it(key: str, place: int) -> None:
    document = Document(TEXT.replace("# a comment, at the wrong place\n", ""))
    document.put("metadata", "labels", key, value="2")
    assert str(document).splitlines()[place] == f"    {key}: 2"


def test_mappings_on_the_way_to_a_new_key_are_made() -> None:
    document = Document(TEXT)
    document.put("metadata", "annotations", "k", value="v")
    assert str(document) == TEXT.replace("metadata:\n", "metadata:\n  annotations:\n    k: v\n")


def test_a_list_is_replaced_and_its_item_keeps_the_dash() -> None:
    document = Document(TEXT)
    document.put_items("spec", "list", "args", items=["--c"])
    assert str(document) == TEXT.replace("--a\n    - --b", "--c")


def test_an_item_of_several_lines_stays_below_its_dash() -> None:
    document = Document(TEXT)
    document.put_items("spec", "more", items=["a: 1\nb: 2"])
    assert changed(document) == ["  more:", "  - a: 1", "    b: 2"]


@pytest.mark.parametrize("labels", ["  labels: {b: 1}\n", "  labels:\n      b: 1\n"])
def test_nothing_is_put_into_what_is_written_in_another_style(labels: str) -> None:
    document = Document(TEXT.replace('  labels:\n    b: "1"\n', labels))
    with pytest.raises(LookupError, match=r"`metadata\.labels` is written in another style"):
        document.put("metadata", "labels", "c", value="1")
