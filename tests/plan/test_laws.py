"""What holds whatever the documents say and whatever people did to the files."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from scaffolder.errors import DocumentError
from scaffolder.render.units import affected, units_in
from scaffolder.spec.load import Spec
from scaffolder.tree import Memory
from tests.plan.world import DOCUMENTS, ENVIRONMENTS, PLATFORM, Choice, World, choices, document, effects
from tests.support.laws import law


def written(world: World, choice: Choice) -> bool:
    """Whether the documents are right; only then are they written."""
    before = world.files.get("gitops.yaml")
    world.documents(PLATFORM, ENVIRONMENTS, *(document(key, text) for key, text in choice.items() if text))
    try:
        world.plan()
    except DocumentError:
        world.files |= {"gitops.yaml": before} if before else {}
        return False
    return True


@law(40)
@given(first=choices, second=choices)
def test_from_any_documents_to_any_others_leads_to_what_the_others_alone_lead_to(first: Choice, second: Choice) -> None:
    world, fresh = World(), World()
    if not written(world, first) or not written(fresh, second):
        return
    world.sync()
    fresh.sync()

    written(world, second)
    made = world.sync()

    assert not made.conflicts
    assert world.files == fresh.files
    assert world.plan(thorough=True).empty


@law(40)
@given(choice=choices, key=st.sampled_from(sorted(DOCUMENTS)), data=st.data())
def test_a_command_that_looks_only_at_what_it_touched_plans_what_a_whole_look_would(
    choice: Choice, key: tuple[str, str], data: st.DataObject
) -> None:
    world = World()
    if not written(world, choice):
        return
    world.sync()
    if not written(world, choice | {key: data.draw(st.sampled_from((None, *DOCUMENTS[key])))}):
        return

    scope = affected(Spec(Memory(world.files)), *key)

    whole, part = world.plan(), world.plan(scope=scope)
    assert effects(part) == effects(whole)
    assert part.conflicts == whole.conflicts
    assert part.unvendored == whole.unvendored


@law(30)
@given(choice=choices, key=st.sampled_from(sorted(DOCUMENTS)), data=st.data())
def test_a_document_more_changes_no_file_and_no_lock_of_other_units(
    choice: Choice, key: tuple[str, str], data: st.DataObject
) -> None:
    world = World()
    if not written(world, choice | {key: None}):
        return
    world.sync()
    if not written(world, choice | {key: data.draw(st.sampled_from(DOCUMENTS[key]))}):
        return

    made = world.plan()

    own = {unit.lock for unit in units_in(Spec(Memory(world.files)), affected(Spec(Memory(world.files)), *key))}
    assert set(made.locks) <= own
    assert all(change.verb == "create" or key[0] == "tenant" for change in made.files.values())


def marked(world: World, every: int) -> set[str]:
    """Puts an edit of its own into some files, in the middle."""
    edits = set()
    for number, path in enumerate(sorted(world.files)):
        if path.endswith((".yaml", ".gitkeep")) and path != "gitops.yaml" and number % every == 0:
            lines = world.read(path).splitlines(keepends=True)
            edits.add(f"edit-{number}-")
            world.write(path, "".join([*lines[:2], f"# edit-{number}-\n", *lines[2:]]))
    return edits


def edits_in(world: World) -> set[str]:
    return {edit for file in world.files.values() for edit in re.findall(r"edit-\d+-", file.content.decode())}


@law(40)
@given(
    first=choices,
    second=choices,
    harm=st.sampled_from(["gone", "cut", "line", "swap", "all", "empty", "binary", "conflict"]),
    number=st.integers(0, 999),
    every=st.integers(1, 5),
)
def test_damaged_locks_never_lose_an_edit_nor_a_file_that_somebody_asks_for(
    first: Choice, second: Choice, harm: str, number: int, every: int
) -> None:
    world, fresh = World(), World()
    if not written(world, first) or not written(fresh, second):
        return
    world.sync()
    fresh.sync()
    edits = marked(world, every)
    damage(world, harm, number)

    written(world, second)
    world.sync()
    world.sync()

    assert edits <= edits_in(world)
    assert fresh.files.keys() <= world.files.keys()


def damage(world: World, harm: str, number: int) -> None:
    locks = sorted(path for path in world.files if path.startswith(".scaffolder/"))
    lock, other = locks[number % len(locks)], locks[number // 3 % len(locks)]
    text = world.read(lock)
    lines = text.splitlines(keepends=True)
    at = number % len(lines)
    harmed = {
        "cut": text[: number * 7 % len(text)],
        "line": "".join(lines[:at] + lines[at + 1 :]),
        "swap": world.read(other),
        "empty": "",
        "binary": "\0\x01\x02",
        "conflict": "".join([*lines[:at], "<<<<<<< HEAD\n", *lines[at:], "=======\n", *lines[at + 1 :], ">>>>>>> x\n"]),
    }
    for path in locks if harm == "all" else [lock] if harm == "gone" else []:
        del world.files[path]
    if harm in harmed:
        world.write(lock, harmed[harm])


@law(40)
@given(first=choices, second=choices, every=st.integers(1, 4))
def test_edits_by_hand_are_merged_kept_or_told_and_never_lost(first: Choice, second: Choice, every: int) -> None:
    world = World()
    if not written(world, first):
        return
    world.sync()
    edits = marked(world, every)

    if not written(world, second):
        return
    world.sync()

    assert edits <= edits_in(world)
    assert world.sync().empty
