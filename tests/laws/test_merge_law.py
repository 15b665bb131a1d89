"""The merge law: two branches, joined by git, and one `sync`: what the documents ask for, and both sides' edits.

The cases are random, but the same ones each time; SCAFFOLDER_LAW_CASES says how many, SCAFFOLDER_LAW_FIRST from where.
A case that fails is made as small as it gets, and printed as a script that does it again.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from copy import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

import pytest

from scaffolder import lock as locks
from scaffolder import releases
from tests.laws.fleet import EDIT, SEEDED, Fleet, Step, steps
from tests.laws.scribe import RefusedError, Scribe

CASES = int(os.environ.get("SCAFFOLDER_LAW_CASES", "300"))
FIRST = int(os.environ.get("SCAFFOLDER_LAW_FIRST", "0"))
CHUNK = 20
EXACT = "-Xfind-renames=100%"
MEMORY = Path("/dev/shm")


@dataclass
class Case:
    """What happens before the branches, on each of them, and how they are joined."""

    before: list[Step]
    ours: list[Step]
    theirs: list[Step]
    how: str


def case(number: int) -> Case:
    random = Random(number)
    how = random.choice(("merge", "merge", "merge", "rebase", "squash"))
    return Case(steps(random, 2), steps(random, 4), steps(random, 4), how)


@cache
def _first() -> tuple[Path, list[str]]:
    """A small repository, made once in each process, and the script that makes it."""
    root = Path(tempfile.mkdtemp(prefix="scaffolder-law-", dir=MEMORY if MEMORY.is_dir() else None))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    scribe = Scribe(root)
    scribe.git("init", "-q", "-b", "main")
    fleet = Fleet(scribe)
    platform = {"kind": "platform", "name": "acme", "templates": releases.versions()[0], "domain": "example.com"}
    fleet.put(platform | {"variables": {"LOG_LEVEL": "info"}})
    for name in ("dev", "prod"):
        fleet.put({"kind": "environment", "name": name})
    fleet.put({"kind": "cluster", "name": "c1", "environment": "dev"})
    scribe.run("sync")
    scribe.run("add-app", "web", "--chart", "oci://ghcr.io/acme/web")
    scribe.run("add-app", "api", "--chart", "oci://ghcr.io/acme/api", "-e", "dev")
    scribe.commit()
    return root, scribe.lines


def begun(folder: Path) -> Fleet:
    """A copy of it."""
    first, lines = _first()
    shutil.copytree(first, folder)
    return Fleet(Scribe(folder, list(lines)))


def played(case: Case, fleet: Fleet) -> None:
    """Plays a case; raises AssertionError where the law does not hold."""
    for step in case.before:
        fleet.do(step)
    fleet.settle(fleet.sync())
    fleet.scribe.commit()
    base, start = fleet.files(), fleet.edits()
    fleet.scribe.git("branch", "theirs")
    sides, edits = [], []
    for author, branch, todo in (("a", "main", case.ours), ("b", "theirs", case.theirs)):
        fleet.scribe.git("checkout", "-q", branch)
        fleet.author = author
        for step in todo:
            fleet.do(step)
            fleet.scribe.commit()
        sides.append(fleet.files())
        edits.append(fleet.edits())
    expected = {
        edit: path
        for side in edits
        for edit, path in side.items()
        if edit not in start or all(edit in other for other in edits)
    }
    told = joined(case, fleet, apart=not (touched(base, sides[0]) & touched(base, sides[1])))
    if told is not None:
        hands = {path for side in (start, *edits) for path in side.values()}
        explained(fleet, told, hands)
        kept_its_promise(fleet, expected, told, guessed=set().union(*(equal(base, side) for side in sides)))


def joined(case: Case, fleet: Fleet, *, apart: bool) -> dict[str, str] | None:
    """Both branches, joined by git and one sync: what is in conflict; None where documents need a person."""
    scribe = fleet.scribe
    if case.how == "rebase":
        scribe.git("rebase", "-q", EXACT, "main")
    else:
        scribe.git("checkout", "-q", "main")
        scribe.git("merge", "-q", EXACT, *(["--squash"] if case.how == "squash" else ["-m", "merge"]), "theirs")
    stuck = fleet.unmerged()
    assert not (apart and stuck), f"git could not merge changes to different units: {stuck}"
    told: dict[str, str] = {}
    while True:
        solve_documents(fleet)
        try:
            told |= scribe.run("sync")
        except RefusedError:
            return None
        if not rebasing(fleet.root):
            return told
        if told:
            fleet.settle(told)
        scribe.git("add", "-A")
        scribe.git("rebase", "--continue")


def explained(fleet: Fleet, told: dict[str, str], hands: set[str]) -> None:
    """A conflict is only where somebody's hands were."""
    known = {*hands, *fleet.deleted, *fleet.kept}
    known |= {fleet.now(path) for path in known}
    strange = {path for path in told if path not in known and Path(path).name not in fleet.own}
    assert not strange, f"conflicts that nobody made: {[(path, told[path]) for path in strange]}"


def equal(base: dict[str, bytes], side: dict[str, bytes]) -> set[tuple[str, str]]:
    """Files that went while equal ones came: Git takes them for renamed, even where it is told to guess nothing."""
    gone, come = base.keys() - side.keys(), side.keys() - base.keys()
    return {(old, new) for old in gone for new in come if base[old] == side[new]}


def kept_its_promise(
    fleet: Fleet, expected: dict[str, str], told: dict[str, str], guessed: set[tuple[str, str]]
) -> None:
    fleet.deleted |= {fleet.now(path) for path in fleet.deleted}
    holds(fleet, told)
    found = fleet.edits()
    gone = {edit: path for edit, path in expected.items() if edit not in found}
    lost = {edit: path for edit, path in gone.items() if not {path, fleet.now(path)} & told.keys()}
    assert not lost, f"edits by hand are lost: {lost}"
    moved = {e: (p, found[e]) for e, p in expected.items() if e in found and found[e] not in {p, fleet.now(p)}}
    astray = {
        e: pair for e, pair in moved.items() if pair not in guessed and not {Path(p).name for p in pair} & fleet.own
    }
    assert not astray, f"edits by hand are in other files: {astray}"
    before = fleet.files()
    again = fleet.scribe.run("sync")
    assert again.keys() <= told.keys(), f"a second sync finds more conflicts: {again}"
    assert fleet.files() == before, "a second sync changes something"
    if told:
        fleet.settle(told)
        holds(fleet, {})
    fleet.scribe.commit()
    before = fleet.files()
    assert not fleet.scribe.run("sync")
    assert fleet.files() == before, "a sync after the commit changes something"


def holds(fleet: Fleet, told: dict[str, str]) -> None:
    """What is there is what the documents ask for, with edits by hand in it, and what people added."""
    wanted, found = fleet.rendered(), fleet.tree()
    for path, content in found.items():
        if path in {*told, *fleet.kept, *SEEDED} or Path(path).name in fleet.own:
            continue
        if path in wanted:
            assert EDIT.sub(b"", content) == wanted[path], f"{path} is stale:\n{content.decode()}"
        else:
            assert path in fleet.deleted, f"{path} is there, and nobody asks for it"
    missing = wanted.keys() - found.keys() - fleet.deleted - told.keys()
    assert not missing, f"missing: {missing}"


def touched(base: dict[str, bytes], side: dict[str, bytes]) -> set[str]:
    """What a branch changed: units, documents, and files of people's own."""
    owners: dict[str, set[str]] = {}
    for tree in (base, side):
        for lock in (path for path in tree if path.startswith(".scaffolder/")):
            for path in (lock, *locks.parse(tree[lock], lock)):
                owners.setdefault(path, set()).add(lock)
    changed = [path for path in {*base, *side} if base.get(path) != side.get(path)]
    return {owner for path in changed for owner in owners.get(path, {path})}


def solve_documents(fleet: Fleet) -> None:
    """What a person does about documents: takes theirs."""
    scribe = fleet.scribe
    for path in sorted(path for path in fleet.unmerged() if path.startswith("gitops")):
        if " 3\t" in scribe.git("ls-files", "-u", path):
            scribe.git("checkout", "-q", "--theirs", path)
            scribe.git("add", path)
        else:
            scribe.git("rm", "-q", path)


def rebasing(root: Path) -> bool:
    return any((root / ".git" / name).exists() for name in ("rebase-merge", "rebase-apply"))


def failure(case: Case, folder: Path) -> tuple[str, str] | None:
    """Why a case fails, and the script that shows it; None where the law holds."""
    fleet = begun(folder)
    try:
        played(case, fleet)
    except AssertionError as error:
        return str(error), fleet.scribe.script
    finally:
        shutil.rmtree(folder)
    return None


def smallest(case: Case, folder: Path) -> tuple[str, str]:
    """The failure of what is left of a case when every step that is not needed for it is taken out."""
    found = failure(case, folder)
    assert found
    for part in ("before", "ours", "theirs"):
        at = 0
        while at < len(todo := getattr(case, part)):
            less = copy(case)
            setattr(less, part, [*todo[:at], *todo[at + 1 :]])
            if (fails := failure(less, folder)) is None:
                at += 1
            else:
                case, found = less, fails
    return found


@pytest.mark.parametrize("first", range(FIRST, FIRST + CASES, CHUNK))
def test_two_branches_joined_and_synced_are_what_the_documents_ask_for_and_both_sides_edits(first: int) -> None:
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        for number in range(first, min(first + CHUNK, FIRST + CASES)):
            if failure(case(number), Path(folder, "fleet")):
                why, script = smallest(case(number), Path(folder, "fleet"))
                pytest.fail(f"case {number} (SCAFFOLDER_LAW_FIRST={number} SCAFFOLDER_LAW_CASES=1): {why}\n\n{script}")


def test_the_script_of_a_case_does_again_what_was_done(tmp_path: Path) -> None:
    fleet = begun(tmp_path / "fleet")
    played(case(7), fleet)
    (tmp_path / "again").mkdir()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    subprocess.run(
        ["bash", "-c", fleet.scribe.script],
        cwd=tmp_path / "again",
        env={**os.environ, "PATH": path},
        capture_output=True,
        check=False,
    )

    done = Fleet(Scribe(tmp_path / "again")).files()
    assert {path: content for path, content in done.items() if not path.startswith("home/")} == fleet.files()
