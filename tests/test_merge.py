from __future__ import annotations

import itertools
from hashlib import blake2b

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scaffolder.git import merge_file
from scaffolder.lock import LARGE, MANAGED, WHOLE, Entry, digest, mark, prints
from scaffolder.merge import (
    DELETED,
    EDITED,
    IN_THE_WAY,
    KEEP,
    LINES,
    MERGE,
    SAME,
    TAKE,
    Decision,
    decide,
    has_markers,
)
from scaffolder.merge import WHOLE as BOTH_WHOLE
from scaffolder.tree import File
from tests.support.laws import law

words = st.sampled_from([b"a", b"b", b"c", b"", b"key: value", b"  - x", b"\xff\xfe", b"a\rb"])
texts = st.builds(
    lambda parts, end: b"\n".join(parts) + end, st.lists(words, max_size=8), st.sampled_from([b"", b"\n"])
)
contents = texts | st.sampled_from([b"", b"binary\0", b"x" * (LARGE + 1), b"line\n" * (LARGE // 4)])
files = st.none() | st.builds(File, contents)


def entry(content: bytes, *, executable: bool = False) -> Entry:
    return Entry(MANAGED, prints(content), executable)


def base_of(file: File | None) -> Entry | None:
    return None if file is None else entry(file.content)


def merged(base: bytes, ours: bytes, theirs: bytes) -> Decision:
    return decide([entry(base)], File(ours), File(theirs), merge_file)


def content(decision: Decision) -> bytes:
    assert decision.file is not None
    return decision.file.content


@law()
@given(base=files, ours=files)
def test_without_news_of_the_template_everything_stays_as_it_is(base: File | None, ours: File | None) -> None:
    assert decide([base_of(base)], ours, base, merge_file).file == ours


@law()
@given(base=files, theirs=files)
def test_what_nobody_touched_becomes_what_the_template_has(base: File | None, theirs: File | None) -> None:
    decision = decide([base_of(base)], base, theirs, merge_file)

    assert decision.file == theirs or (base and theirs and prints(base.content) == prints(theirs.content))
    assert not decision.conflict


@law(60)
@given(base=st.lists(st.sampled_from("abcdefgh"), max_size=8), data=st.data())
def test_no_line_that_people_added_is_lost_without_a_conflict(base: list[str], data: st.DataObject) -> None:
    ours, theirs = list(base), list(base)
    ours.insert(data.draw(st.integers(0, len(base))), "mine")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(theirs)))
        theirs[at : data.draw(st.integers(at, len(theirs)))] = data.draw(st.lists(st.sampled_from("xyz"), max_size=2))
    texts = ["".join(f"{line}\n" for line in lines).encode() for lines in (base, ours, theirs)]

    decision = merged(*texts)

    assert b"mine\n" in content(decision)
    assert decision.conflict or b"".join(content(decision).split(b"mine\n")) == texts[2]


@given(base=texts, ours=texts, theirs=texts)
@example(base=b"a\n", ours=b"a\n\n", theirs=b"b\n")
@law(60)
def test_a_merge_is_clean_or_has_markers_and_holds_only_lines_of_both(base: bytes, ours: bytes, theirs: bytes) -> None:
    decision = merged(base, ours, theirs)

    known = {line.strip() for line in (ours + b"\n" + theirs).split(b"\n")}
    found = {line.strip() for line in content(decision).split(b"\n")}
    assert bool(decision.conflict) == has_markers(content(decision))
    assert {line for line in found - known if not line.startswith((b"<<<<<<<", b"=======", b">>>>>>>"))} <= {b""}


def test_edits_of_both_sides_in_other_places_are_both_kept() -> None:
    decision = merged(b"a\nb\nc\n", b"mine\na\nb\nc\n", b"a\nb\nnew\n")

    assert decision == Decision(MERGE, File(b"mine\na\nb\nnew\n"))


def test_edits_of_both_sides_in_one_place_are_a_conflict_in_gits_own_form() -> None:
    decision = merged(b"a\nb\nc\n", b"a\nmine\nc\n", b"a\nnew\nc\n")

    marks = b"a\n<<<<<<< yours\nmine\n=======\nnew\n>>>>>>> template\nc\n"
    assert decision == Decision(MERGE, File(marks), LINES)


def test_the_same_edit_on_both_sides_is_none() -> None:
    assert merged(b"a\n", b"b\n", b"b\n") == Decision(SAME, File(b"b\n"))


def test_a_deletion_stays_and_is_a_conflict_where_the_template_has_news() -> None:
    assert decide([entry(b"a\n")], None, File(b"a\n"), merge_file) == Decision(KEEP, None)
    assert decide([entry(b"a\n")], None, File(b"b\n"), merge_file) == Decision(KEEP, None, DELETED)
    assert decide([entry(b"a\n")], None, None, merge_file) == Decision(SAME, None)


def test_what_is_no_longer_generated_goes_unless_it_was_edited() -> None:
    assert decide([entry(b"a\n")], File(b"a\n"), None, merge_file) == Decision(TAKE, None)
    assert decide([entry(b"a\n")], File(b"mine\n"), None, merge_file) == Decision(KEEP, File(b"mine\n"), EDITED)


def test_a_file_that_nobody_wrote_for_us_is_in_the_way_unless_it_is_what_we_would_write() -> None:
    assert decide([None], File(b"mine\n"), File(b"new\n"), merge_file) == Decision(KEEP, File(b"mine\n"), IN_THE_WAY)
    assert decide([None], File(b"new\r\n"), File(b"new\n"), merge_file) == Decision(SAME, File(b"new\r\n"))


def test_a_path_that_two_locks_hold_is_merged_with_whichever_base_fits() -> None:
    bases = [entry(b"other\n"), entry(b"a\nb\nc\n")]

    assert decide(bases, File(b"a\nb\nc\n"), File(b"new\n"), merge_file) == Decision(TAKE, File(b"new\n"))
    assert content(decide(bases, File(b"m\na\nb\nc\n"), File(b"a\nb\nd\n"), merge_file)) == b"m\na\nb\nd\n"


def crlf(text: bytes) -> bytes:
    return text.replace(b"\n", b"\r\n")


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (b"a\nb\nc\n", b"a\nb\nnew\n", b"a\nb\nnew\n"),
        (b"mine\na\nb\nc\n", b"a\nb\nnew\n", b"mine\na\nb\nnew\n"),
        (b"a\nb\nc", b"new\nb\nc\n", b"new\nb\nc"),
        (b"a\nmine\nc\n", b"a\nnew\nc\n", b"a\n<<<<<<< yours\nmine\n=======\nnew\n>>>>>>> template\nc\n"),
    ],
)
def test_a_file_with_carriage_returns_keeps_them_in_every_line(ours: bytes, theirs: bytes, expected: bytes) -> None:
    assert content(merged(b"a\nb\nc\n", ours, theirs)) == expected
    if ours.endswith(b"\n"):
        assert content(merged(b"a\nb\nc\n", crlf(ours), theirs)) == crlf(expected)


def test_a_file_of_mixed_line_endings_keeps_each_of_them() -> None:
    assert content(merged(b"a\nb\nc\n", b"a\r\nb\nmine\r\nc\n", b"new\nb\nc\n")) == b"new\nb\nmine\r\nc\n"


def test_a_carriage_return_inside_a_line_stays_alone() -> None:
    assert content(merged(b"a\nb\nc\n", b"a\nm\rine\nb\nc\n", b"a\nb\nnew\n")) == b"a\nm\rine\nb\nnew\n"


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "expected"),
    [
        (b"a\nb\nc\nd", b"mine\na\nb\nc\nd", b"a\nb\nnew\nd", b"mine\na\nb\nnew\nd"),
        (b"a\nb\nc", b"a\nb\nc", b"a\nb\nc\n", b"a\nb\nc\n"),
        (b"a\nb\nc\n", b"a\nb\nc\nmine", b"new\nb\nc\n", b"new\nb\nc\nmine"),
        (b"", b"mine\n", b"", b"mine\n"),
        (b"", b"", b"new\n", b"new\n"),
        (b"a\n", b"", b"a\n", b""),
    ],
)
def test_empty_files_and_missing_last_newlines_are_merged_as_they_are(
    base: bytes, ours: bytes, theirs: bytes, expected: bytes
) -> None:
    decision = merged(base, ours, theirs)

    assert content(decision) == expected
    assert not decision.conflict


def by_key(base: bytes, ours: bytes, theirs: bytes, path: str = "apps/a.yaml") -> Decision:
    return decide([entry(base)], File(ours), File(theirs), merge_file, path)


def test_a_new_key_beside_one_that_the_template_changed_is_no_conflict() -> None:
    decision = by_key(b"a: 1\nb: 2\n", b"a: 1\nb: 2\n# why\nmine: 3\n", b"a: 1\nb: 9\n")

    assert decision == Decision(MERGE, File(b"a: 1\nb: 9\n# why\nmine: 3\n"))


@pytest.mark.parametrize("path", ["README.md", "CODEOWNERS", "a.yaml.txt", ""])
def test_what_is_not_yaml_by_its_name_is_merged_by_line_alone(path: str) -> None:
    decision = by_key(b"a: 1\nb: 2\n", b"a: 1\nb: 2\nmine: 3\n", b"a: 1\nb: 9\n", path)

    assert decision.conflict == LINES
    assert has_markers(content(decision))


def test_what_both_changed_alike_is_no_obstacle_to_a_merge_by_keys() -> None:
    base = b"old: 1\na: 1\nb: 2\nc: 3\ngone: 1\n"

    decision = by_key(base, b"new: 1\na: 1\nb: 2\nmine: 3\nc: 3\n", b"new: 1\na: 1\nb: 9\nc: 3\n")

    assert decision == Decision(MERGE, File(b"new: 1\na: 1\nb: 9\nmine: 3\nc: 3\n"))


def test_a_line_of_the_base_that_neither_side_has_any_more_takes_a_person() -> None:
    decision = by_key(b"old: 1\na: 1\nb: 2\n", b"new: 1\na: 1\nb: 2\nmine: 3\n", b"new: 2\na: 1\nb: 9\n")

    assert decision.conflict == LINES


def test_a_merge_by_keys_keeps_line_endings_as_they_are_here() -> None:
    base, theirs = b"a: 1\nb: 2\n", b"a: 1\nb: 9\nc: 3\n"

    assert content(by_key(base, crlf(b"a: 1\nb: 2\nmine: 3\n"), theirs)) == crlf(b"a: 1\nb: 9\nmine: 3\nc: 3\n")
    assert content(by_key(base, b"a: 1\r\nb: 2\nmine: 3\r\n", theirs)) == b"a: 1\r\nb: 9\nmine: 3\r\nc: 3\n"


def test_a_last_line_without_its_newline_gets_one_when_it_is_the_last_no_more() -> None:
    base, theirs = b"a: 1\nb: 2\n", b"a: 1\nb: 9\nc: 3\n"

    assert content(by_key(base, b"a: 1\nb: 2\nmine: 3", theirs)) == b"a: 1\nb: 9\nmine: 3\nc: 3\n"


@pytest.mark.parametrize("odd", [b"binary\0", b"line\n" * (LARGE // 4)])
def test_binary_and_large_files_are_taken_or_kept_whole(odd: bytes) -> None:
    mine, new = odd + b"mine\n", odd + b"new\n"

    assert merged(odd, odd, new) == Decision(TAKE, File(new))
    assert merged(odd, mine, odd) == Decision(KEEP, File(mine))
    assert merged(odd, mine, new) == Decision(KEEP, File(mine), BOTH_WHOLE)
    assert merged(odd, mine, mine) == Decision(SAME, File(mine))


def test_a_file_that_is_taken_whole_is_never_merged_by_line() -> None:
    vendored = Entry(WHOLE, (digest(b"a\nb\nc\n"), "what asked for it"))

    assert decide([vendored], File(b"a\r\nb\r\nc\r\n"), File(b"n\n"), merge_file) == Decision(TAKE, File(b"n\r\n"))
    assert decide([vendored], File(b"m\na\n"), File(b"n\n"), merge_file) == Decision(KEEP, File(b"m\na\n"), BOTH_WHOLE)
    assert decide([vendored], File(b"n\n"), File(b"n\n"), merge_file) == Decision(SAME, File(b"n\n"))
    assert decide([vendored], File(b"m\n"), None, merge_file) == Decision(KEEP, File(b"m\n"), EDITED)


@pytest.mark.parametrize(
    ("base", "here", "template", "afterwards"),
    [
        (False, False, True, True),
        (True, True, False, False),
        (False, True, False, True),
        (True, False, True, False),
        (False, True, True, True),
        (True, False, False, False),
    ],
)
@pytest.mark.parametrize("ours", [b"a\nb\nc\n", b"mine\na\nb\nc\n"])
@pytest.mark.parametrize("theirs", [b"a\nb\nc\n", b"a\nb\nnew\n"])
def test_the_mode_of_a_file_is_the_templates_unless_people_changed_it(
    ours: bytes, theirs: bytes, *, base: bool, here: bool, template: bool, afterwards: bool
) -> None:
    known = entry(b"a\nb\nc\n", executable=base)

    decision = decide([known], File(ours, here), File(theirs, template), merge_file)

    assert decision.file is not None
    assert decision.file.executable == afterwards


@pytest.mark.parametrize(
    "text",
    [
        b"a\n<<<<<<< yours\nb\n=======\nc\n>>>>>>> template\n",
        b"a\r\n<<<<<<< yours\r\nb\r\n=======\r\nc\r\n>>>>>>> template\r\n",
        b"<<<<<<<< HEAD:a.yaml\nb\n========\nc\n>>>>>>>> other:b.yaml\n",
        b"<<<<<<<\nb\n=======\nc\n>>>>>>>\n",
        b"<<<<<<<\r\nb\r\n",
        b"a: b\n>>>>>>> template\n",
        b"<<<<<<< yours\na: b",
    ],
)
def test_markers_of_seven_characters_and_more_are_seen_and_so_is_what_is_left_of_them(text: bytes) -> None:
    assert has_markers(text)


@pytest.mark.parametrize("text", [b"", b"a\n=======\nb\n", b"a: <<<<<<< b\n", b"<<<<<< a\n>>>>>> b\n", b"<<<<<<<a\n"])
def test_what_only_looks_like_a_marker_is_none(text: bytes) -> None:
    assert not has_markers(text)


def test_two_lines_with_one_hash_are_never_mixed_up() -> None:
    seen: dict[str, bytes] = {}
    numbers = (b"%d\n" % number for number in itertools.count())
    one, other = next(
        (seen[key], line)
        for line in numbers
        if seen.setdefault(key := blake2b(line, digest_size=4).hexdigest(), line) != line
    )
    assert mark(one) == mark(other)

    decision = merged(b"a\nb\nc\n", b"a\nb\nc\n" + one, other + b"a\nb\nc\n")

    assert decision == Decision(KEEP, File(b"a\nb\nc\n" + one), BOTH_WHOLE)
