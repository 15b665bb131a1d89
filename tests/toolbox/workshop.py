"""Where a program is built: Go with scratch caches, and the other programs that its recipe asks for."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Workshop:
    """`scratch` holds all that is not kept; `program` gives the path of another program, built if need be."""

    scratch: Path
    program: Callable[[str], Path]
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        ours = {
            "GOTOOLCHAIN": "local",  # a newer Go would be downloaded, and is not what was tested
            "GOFLAGS": "-trimpath -buildvcs=false -modcacherw",  # rw: or the scratch could not be deleted
            "GOWORK": "off",
            "CGO_ENABLED": "0",
        }
        caches = {"GOMODCACHE": str(self.scratch / "modules"), "GOCACHE": str(self.scratch / "objects")}
        object.__setattr__(self, "environment", {**caches, **os.environ, **ours})

    def check(self) -> None:
        """Refuse to build what nobody vouches for."""
        settings = json.loads(self.run("go", "env", "-json", "GOSUMDB", "GONOSUMDB"))
        if settings["GOSUMDB"] == "off" or settings["GONOSUMDB"]:
            raise RuntimeError(f"Go's checksum database is switched off: {settings}")

    def run(self, *command: str | Path, at: Path | None = None) -> str:
        """Standard output; on failure an error with the end of what the command said."""
        done = subprocess.run(
            command, cwd=at or self.scratch, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = "\n".join((done.stderr or done.stdout).splitlines()[-20:])
            raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}\n{said}")
        return done.stdout

    def install(self, package: str, folder: Path) -> None:
        """`go install` of package@version, into the folder."""
        self.environment["GOBIN"] = str(folder)
        self.run("go", "install", "-ldflags=-s", package)

    def module(self, name: str) -> Path:
        """The folder of module@version, read only."""
        return Path(json.loads(self.run("go", "mod", "download", "-json", name))["Dir"])

    def copy(self, module: str) -> Path:
        """A writable copy of module@version."""
        copy = self.scratch / "copies" / module.replace("/", "_")
        shutil.copytree(self.module(module), copy, copy_function=shutil.copyfile)
        for folder in (copy, *(path for path in copy.rglob("*") if path.is_dir())):
            folder.chmod(0o755)
        return copy
