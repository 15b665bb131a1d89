"""A folder in which commands are run for real, in this process: real files, real git."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import textwrap
from dataclasses import dataclass
from pathlib import Path

from scaffolder.cli.app import program


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Place:
    root: Path

    def run(self, *words: str, code: int = 0) -> Ran:
        """A scaffolder command; a test that does not say otherwise expects it to succeed."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.root), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            ended = program(list(words))
        ran = Ran(ended, out.getvalue(), err.getvalue())
        assert ended == code, f"scaffolder {' '.join(words)} ended with {ended}, not {code}:\n{ran.out}{ran.err}"
        assert "Traceback" not in ran.out + ran.err
        return ran

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.root, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"git {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def commit(self, message: str = "work") -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", message)

    def write(self, path: str, text: str) -> Path:
        """A file, with the text's indentation taken away."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return place

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text, f"{path} has no {old!r}"
        (self.root / path).write_text(text.replace(old, new), encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        """Everything but git's own folder: path to content."""
        found = {}
        for folder, names, files in os.walk(self.root):
            names[:] = [name for name in names if name != ".git"]
            for name in files:
                place = Path(folder, name)
                found[place.relative_to(self.root).as_posix()] = place.read_bytes()
        return found

    def inside(self, name: str) -> Place:
        return Place(self.root / name)
