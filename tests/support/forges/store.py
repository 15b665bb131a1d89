"""Bare repositories: all content that a forge of these tests has."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# Which branches this push may not touch, and what is said of it, comes with the push: who pushes decides it.
HOOK = """\
#!/bin/sh
while read -r old new ref; do
  for pattern in $FORGE_BLOCKED; do
    case $ref in refs/heads/$pattern)
      echo "$FORGE_REFUSAL" >&2
      exit 1 ;;
    esac
  done
done
"""
# Whatever is pushed first to an empty repository becomes its default branch.
AFTER = """\
#!/bin/sh
git rev-parse -q --verify HEAD >/dev/null ||
  git symbolic-ref HEAD "$(git for-each-ref --count=1 --format='%(refname)' refs/heads)"
"""
KEEPER = ("forge", "forge@example.invalid")  # who makes the commits that a forge makes


@dataclass(frozen=True)
class Bare:
    """One repository."""

    folder: Path

    def git(self, *words: str, stdin: str = "", ok: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            ["git", *words],
            cwd=self.folder,
            env=environment(self.folder),
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in ok, f"git {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def content(self, *words: str, stdin: bytes = b"") -> bytes:
        """What a command gives, byte by byte."""
        command, home = ["git", *words], environment(self.folder)
        return subprocess.run(command, cwd=self.folder, env=home, input=stdin, capture_output=True, check=True).stdout

    def blob(self, content: bytes) -> str:
        """Keeps a content; its hash."""
        return self.content("hash-object", "-w", "--stdin", stdin=content).decode().strip()

    @property
    def branch(self) -> str:
        """The default one, which need not be there yet."""
        return self.git("symbolic-ref", "--short", "HEAD")

    def branches(self) -> dict[str, str]:
        """Each branch with its commit."""
        lines = self.git("for-each-ref", "--format=%(refname:lstrip=2) %(objectname)", "refs/heads").splitlines()
        return {name: commit for name, _, commit in (line.partition(" ") for line in lines)}

    def tip(self, branch: str) -> str | None:
        return self.git("rev-parse", "-q", "--verify", f"refs/heads/{branch}", ok=(0, 1)) or None

    def commit(self, branch: str, files: Mapping[str, str], message: str = "change") -> str:
        """Writes files on top of a branch, which is made where there is none; the commit's hash."""
        parent = f"from refs/heads/{branch}^0\n" if self.tip(branch) else ""
        who, mail = KEEPER
        head = f"commit refs/heads/{branch}\ncommitter {who} <{mail}> now\n{data(message)}{parent}"
        body = "".join(f"M 100644 inline {path}\n{data(text)}" for path, text in files.items())
        self.git("fast-import", "--quiet", "--date-format=now", stdin=head + body)
        return self.tip(branch) or ""

    def ahead(self, base: str, head: str) -> list[str]:
        """The commits that a branch has beside those of another one, the newest first."""
        return self.git("rev-list", f"refs/heads/{base}..refs/heads/{head}").splitlines()

    def conflicts(self, base: str, head: str) -> bool:
        return self._merged(base, head) is None

    def merge(self, base: str, head: str, message: str, *, squash: bool = False) -> str:
        """Merges a branch that has no conflict; the commit's hash."""
        tree = self._merged(base, head)
        assert tree
        parents = [self.tip(base), *([] if squash else [self.tip(head)])]
        made = self.git("commit-tree", tree, *(word for each in parents for word in ("-p", each or "")), "-m", message)
        self.git("update-ref", f"refs/heads/{base}", made)
        return made

    def delete(self, branch: str) -> None:
        self.git("update-ref", "-d", f"refs/heads/{branch}")

    def _merged(self, base: str, head: str) -> str | None:
        """The tree, None where they conflict."""
        said = self.git("merge-tree", "--write-tree", "--messages", base, head, ok=(0, 1))
        return None if "CONFLICT" in said else said.splitlines()[0]


@dataclass(frozen=True)
class Store:
    """The repositories in a folder, by `owner/name`: capital letters do not count, as on the forges."""

    root: Path

    def create(self, full: str, branch: str = "main") -> Bare:
        folder = self._folder(full)
        folder.mkdir(parents=True)
        bare = Bare(folder)
        bare.git("init", "--quiet", "--bare", f"--initial-branch={branch}")
        bare.git("config", "http.receivepack", "true")
        for name, text in (("pre-receive", HOOK), ("post-receive", AFTER)):
            hook = folder / "hooks" / name
            hook.parent.mkdir(exist_ok=True)
            hook.write_text(text, encoding="utf-8")
            hook.chmod(0o755)
        return bare

    def find(self, full: str) -> Bare | None:
        folder = self._folder(full)
        return Bare(folder) if folder.is_dir() else None

    def rename(self, full: str, now: str) -> None:
        self._folder(now).parent.mkdir(parents=True, exist_ok=True)
        self._folder(full).rename(self._folder(now))

    def delete(self, full: str) -> None:
        shutil.rmtree(self._folder(full))

    def _folder(self, full: str) -> Path:
        return self.root / f"{full.lower()}.git"


def environment(home: Path) -> dict[str, str]:
    """Git without anybody's settings."""
    who = {
        f"GIT_{role}_{what}": said
        for role in ("AUTHOR", "COMMITTER")
        for what, said in zip(("NAME", "EMAIL"), KEEPER, strict=True)
    }
    return {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", **who}


def data(text: str) -> str:
    """A text as `git fast-import` wants it."""
    return f"data {len(text.encode())}\n{text}\n"
