"""Commands that are killed, refused or crowded anywhere: the state before, or one that the next run finishes."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import io
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scaffolder import releases
from scaffolder.cli.app import program
from tests.cli.support import KILLED, READS, in_child
from tests.support.place import Place, Ran

DOCUMENTS = """
    kind: platform
    name: acme
    templates: VERSION
    domain: example.com
    ---
    kind: environment
    name: dev
    ---
    kind: cluster
    name: c1
    environment: dev
    """
WEB = "kind: app\nname: web\ninterval: INTERVAL\nchart: {url: oci://ghcr.io/acme/web}\n"
RELEASE = "apps/base/web/release.yaml"
CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir"}
ASKS = READS | {"ls-files", "ls-tree", "cat-file", "diff", "merge-file"}  # git's words that change nothing
REFUSALS = (errno.ENOSPC, errno.EACCES)
Words = tuple[str, ...]
ABORT: Words = ("sync", "--abort")


def begun(place: Place) -> None:
    place.git("init", "-q", "-b", "main")
    place.write("gitops.yaml", DOCUMENTS.replace("VERSION", releases.versions()[0]))
    place.write("gitops/apps/web.yaml", WEB.replace("INTERVAL", "1h"))
    place.run("sync")
    place.commit()


def add(place: Place) -> Words:
    begun(place)
    return ("add-app", "api", "--chart=oci://ghcr.io/acme/api")


def remove(place: Place) -> Words:
    begun(place)
    return ("remove", "app", "web")


def move(place: Place) -> Words:
    begun(place)
    place.run("add-environment", "prod")
    place.edit("clusters/dev/c1/cluster-vars.yaml", "data:\n", "data:\n  MINE: kept\n")
    place.write("clusters/dev/c1/notes.yaml", "# mine\n")
    place.commit()
    return ("move", "c1", "--to=prod")


def update(place: Place) -> Words:
    begun(place)
    place.edit(RELEASE, "spec:\n", "# mine\nspec:\n")
    return ("update",)


def rename(place: Place) -> Words:
    begun(place)
    place.edit(RELEASE, "spec:\n", "# mine\nspec:\n")
    place.commit()
    (place.root / "gitops/apps/web.yaml").unlink()
    renamed = WEB.replace("INTERVAL", "1h").replace("name: web", "name: shop\nformerly: web")
    place.write("gitops/apps/shop.yaml", renamed)
    return ("sync",)


def conflict(place: Place) -> Words:
    begun(place)
    place.edit(RELEASE, "interval: 1h0m0s", "interval: 7m0s")
    place.commit()
    place.write("gitops/apps/web.yaml", WEB.replace("INTERVAL", "5m"))
    return ("sync",)


def solved(place: Place) -> Words:
    conflict(place)
    place.run("sync", code=5)
    place.edit(RELEASE, place.read(RELEASE), "solved: by hand\n")
    return ("sync",)


def abort(place: Place) -> Words:
    conflict(place)
    place.run("sync", code=5)
    return ABORT


def merge(place: Place) -> Words:
    begun(place)
    place.git("branch", "other")
    for branch, interval in (("main", "5m"), ("other", "6m")):
        place.git("checkout", "-q", branch)
        place.write("gitops/apps/web.yaml", WEB.replace("INTERVAL", interval))
        place.run("sync")
        place.edit(RELEASE, "kind: HelmRelease", f"kind: HelmRelease # {branch}")
        place.commit()
    stuck = subprocess.run(["git", "merge", "-q", "main"], cwd=place.root, capture_output=True, check=False)
    assert stuck.returncode
    place.write("gitops/apps/web.yaml", WEB.replace("INTERVAL", "8m"))
    place.git("add", "gitops")
    return ("sync",)


COMMANDS = (add, remove, move, update, rename, conflict, solved, abort, merge)
Prepare = Callable[[Place], Words]


class Disturber:
    """Ends the process, or refuses, at the effect number `at` (from 1) that a command has in a folder."""

    def __init__(self, root: Path, at: int, refusal: int = 0) -> None:
        self.root, self.left, self.refusal = str(root), at, refusal

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._is_effect(event, arguments):
            return
        self.left -= 1
        if not self.left and not self.refusal:
            os._exit(KILLED)
        if not self.left:
            Path(f"{self.root}.reached").touch()
            raise OSError(self.refusal, os.strerror(self.refusal), arguments[0])

    def _is_effect(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "subprocess.Popen":
            return not self.refusal and not ASKS & set(arguments[1])
        return event in CHANGES and self._inside(arguments[0])

    def _inside(self, path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and os.fspath(path).startswith(self.root)


def disturbed(place: Place, words: Words, disturber: Disturber) -> tuple[int, str]:
    """What a command ends with in a process of its own, and what it says."""
    with tempfile.TemporaryFile("w+") as said:

        def work() -> int:
            os.chdir(place.root)  # noqa: TID251  the child's own
            sys.stdout = sys.stderr = said
            sys.addaudithook(disturber)
            code = program(words)
            said.flush()
            return code

        code = in_child(work)
        said.seek(0)
        return code, said.read()


def reached(place: Place) -> bool:
    """Whether the effect that was to be refused was there."""
    mark = Path(f"{place.root}.reached")
    found = mark.exists()
    mark.unlink(missing_ok=True)
    return found


def state(place: Place) -> tuple[dict[str, bytes], str, str]:
    """All files, and what git's index and status say."""
    return place.files(), place.git("ls-files", "--stage"), place.git("status", "--porcelain")


def run(place: Place, words: Words) -> Ran:
    """A command, whatever it ends with."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(place.root), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = program(words)
    return Ran(code, out.getvalue(), err.getvalue())


def again(place: Place, words: Words) -> Ran:
    """A command that is run again; where it says that it cannot, what its hint says."""
    ended = run(place, words)
    if ended.code != 2 or words == ABORT:
        return ended
    assert "`scaffolder sync` finishes what was begun" in ended.err
    return run(place, ("sync",))


@dataclass(frozen=True)
class Bench:
    """A command that is about to be run, in a repository that can be had again and again."""

    root: Path
    words: Words

    def fresh(self) -> Place:
        shutil.rmtree(self.root / "tried", ignore_errors=True)
        shutil.copytree(self.root / "first", self.root / "tried")
        return Place(self.root / "tried")


@pytest.fixture(params=COMMANDS, ids=lambda prepare: prepare.__name__)
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    folder = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=folder if folder.is_dir() else None) as name:
        Path(name, "first").mkdir()
        yield Bench(Path(name), request.param(Place(Path(name, "first"))))


def test_killed_anywhere_and_run_again_a_command_ends_in_the_same_bytes_and_can_be_taken_back(bench: Bench) -> None:
    before, calm = state(bench.fresh()), bench.fresh()
    ended, expected = run(calm, bench.words), state(calm)

    for at in itertools.count(1):
        place = bench.fresh()
        if disturbed(place, bench.words, Disturber(place.root, at))[0] != KILLED:
            break
        told = again(place, bench.words)
        assert state(place) == expected, f"killed before effect {at}: {told.err}"
        assert told.code == ended.code or bench.words == ABORT
        if bench.words != ABORT:
            place.run(*ABORT)
            assert state(place) == before, f"killed before effect {at} and taken back"
    assert at > 5, "nothing was killed"


def test_where_the_disk_is_full_or_permission_is_lost_a_command_says_so_and_the_next_finishes_it(bench: Bench) -> None:
    calm = bench.fresh()
    ended, expected = run(calm, bench.words), state(calm)

    for at in itertools.count(1):
        place, refusal = bench.fresh(), REFUSALS[at % 2]
        code, said = disturbed(place, bench.words, Disturber(place.root, at, refusal))
        if not reached(place):
            break
        assert code == ended.code or (code == 1 and os.strerror(refusal).lower() in said), said
        if code != ended.code:
            again(place, bench.words)
        assert state(place) == expected, f"refused at effect {at}: {said}"
    assert at > 5, "nothing was refused"


@pytest.fixture
def fleet(tmp_path: Path) -> Place:
    """A repository in which this process never was at work, so that it holds up nobody."""
    first = Place(tmp_path / "first")
    first.root.mkdir()
    begun(first)
    shutil.copytree(first.root, tmp_path / "fleet")
    return Place(tmp_path / "fleet")


def test_commands_at_the_same_time_are_done_one_after_the_other(fleet: Place) -> None:
    apps = [("add-app", name, f"--chart=oci://ghcr.io/acme/{name}") for name in ("api", "job", "shop")]

    running = [subprocess.Popen([sys.executable, "-m", "scaffolder", *app], cwd=fleet.root) for app in apps]
    ended = [process.wait() for process in running]
    there = fleet.files()
    for app in apps:
        fleet.run(*app)

    assert ended == [0, 0, 0]
    assert {f"apps/base/{app[1]}/release.yaml" for app in apps} <= there.keys()
    assert fleet.files() == there


def test_a_command_that_waits_for_another_says_so(fleet: Place, tmp_path: Path) -> None:
    said = tmp_path / "said"
    with (fleet.root / ".git/scaffolder/turn").open("ab") as turn, said.open("w") as stderr:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
        process = subprocess.Popen([sys.executable, "-m", "scaffolder", "sync"], cwd=fleet.root, stderr=stderr)
        while "another scaffolder command is at work in this repository" not in said.read_text(encoding="utf-8"):
            assert process.poll() is None
            time.sleep(0.01)
        fcntl.flock(turn, fcntl.LOCK_UN)

        assert process.wait() == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4m", "scaffolder-test", str(place)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.parametrize("pages", range(0, 15, 3))
def test_a_disk_that_is_full_leaves_what_the_next_command_finishes(fleet: Place, disk: Path, pages: int) -> None:
    command = ("add-app", "api", "--chart=oci://ghcr.io/acme/api")
    shutil.copytree(fleet.root, disk / "fleet")
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize
    (disk / "ballast").write_bytes(b"x" * (free - pages * 4096))
    small = Place(disk / "fleet")

    told = run(small, command)
    (disk / "ballast").unlink()
    small.run(*command)
    fleet.run(*command)

    assert told.code == 1
    assert "no space left on device" in told.err
    assert state(small) == state(fleet)


def test_the_command_after_one_that_was_killed_finishes_that_one_too_and_both_can_be_taken_back(fleet: Place) -> None:
    before = fleet.files()
    job = ("add-app", "job", "--chart=oci://ghcr.io/acme/job")
    killed = disturbed(fleet, ("add-app", "api", "--chart=oci://ghcr.io/acme/api"), Disturber(fleet.root, 9))

    fleet.run(*job)

    assert killed[0] == KILLED
    there = fleet.files()
    assert {".scaffolder/app/api/base", ".scaffolder/app/job/base"} <= there.keys()
    assert "everything is in step" in fleet.run("sync").err
    assert fleet.files() == there
    fleet.run(*ABORT)
    assert fleet.files() == before


def test_what_a_killed_command_wrote_goes_when_its_document_is_taken_away(fleet: Place) -> None:
    before = fleet.files()
    killed = disturbed(fleet, ("add-app", "api", "--chart=oci://ghcr.io/acme/api"), Disturber(fleet.root, 9))
    (fleet.root / "gitops/apps/api.yaml").unlink()

    fleet.run("sync")

    assert killed[0] == KILLED
    assert fleet.files() == before
