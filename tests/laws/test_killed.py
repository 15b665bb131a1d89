"""Commands that are killed, refused or crowded anywhere: the state before, or one that the next run finishes."""

from __future__ import annotations

import errno
import io
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest

from scaffolder import releases
from scaffolder.cli.app import program
from tests.cli.support import KILLED, READS, in_child
from tests.support.place import Place

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
Words = tuple[str, ...]


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
    place.write("gitops/apps/shop.yaml", WEB.replace("INTERVAL", "1h").replace("name: web", "name: shop\nformerly: web"))
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
    return ("sync", "--abort")


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
            raise OSError(self.refusal, os.strerror(self.refusal), arguments[0])

    def _is_effect(self, event: str, arguments: tuple[Any, ...]) -> bool:
        if event == "subprocess.Popen":
            return not self.refusal and not ASKS & set(arguments[1])
        if event == "open" and isinstance(arguments[2], int):
            return self._inside(arguments[0]) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
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


def state(place: Place) -> tuple[dict[str, bytes], str, str]:
    """All files, and what git's index and status say."""
    return place.files(), place.git("ls-files", "--stage"), place.git("status", "--porcelain")


def again(place: Place, words: Words, code: int) -> None:
    """Runs a command again; where it says that it is done already, `sync` finishes it, as its hint says."""
    said = io.StringIO()
    with redirect_stderr(said):
        ended = place.run(*words, code=None)
    if ended.code == 2 and words != ("sync", "--abort"):
        assert "`scaffolder sync` finishes what was begun" in ended.err
        ended = place.run("sync", code=None)
    assert ended.code == code or words == ("sync", "--abort"), ended.err


@pytest.fixture
def memory() -> Iterator[Path]:
    folder = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=folder if folder.is_dir() else None) as name:
        yield Path(name)
