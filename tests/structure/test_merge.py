from __future__ import annotations

import textwrap

import pytest

from scaffolder.structure import merge

BASE = """
    # what this app is
    kind: HelmRelease
    spec:
      interval: 1h
      # which chart
      chart: web
      version: 1.0.0
    """


def text(drawn: str) -> bytes:
    return textwrap.dedent(drawn).lstrip("\n").encode()


def merged(base: str, ours: str, theirs: str) -> str | None:
    found = merge(text(base), text(ours), text(theirs))
    return None if found is None else found.decode()


def changed(old: str, new: str, base: str = BASE) -> str:
    assert old in base
    return base.replace(old, new)


def test_a_new_key_beside_a_changed_one_stays_beside_it() -> None:
    ours = changed("version: 1.0.0", "version: 1.0.0\n      # mine\n      timeout: 5m")
    theirs = changed("version: 1.0.0", "version: 2.0.0")

    assert (
        merged(BASE, ours, theirs)
        == text("""
        # what this app is
        kind: HelmRelease
        spec:
          interval: 1h
          # which chart
          chart: web
          version: 2.0.0
          # mine
          timeout: 5m
        """).decode()
    )


def test_what_both_added_in_one_place_is_theirs_then_ours_behind_its_neighbour() -> None:
    ours = changed("version: 1.0.0", "version: 1.0.0\n      mine: 1")
    theirs = changed("version: 1.0.0", "version: 1.0.0\n      theirs: 1\n      more: 2")

    found = merged(BASE, ours, theirs)

    assert found is not None
    assert found.endswith("  version: 1.0.0\n  mine: 1\n  theirs: 1\n  more: 2\n")


def test_a_new_first_key_stays_below_the_comment_of_the_file() -> None:
    ours = changed("kind: HelmRelease\n", "mine: 1\n    kind: HelmRelease\n")

    found = merged(BASE, ours, changed("kind: HelmRelease", "kind: Kustomization"))

    assert str(found).startswith("# what this app is\nmine: 1\nkind: Kustomization\n")


def test_the_order_that_the_template_has_now_is_taken_and_one_that_people_made_takes_a_person() -> None:
    base, moved, edited = "a: 1\nb: 2\n", "b: 2\na: 1\n", "a: 1\nb: 3\nc: 4\n"

    assert merged(base, edited, moved) == "b: 3\nc: 4\na: 1\n"
    assert merged(base, moved, edited) is None


def test_two_neighbours_changed_by_one_side_each_are_both_changed() -> None:
    theirs = changed("chart: web", "chart: site")

    found = merged(BASE, changed("version: 1.0.0", "version: 1.1.0  # mine"), theirs)

    assert found is not None
    assert "  chart: site\n  version: 1.1.0  # mine\n" in found


def test_a_comment_belongs_to_what_is_below_it() -> None:
    ours = changed("# which chart", "# which chart, and why")

    assert "# which chart, and why\n  chart: site\n" in str(merged(BASE, ours, changed("chart: web", "chart: site")))


def test_a_key_that_one_side_removed_takes_its_comment_along_and_leaves_its_neighbours() -> None:
    ours = changed("      # which chart\n      chart: web\n", "")

    found = merged(BASE, ours, changed("interval: 1h", "interval: 2h"))

    assert found == text(changed("interval: 1h", "interval: 2h", ours)).decode()


def test_items_with_a_name_are_merged_by_it() -> None:
    base = "env:\n- name: A\n  value: '1'\n- name: B\n  value: '2'\n"
    ours = "env:\n- name: A\n  value: '1'\n# mine\n- name: MINE\n  value: x\n- name: B\n  value: '2'\n"
    theirs = "env:\n- name: A\n  value: '9'\n- name: B\n  value: '2'\n- name: C\n  value: '3'\n"

    assert merged(base, ours, theirs) == (
        "env:\n- name: A\n  value: '9'\n# mine\n- name: MINE\n  value: x\n"
        "- name: B\n  value: '2'\n- name: C\n  value: '3'\n"
    )


def test_an_item_with_a_name_is_merged_by_its_keys_in_turn() -> None:
    base = "list:\n  - name: A\n    one: 1\n    two: 2\n"

    found = merged(base, base.replace("one: 1", "one: 9"), base.replace("two: 2", "two: 8\n    three: 3"))

    assert found == "list:\n  - name: A\n    one: 9\n    two: 8\n    three: 3\n"


def test_a_comment_at_the_end_of_a_value_stays_there() -> None:
    base = "a:\n  x: 1\n  # the end of a\nb: 2\n"

    assert merged(base, base.replace("x: 1", "x: 3"), base.replace("b: 2", "b: 4\nc: 5")) == (
        "a:\n  x: 3\n  # the end of a\nb: 4\nc: 5\n"
    )
    assert merged(base, f"{base}mine: 3\n", "b: 4\n") == "b: 4\nmine: 3\n"


def test_each_document_of_a_file_is_merged_by_itself() -> None:
    base = "a: 1\nb: 2\n---\n# second\na: 1\nb: 2\n"
    ours = "a: 1\nb: 2\nmine: 3\n---\n# second\na: 5\nb: 2\n"
    theirs = "a: 1\nb: 9\n---\n# second\na: 1\nb: 6\n"

    assert merged(base, ours, theirs) == "a: 1\nb: 9\nmine: 3\n---\n# second\na: 5\nb: 6\n"


def test_a_block_of_text_is_one_value_whatever_it_looks_like() -> None:
    base = "run: |\n  # not a comment\n  a: 1\n\n  b: 2\nnext: 1\n"

    assert merged(base, base.replace("next: 1", "next: 1\nmine: 2"), base.replace("next: 1", "next: 9")) == (
        "run: |\n  # not a comment\n  a: 1\n\n  b: 2\nnext: 9\nmine: 2\n"
    )
    assert merged(base, base.replace("a: 1", "a: 9"), base.replace("b: 2", "b: 9")) is None


def test_carriage_returns_are_no_difference() -> None:
    base, ours = "a: 1\nb: 2\n", "a: 1\r\nb: 2\r\nmine: 3\r\n"

    assert merge(base.encode(), ours.encode(), b"a: 1\nb: 9\n") == b"a: 1\nb: 9\nmine: 3\n"


@pytest.mark.parametrize(
    ("base", "ours", "theirs"),
    [
        ("a: 1\n", "a: 2\n", "a: 3\n"),
        ("a: 1\n", "a: 1\nb: 2\n", "a: 1\nb: 3\n"),
        ("a: 1\nb: {x: 1}\n", "a: 1\nb: {x: 2}\n", "a: 1\nb: {x: 1, y: 2}\n"),
        ("a: 1\nb: 2\n", "a: 1\n", "a: 1\nb: 3\n"),
        ("a: 1\nb: 2\n", "a: 1\nb: 3\n", "a: 1\n"),
        ("a:\n- 1\n- 2\n", "a:\n- 0\n- 1\n- 2\n", "a:\n- 1\n- 3\n"),
        ("a:\n- name: x\n- name: x\n", "a:\n- name: x\n  b: 1\n- name: x\n", "a:\n- name: x\n- name: x\n  c: 1\n"),
        ("a: &x 1\nb: 2\n", "a: &x 1\nb: 3\n", "a: &x 2\nb: 2\n"),
        ("a: &x 1\nb: *x\nc: 2\n", "a: &x 1\nb: *x\nc: 3\n", "a: &x 2\nb: *x\nc: 2\n"),
        ("a:\n  b: 1\n  c: 2\n", "a:\n    b: 1\n    c: 2\n", "a:\n  b: 1\n  c: 3\n"),
        ("a:\n\t- b\nc: 1\n", "a:\n\t- b\nc: 2\n", "a:\n\t- d\nc: 1\n"),
        ("a: 1\nb: 2\n", "a: 1\nb: 2\nx: yes\n", "a: 1\nb: 3\n"),
        ("a: 1\nb: 2\n", "a: 1\nb: 2\nx: 1\nx: 2\n", "a: 1\nb: 3\n"),
        ("a: 1\n---\nb: 2\n", "a: 1\n---\nb: 2\n---\nc: 3\n", "a: 1\n---\nb: 3\n"),
        ("a: [1,\n  2]\nb: 1\n", "a: [1,\n  3]\nb: 2\n", "a: [0,\n  2]\nb: 1\n"),
        ('a: "x\nb: 1\nc: 2"\n', 'a: "x\nb: 3\nc: 2"\n', 'a: "x\nb: 1\nc: 4"\n'),
        ("* @a\n", "* @a\n/x @b\n", "* @c\n"),
        ("a\n", "a\nb\n", "c\n"),
        ("", "a: 1\n", "b: 1\n"),
    ],
    ids=[
        "one value",
        "a key that both added",
        "braces",
        "removed here",
        "removed there",
        "items without names",
        "one name twice",
        "an anchor",
        "an alias",
        "another indentation",
        "a tab",
        "text that readers disagree on",
        "a key twice",
        "another document",
        "brackets of several lines",
        "quotes of several lines",
        "no YAML",
        "no mapping",
        "nothing to begin with",
    ],
)
def test_in_doubt_it_takes_a_person(base: str, ours: str, theirs: str) -> None:
    assert merge(base.encode(), ours.encode(), theirs.encode()) is None
    assert merge(base.encode(), theirs.encode(), ours.encode()) is None


def test_text_in_another_encoding_takes_a_person() -> None:
    assert merge(b"a: 1\nb: 2\n", b"a: \xe9\nb: 2\n", b"a: 1\nb: 3\n") is None


def test_nesting_without_end_takes_a_person_too() -> None:
    deep = "".join(f"{' ' * depth}a:\n" for depth in range(600))

    assert merge(deep.encode(), f"{deep}{' ' * 600}b: 1\n".encode(), f"{deep}{' ' * 600}c: 1\n".encode()) is None
