"""The law of the whole: what is there is what the documents ask for and people's edits, however often it was killed."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from scaffolder import apply, git, plan
from scaffolder.cli.work.session import checked
from scaffolder.errors import DocumentError
from scaffolder.spec.load import own_file
from scaffolder.tree import File, Memory
from tests.plan.world import DOCUMENTS, ENVIRONMENTS, PLATFORM, Choice, choices, document, effects
from tests.support.laws import law

hands = st.lists(st.tuples(st.sampled_from(["insert", "insert", "change", "delete"]), st.integers(0, 99)), max_size=5)
Hands = list[tuple[str, int]]
MEMORY = Path("/dev/shm")


class KilledError(Exception):
    pass


class Mortal(apply.WorkTree):
    """A work tree that dies before one of its effects."""

    lives: int

    def _replace(self, path: str, file: File) -> None:
        self._live()
        super()._replace(path, file)

    def _delete(self, path: str) -> None:
        self._live()
        super()._delete(path)

    def _live(self) -> None:
        if self.__dict__["lives"] == 0:
            raise KilledError
        self.__dict__["lives"] -= 1


@dataclass(frozen=True)
class Repository:
    root: Path

    def tree(self, lives: int = -1) -> apply.WorkTree:
        made = Mortal(self.root, self.root / ".git")
        made.__dict__["lives"] = lives
        return made

    def run(self, choice: Choice, lives: int = -1) -> plan.Plan:
        """A command that writes documents and brings the rest in step."""
        tree = self.tree(lives)
        written = documents(choice)
        source = Memory(written, tree)
        made = plan.make(checked(source), source, plan.Tools(git.merge_file, lambda _: "# Flux\n"))
        apply.carry_out(tree, made, {path: file for path, file in written.items() if tree.read(path) != file})
        return made

    def sync(self) -> plan.Plan:
        """Brings the repository in step with the documents that are there."""
        tree = self.tree()
        made = plan.make(checked(tree), tree, plan.Tools(git.merge_file, lambda _: "# Flux\n"))
        apply.carry_out(tree, made)
        return made

    def files(self, *, locks: bool = True) -> dict[str, bytes]:
        found = (place for place in self.root.rglob("*") if place.is_file() and ".git" not in place.parts)
        named = {place.relative_to(self.root).as_posix(): place.read_bytes() for place in found}
        return {path: content for path, content in named.items() if locks or not path.startswith(".scaffolder/")}

    def touch(self, hands: Hands) -> tuple[set[str], set[str]]:
        """People's edits by hand: their lines, each with its own number, and the files that they deleted."""
        mine, deleted = set(), set()
        for number, (what, where) in enumerate(hands):
            paths = sorted(path for path in self.files(locks=False) if path.endswith(".yaml") and "gitops" not in path)
            place = self.root / paths[where % len(paths)]
            lines = place.read_text(encoding="utf-8").splitlines(keepends=True)
            if what == "delete":
                deleted.add(place.relative_to(self.root).as_posix())
                place.unlink()
                continue
            at = where % len(lines)
            lines[at : at + 1] = [f"# edit-{number}\n", lines[at]] if what == "insert" else [f"# edit-{number}\n"]
            place.write_text("".join(lines), encoding="utf-8")
            mine.add(f"edit-{number}")
        return mine & self.edits(), deleted

    def edits(self) -> set[str]:
        return {edit for content in self.files().values() for edit in re.findall(r"edit-\d", content.decode())}


def documents(choice: Choice) -> dict[str, File | None]:
    """Each document in a file of its own; None for those that are not there."""
    shared = {"gitops.yaml": File(f"{PLATFORM}---\n{ENVIRONMENTS}".encode())}
    own = {own_file(*key): File(document(key, text).encode()) if text else None for key, text in choice.items()}
    return shared | own


def valid(choice: Choice) -> bool:
    try:
        checked(Memory(documents(choice)))
    except DocumentError:
        return False
    return True


@st.composite
def two_fleets(draw: st.DrawFn) -> tuple[Choice, Choice]:
    """Documents, and what they become when one or two of them are added, changed or removed."""
    first = draw(choices.filter(valid))
    keys = draw(st.lists(st.sampled_from(sorted(DOCUMENTS)), min_size=1, max_size=2))
    second = first | {key: draw(st.sampled_from((None, *DOCUMENTS[key]))) for key in keys}
    return first, second if valid(second) else first


@contextmanager
def repository(before: Repository | None = None) -> Iterator[Repository]:
    """A new repository, or a copy of one."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        root = Path(name, "fleet")
        if before is not None:
            shutil.copytree(before.root, root)
        (root / ".git").mkdir(parents=True, exist_ok=True)
        yield Repository(root)


def rendered(choice: Choice) -> dict[str, bytes]:
    with repository() as fresh:
        fresh.run(choice)
        return fresh.files(locks=False)


@law(20)
@given(fleets=two_fleets(), hands=hands)
def test_what_is_there_is_what_the_documents_ask_for_and_what_people_wrote(
    fleets: tuple[Choice, Choice], hands: Hands
) -> None:
    with repository() as repo:
        repo.run(fleets[0])
        mine, deleted = repo.touch(hands)
        told = repo.run(fleets[1]).conflicts

        found, wanted = repo.files(locks=False), rendered(fleets[1])
        assert mine <= repo.edits()
        assert wanted.keys() - found.keys() <= deleted
        assert found.keys() - wanted.keys() <= told.keys()
        for path in found.keys() & wanted.keys() - told.keys():
            lines = set(found[path].splitlines()) - set(wanted[path].splitlines())
            assert all(line.startswith(b"# edit-") for line in lines)
            assert lines or found[path] == wanted[path]
        assert set(repo.sync().conflicts) <= told.keys()


@law(6)
@given(fleets=two_fleets(), hands=hands)
def test_killed_before_any_of_its_effects_the_next_run_ends_in_the_same_bytes(
    fleets: tuple[Choice, Choice], hands: Hands
) -> None:
    with repository() as repo:
        repo.run(fleets[0])
        repo.touch(hands)
        with repository(repo) as calm:
            made = calm.run(fleets[1])
            expected = calm.files(locks=not made.conflicts)

        for lives in range(len(effects(made)) + 2):
            with repository(repo) as killed:
                try:
                    killed.run(fleets[1], lives)
                except KilledError:
                    killed.run(fleets[1])

                assert killed.files(locks=not made.conflicts) == expected, f"killed before effect {lives}"


@law(4)
@given(fleets=two_fleets())
def test_killed_after_its_documents_a_plain_sync_finishes_what_was_begun(fleets: tuple[Choice, Choice]) -> None:
    with repository() as repo:
        repo.run(fleets[0])
        changed = sum(repo.tree().read(path) != file for path, file in documents(fleets[1]).items())
        with repository(repo) as calm:
            made = calm.run(fleets[1])
            expected = calm.files()

        for lives in range(changed, changed + len(effects(made))):
            with repository(repo) as killed:
                try:
                    killed.run(fleets[1], lives)
                except KilledError:
                    killed.sync()

                assert killed.files() == expected, f"killed before effect {lives}"


@law(20)
@given(first=choices.filter(valid), hands=hands, key=st.sampled_from(sorted(DOCUMENTS)), data=st.data())
def test_to_add_a_document_and_to_remove_it_again_is_nothing(
    first: Choice, hands: Hands, key: tuple[str, str], data: st.DataObject
) -> None:
    without = first | {key: None}
    more = first | {key: data.draw(st.sampled_from(DOCUMENTS[key]))}
    if not valid(without) or not valid(more):
        return
    with repository() as repo:
        repo.run(without)
        repo.touch(hands)
        before = repo.files()

        told = repo.run(more).conflicts
        repo.run(without)

        assert told or repo.files() == before
