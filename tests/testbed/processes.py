"""The programs of a bed: each in a process group of its own, with a log, and none left when the bed goes."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tests.testbed.leftovers import Record, sweep
from tests.toolbox.programs import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

T = TypeVar("T")

LOOPBACK = "127.0.0.1"
ANEW = "if the program is damaged, delete its folder and build it again: python -m tests.toolbox.build"

_given: set[int] = set()  # some are used only long after they were asked for


@dataclass(frozen=True)
class Process:
    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    def wait(self, until: Callable[[], object], seconds: float = 60) -> None:
        """Until the program does what it should; an error with the end of its log if it ends, or takes too long."""

        def ready() -> object:
            if (code := self.popen.poll()) is not None:
                raise RuntimeError(f"{self.name} {ending(code)}\n{self.tail()}")
            return until()

        eventually(ready, seconds, lambda: f"{self.name} is not ready\n{self.tail()}")

    def wait_for(self, url: str) -> None:
        """Until a server says 200 there."""
        self.wait(lambda: answers(url))

    def kill(self) -> None:
        """At once: nothing of a bed is kept."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait()

    def tail(self) -> str:
        return "\n".join(self._lines()[-20:])

    def errors(self) -> list[str]:
        """The last lines that say that something is wrong."""
        code = self.popen.poll()
        ended = [] if code is None else [ending(code)]
        return ended + [line[:400] for line in self._lines() if re.search(r"ERROR|^[EF]\d{4}|panic|fatal", line)][-5:]

    def _lines(self) -> list[str]:
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()


class Processes:
    """`folder` is for what they keep; `logs` has a file for each program."""

    def __init__(self, folder: Path, logs: Path, record: Record) -> None:
        self.folder = folder
        self.logs = logs
        self.record = record
        self._running: list[Process] = []
        self._lock = threading.Lock()

    def start(self, name: str, *arguments: str | Path, called: str = "", **environment: str) -> Process:
        """A program of the toolbox; one that is many things is called what it is this time."""
        program = PROGRAMS[name]
        if not program.path.exists():
            raise RuntimeError(f"no {name} {program.version}: python -m tests.toolbox.build {name}")
        log = self.logs / f"{called or name}.log"
        with self._lock, log.open("ab") as output:
            try:
                popen = subprocess.Popen(
                    [program.path, *arguments],
                    cwd=self.folder,
                    env={**self.environment(), **environment},
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise RuntimeError(f"{program.path}: {error.strerror}; {ANEW}") from None
            self.record.add(popen.pid)
            process = Process(called or name, popen, log)
            self._running.append(process)
        return process

    def environment(self) -> Mapping[str, str]:
        """Nothing of the user's: no proxy, no settings, no credentials."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TMPDIR": str(self.folder), "LC_ALL": "C.UTF-8"}

    def stop(self, *processes: Process) -> None:
        for process in processes:
            process.kill()
            self._running.remove(process)

    def stop_all(self) -> None:
        self.stop(*reversed(self._running))

    def __iter__(self) -> Iterator[Process]:
        return iter(self._running)


@contextlib.contextmanager
def running(logs: Path | None = None) -> Iterator[Processes]:
    """Room for the programs of a bed; on leaving it they are ended, and everything but the logs is deleted."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix="testbed-"))
    try:
        record = Record(folder)
    except OSError:
        folder.rmdir()
        raise
    processes = Processes(folder, logs or folder / "logs", record)
    processes.logs.mkdir(parents=True, exist_ok=True)
    try:
        yield processes
    finally:
        processes.stop_all()
        shutil.rmtree(folder, ignore_errors=True)
        record.close()


def ending(code: int) -> str:
    """What became of a program; a damaged one crashes, and leaves nothing in its log."""
    if code >= 0:
        return f"ended with {code}"
    name = signal.Signals(-code).name
    return f"was ended by {name}" + (f"; {ANEW}" if name in {"SIGSEGV", "SIGBUS", "SIGILL"} else "")


def eventually(until: Callable[[], T | None], seconds: float, otherwise: Callable[[], str]) -> T:
    """What `until` says as soon as it is true; an error if it never is."""
    end = time.monotonic() + seconds
    while not (found := until()):
        if time.monotonic() > end:
            raise TimeoutError(f"after {seconds:.0f} s: {otherwise()}")
        time.sleep(0.1)
    return found


def free_port() -> int:
    """Below the ports that the system gives to clients, of which a bed has hundreds: none of them comes in between."""
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, port))
            if port not in _given:
                _given.add(port)
                return port


def answers(url: str) -> bool:
    """Whether a server says 200. Loopback needs no proxy, and its certificates nobody has signed."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust))
    try:
        with opener.open(url, timeout=5) as answer:
            return bool(answer.status == http.HTTPStatus.OK)
    except (OSError, http.client.HTTPException):
        return False
