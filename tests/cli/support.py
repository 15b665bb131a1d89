"""What the tests of the command line share."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scaffolder.cli.app import program
from tests.support.place import Place, Ran

Make = Callable[..., Place]  # the fixture `repository`
CutOff = Callable[..., list[str]]  # the fixture `cut_off`

KILLED, FINE = 9, 0
READS = {"ls-remote", "rev-list", "rev-parse", "status", "symbolic-ref", "var", "version"}  # git's that change nothing

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {0}
spec:
  selector:
    matchLabels:
      app: {0}
  template:
    metadata:
      labels:
        app: {0}
    spec:
      containers:
      - args:
        - --a
        - --b
        - --c
        - --d
        - --e
        - --f
        - --g
        image: fluxcd/{0}:v1.0.0
        name: manager
"""
OBJECT = "apiVersion: v1\nkind: {}\nmetadata:\n  name: {}\n"
CONTROLLERS = ("source", "kustomize", "helm", "notification", "image-reflector", "image-automation")


def flux_release(folder: Path) -> Path:
    """A Flux release of a few lines, as `--manifests` takes it."""
    folder.mkdir(exist_ok=True)
    (folder / "rbac.yaml").write_text(OBJECT.format("ResourceQuota", "critical-pods"), encoding="utf-8")
    (folder / "policies.yaml").write_text(OBJECT.format("ConfigMap", "policy"), encoding="utf-8")
    for name in (f"{controller}-controller" for controller in CONTROLLERS):
        (folder / f"{name}.yaml").write_text(DEPLOYMENT.format(name), encoding="utf-8")
    return folder


def log(place: Place, form: str = "%an <%ae>|%s") -> list[str]:
    """The commits of a repository, the oldest first."""
    return place.git("log", "--reverse", f"--format={form}").splitlines()


def in_child(work: Callable[[], int]) -> int:
    """What some work ends with in a process of its own, that it may change or end as it likes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pytest-xdist has threads; the child needs none of them
        child = os.fork()
    if not child:
        code = 70
        with contextlib.suppress(BaseException):
            code = work()
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed(place: Place, words: tuple[str, ...], at: int) -> bool:
    """Runs a command that is killed before its effect number `at` (from 1): a program, or a file in its place.

    What lies between two effects is lost without a trace. False where it had fewer effects, and ended well.
    """

    def work() -> int:
        os.chdir(place.root)  # noqa: TID251  the child's own
        sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123  to its end
        sys.addaudithook(_Killer(at))
        return program(words)

    ended = in_child(work)
    assert ended in {KILLED, FINE}, f"{' '.join(words)} ended with {ended} where nothing was to stop it"
    return ended == KILLED


def as_nobody(words: tuple[str, ...], folder: str) -> Ran:
    """Runs a command in a folder of root's as a user who may do nothing there."""
    if os.getuid():
        pytest.skip("only root can become somebody else")
    with tempfile.TemporaryFile("w+") as said:

        def work() -> int:
            os.chdir(folder)  # noqa: TID251  the child's own
            os.environ["HOME"] = folder
            os.setuid(65534)
            sys.stdout = sys.stderr = said
            return program(words)

        code = in_child(work)
        said.seek(0)
        return Ran(code, "", said.read())


@contextlib.contextmanager
def open_to_all() -> Iterator[Place]:
    """An empty folder that everybody may look into; pytest's own are closed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Place(Path(folder))


class _Killer:
    def __init__(self, at: int) -> None:
        self.left = at

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "os.rename" or (event == "subprocess.Popen" and not READS & set(arguments[1])):
            self.left -= 1
            if not self.left:
                os._exit(KILLED)


def kills(place: Place, words: tuple[str, ...]) -> Iterator[int]:
    """Kills a command before each of its effects in turn; the caller puts everything back in between."""
    at = 1
    while killed(place, words, at):
        yield at
        at += 1
    assert at > 5, "nothing was killed"
