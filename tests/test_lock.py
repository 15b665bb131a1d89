from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaffolder import lock
from scaffolder.errors import ScaffolderError
from scaffolder.lock import DELETED, LARGE, MANAGED, MARKED, UNKNOWN, WHOLE, Entry, dump, parse, prints, says
from tests.support.laws import law

paths = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).filter(str.isprintable)
hashes = st.lists(st.text("0123456789abcdef", min_size=8, max_size=8), max_size=5).map(tuple)
entries = st.builds(Entry, st.sampled_from([MANAGED, WHOLE, DELETED, MARKED]), hashes, st.booleans())
locks = st.dictionaries(paths, entries, max_size=5)
lines = st.lists(
    st.binary(max_size=6).map(lambda line: line.replace(b"\n", b"").replace(b"\r", b"") + b"\n"), max_size=6
)


@law()
@given(known=locks)
def test_what_was_written_is_what_is_read(known: dict[str, Entry]) -> None:
    assert parse(dump(known), "lock") == known


@law()
@given(known=locks)
def test_line_endings_of_a_lock_do_not_count(known: dict[str, Entry]) -> None:
    content = dump(known).replace(b"\n", b"\r\n")

    assert parse(content, "lock") == known
    assert says(content, known)


@law()
@given(known=locks, start=st.integers(0, 400), end=st.integers(0, 400), junk=st.binary(max_size=20))
def test_a_lock_with_a_piece_cut_out_or_put_in_is_read_without_an_error(
    known: dict[str, Entry], start: int, end: int, junk: bytes
) -> None:
    content = dump(known)

    found = parse(content[: max(start, 15)] + junk + content[max(start, end) :], "lock")

    assert all(path and entry.sign in "+=-!" for path, entry in found.items())


@pytest.mark.parametrize(
    "content", [b"", b"\0\xff\xfe", b"# scaffolder one\n", b"<<<<<<< HEAD\n", "# scaffolder ²\n".encode()]
)
def test_what_is_no_lock_says_nothing(content: bytes) -> None:
    assert parse(content, "lock") == {}


def test_an_entry_that_is_cut_off_is_not_known() -> None:
    content = dump({"a": Entry(MANAGED, ("11111111", "22222222")), "b": Entry(MANAGED, ("33333333",))})

    assert parse(content[: content.index(b". a")], "lock") == {}
    assert parse(content[: content.index(b". b")], "lock").keys() == {"a"}
    assert parse(content.replace(b"+ a\n", b""), "lock").keys() == {"b"}
    assert parse(content.replace(b". a\n", b""), "lock").keys() == {"b"}


def test_conflict_markers_of_git_make_a_base_that_no_file_equals() -> None:
    mine, theirs = b"11111111\n", b"22222222\n"
    content = b"# scaffolder 1\n+ a\n<<<<<<< HEAD\n" + mine + b"=======\n" + theirs + b">>>>>>> other\n. a\n"

    assert parse(content, "lock")["a"].prints not in {("11111111",), ("22222222",)}


def test_a_lock_of_a_newer_scaffolder_is_refused_by_its_name() -> None:
    with pytest.raises(
        ScaffolderError, match=r"^\.scaffolder/app/web/base was written by a newer scaffolder$"
    ) as error:
        parse(b"# scaffolder 2\n+ a\n. a\n", ".scaffolder/app/web/base")

    assert error.value.hint == "upgrade scaffolder"


@law()
@given(content=lines.map(b"".join))
def test_a_fingerprint_has_one_hash_a_line_whatever_the_lines_end_in(content: bytes) -> None:
    if b"\0" not in content:
        assert len(prints(content)) == content.count(b"\n")
        assert prints(content.replace(b"\n", b"\r\n")) == prints(content)


@pytest.mark.parametrize(
    ("one", "other"),
    [(b"a\n", b"a"), (b"a\n", b"b\n"), (b"a \n", b"a\n"), (b"", b"\n"), (b"a\rb\n", b"a\nb\n"), (b"a\0\n", b"a\n")],
)
def test_what_differs_in_more_than_line_endings_differs(one: bytes, other: bytes) -> None:
    assert prints(one) != prints(other)


def test_a_carriage_return_alone_ends_no_line() -> None:
    assert len(prints(b"one\rline\n")) == 1


@pytest.mark.parametrize(
    ("content", "whole"),
    [
        (b"x" * LARGE, False),
        (b"x" * (LARGE + 1), True),
        (b"line\n" * (LARGE // 5), False),
        (b"line\r\n" * (LARGE // 5), False),
        (b"binary\0", True),
    ],
)
def test_binary_and_large_files_are_whole_whatever_their_lines_end_in(content: bytes, *, whole: bool) -> None:
    assert lock.is_whole(content) == whole
    assert (len(prints(content)) == 1 and len(prints(content)[0]) == 64) == whole


def test_a_digest_of_text_does_not_count_line_endings_and_one_of_binaries_does() -> None:
    assert lock.digest(b"a\r\nb\r\n") == lock.digest(b"a\nb\n")
    assert lock.digest(b"a\r\n\0") != lock.digest(b"a\n\0")


def test_a_line_that_is_no_hash_is_one_that_nothing_is_equal_to() -> None:
    spoilt = b"# scaffolder 1\n+ a\n8f2c01ab\n\x00f2c01ab\n<<<<<<< HEAD\n. a\n"

    assert parse(spoilt, "lock") == {"a": Entry("+", ("8f2c01ab", UNKNOWN, UNKNOWN))}
