"""The laws of the merge by keys, on random mappings that both sides change, with git's own merge as the judge."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from hypothesis import assume, event, given
from hypothesis import strategies as st

from scaffolder.git import merge_file
from scaffolder.lock import MANAGED, Entry, prints
from scaffolder.merge import LINES, Decision, decide
from scaffolder.structure import merge
from scaffolder.structure.choice import DoubtError
from scaffolder.structure.proof import data, keyed
from scaffolder.tree import File
from scaffolder.yamlio import load
from tests.support.laws import law

NAMES = st.sampled_from("abcdefgh")
SCALARS = st.sampled_from([1, 2, 3, "text", "two\nlines", True])


def nested(depth: int) -> st.SearchStrategy[Any]:
    if not depth:
        return SCALARS
    inner = nested(depth - 1)
    mappings = st.dictionaries(NAMES, inner, min_size=1, max_size=4)
    names = st.lists(NAMES, unique=True, min_size=1, max_size=3)
    named = st.builds(lambda found, item: [{"name": name, **item} for name in found], names, mappings)
    return SCALARS | mappings | named


DATA = st.dictionaries(NAMES, nested(2), min_size=1, max_size=5)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every mapping in the data, by the way to it."""
    if isinstance(value, dict):
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


@st.composite
def edited(draw: st.DrawFn, before: dict[str, Any], mark: str) -> dict[str, Any]:
    """The data with a few keys added, changed or removed, anywhere in it."""
    after = deepcopy(before)
    for number in range(draw(st.integers(1, 3))):
        place = after
        for step in draw(st.sampled_from(list(places(after)))):
            place = place[step]
        key = draw(st.sampled_from([*(key for key in place if key != "name"), f"{mark}{number}"]))
        if key in place and draw(st.booleans()):
            del place[key]
        elif key in place:
            place[key] = draw(SCALARS | st.just(f"{mark} changed"))
        else:
            place.update({key: draw(SCALARS | st.just({"x": 1}))} if place else {key: 1})
    return after


def written(value: Any, margin: int = 0) -> list[str]:
    """The data as people write it: a comment above each key, which says where it is."""
    found = list[str]()
    for key, inner in value.items():
        found += [f"{' ' * margin}# about {key}", *entry(key, inner, margin)]
    return found


def entry(key: str, value: Any, margin: int) -> list[str]:
    head = f"{' ' * margin}{key}:"
    if isinstance(value, dict):
        return [head, *written(value, margin + 2)] if value else [f"{head} {{}}"]
    if isinstance(value, list):
        return [head, *(line for item in value for line in dashed(written(item, margin + 4), margin + 2))]
    if isinstance(value, str) and "\n" in value:
        return [f"{head} |-", *(f"{' ' * margin}  {line}" for line in value.split("\n"))]
    return [f"{head} {str(value).lower()}"]


def dashed(item: list[str], margin: int) -> list[str]:
    """An item's comment stands above its dash."""
    return [item[0][2:], f"{' ' * margin}- {item[1][margin + 2 :]}", *item[2:]]


@dataclass(frozen=True)
class Sides:
    base: Any
    ours: Any
    theirs: Any

    @property
    def texts(self) -> tuple[bytes, bytes, bytes]:
        one, two, three = (("\n".join(written(s)) + "\n").encode() for s in (self.base, self.ours, self.theirs))
        return one, two, three


@st.composite
def sides(draw: st.DrawFn) -> Sides:
    base = draw(DATA)
    found = Sides(base, draw(edited(base, "ours")), draw(edited(base, "theirs")))
    assume(found.ours and found.theirs)
    return found


def wanted(found: Sides) -> Any:
    """What the data should become; None where both have changed the same key."""
    try:
        return data(keyed(found.base), keyed(found.ours), keyed(found.theirs))
    except DoubtError:
        return None


def decided(found: Sides, path: str = "a.yaml") -> Decision:
    base, ours, theirs = found.texts
    return decide([Entry(MANAGED, prints(base))], File(ours), File(theirs), merge_file, path)


@law(100)
@given(sides())
def test_what_is_merged_is_the_merge_of_the_data_and_nothing_is_when_both_changed_one_key(found: Sides) -> None:
    merged = merge(*found.texts)

    event("merged" if merged else "refused, though the data can be merged" if wanted(found) else "refused")
    assert merged is None or [keyed(document.data) for document in load(merged)] == [wanted(found)]


@law(100)
@given(sides())
def test_every_line_of_what_is_merged_is_one_side_s_and_none_that_a_side_added_is_lost(found: Sides) -> None:
    merged = merge(*found.texts)
    assume(merged is not None and merged not in found.texts)

    base, ours, theirs = (text.splitlines() for text in found.texts)
    lines = (merged or b"").splitlines()
    assert set(lines) <= {*ours, *theirs}
    added = [line for line in (*ours, *theirs) if b"#" in line and line not in base]
    assert not set(added) - set(lines)


@law(30)
@given(sides())
def test_where_git_merges_cleanly_its_result_stands(found: Sides) -> None:
    with_git_alone = decided(found, path="a.txt")
    assume(not with_git_alone.conflict)

    assert decided(found) == with_git_alone


@law(30)
@given(sides())
def test_where_git_finds_a_conflict_the_result_is_gits_or_the_merge_of_the_data(found: Sides) -> None:
    with_git_alone = decided(found, path="a.txt")
    assume(with_git_alone.conflict == LINES)

    decision = decided(found)

    event(decision.conflict or "merged")
    if decision.conflict:
        assert decision == with_git_alone
    else:
        assert decision.file is not None
        assert [keyed(document.data) for document in load(decision.file.content)] == [wanted(found)]
