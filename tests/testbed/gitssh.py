"""The same repositories over SSH."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.testbed.processes import LOOPBACK, free_port

if TYPE_CHECKING:
    from pathlib import Path

    from tests.testbed.gitserver import GitServer
    from tests.testbed.processes import Process, Processes


class GitSsh:
    """`keys` has a pair of keys that may do everything, identity and identity.pub, and known_hosts.

    Whoever owns another key writes its public half there, under any name that ends in .pub.
    """

    def __init__(self, processes: Processes, git: GitServer) -> None:
        self._processes = processes
        self._git = git
        self._running: list[Process] = []
        self._port = free_port()
        self.keys: Path = processes.folder / "keys"

    def start(self) -> None:
        self.keys.mkdir(exist_ok=True)
        address = f"{LOOPBACK}:{self._port}"
        self._running = [self._processes.start("gitssh", address, self._git.folder, self.keys)]
        self._running[0].wait((self.keys / "known_hosts").exists)

    def stop(self) -> None:
        self._processes.stop(*self._running)
        self._running = []

    def url(self, name: str) -> str:
        return f"ssh://git@{LOOPBACK}:{self._port}/{name}.git"
