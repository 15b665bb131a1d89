"""A repository in which everything that is done is written down as a script that does it again."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from scaffolder.cli.app import program

FOUND, CONFLICT, REFUSED = 1, 5, {2, 3}  # exit codes that a random command may end with
HEAD = """\
#!/usr/bin/env bash
# Does again what failed: run it in an empty folder. Git's and scaffolder's own messages tell the rest.
set -u
export HOME=$PWD/home XDG_CACHE_HOME=$PWD/home/cache GIT_CONFIG_NOSYSTEM=1
export https_proxy=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9   # nothing comes from the network
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com
export GIT_EDITOR=true
mkdir -p home
"""


@dataclass
class Scribe:
    """Commands in a folder, and the lines of a script that say the same."""

    root: Path
    lines: list[str] = field(default_factory=list)

    @property
    def script(self) -> str:
        return HEAD + "".join(f"{line}\n" for line in self.lines)

    def run(self, *words: str) -> dict[str, str]:
        """A scaffolder command; the paths that are in conflict afterwards, and why.

        A command may also be refused, since people ask for what cannot be; anything else is a bug.
        """
        self.lines.append(shlex.join(["scaffolder", *words]))
        out, err = io.StringIO(), io.StringIO()
        with contextlib.chdir(self.root), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = program([*words, "--output=json"])
        assert code in {0, FOUND, CONFLICT, *REFUSED}, f"{self.lines[-1]} ended with {code}: {out.getvalue()}"
        report = json.loads(out.getvalue())
        if code in REFUSED:
            raise RefusedError([finding["message"] for finding in report["findings"]])
        return {conflict["path"]: conflict["reason"] for conflict in report["conflicts"]}

    def git(self, *words: str) -> str:
        """A git command, whatever it ends with; a merge may."""
        self.lines.append(shlex.join(["git", *words]))
        quiet = {**os.environ, "GIT_EDITOR": "true"}
        done = subprocess.run(["git", *words], cwd=self.root, env=quiet, capture_output=True, text=True, check=False)
        return done.stdout

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", "work", "--allow-empty")

    def write(self, path: str, content: bytes) -> None:
        place, text = self.root / path, content.decode()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        shell = f"cat > {path} <<'END'\n{text}END" if text.endswith("\n") else f"printf %s {shlex.quote(text)} > {path}"
        self.lines.append(f"mkdir -p {place.parent.relative_to(self.root)} && {shell}")

    def remove(self, path: str) -> None:
        (self.root / path).unlink()
        self.lines.append(f"rm {path}")


class RefusedError(Exception):
    """A command that was refused, in words for people."""
