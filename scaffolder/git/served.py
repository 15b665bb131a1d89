"""A bare repository beside another one, whose objects it shares: to commit into, and throw away."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from scaffolder.git.command import Repo, run
from scaffolder.git.repository import init


@dataclass(frozen=True)
class Borrowed:
    """`bare` holds what is new; `lender` is only read."""

    bare: Repo
    lender: Repo

    @classmethod
    def made(cls, bare: Repo, lender: Repo, branch: str) -> Borrowed:
        init(bare, branch)
        found = cls(bare, lender)
        place = bare.git_dir / "objects" / "info" / "alternates"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{found._place('objects')}\n", encoding="utf-8")
        if (shallow := found._place("shallow")).exists():  # where the lender's history ends, ours ends as well
            shutil.copyfile(shallow, bare.git_dir / "shallow")
        return found

    def as_it_is(self) -> str:
        """A commit of the lender's work tree with all that is not committed yet, but not what git ignores."""
        environment = {
            "GIT_INDEX_FILE": str(self.bare.git_dir / "index"),
            "GIT_OBJECT_DIRECTORY": str(self.bare.git_dir / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self._place("objects")),
        }
        head = run(self.lender, "rev-parse", "--verify", "--quiet", "HEAD^{commit}", ok=(0, 1)).out.strip()
        if head:
            run(self.lender, "read-tree", head, env=environment)
        run(self.lender, "add", "--all", "--", ".", env=environment)
        tree = run(self.lender, "write-tree", env=environment).out.strip()
        parents = ("-p", head) if head else ()
        words = (
            "-c",
            "user.name=scaffolder",
            "-c",
            "user.email=",
            "commit-tree",
            *parents,
            "-m",
            "The work tree",
            tree,
        )
        return run(self.bare, *words).out.strip()

    def point(self, ref: str, commit: str) -> None:
        run(self.bare, "update-ref", ref, commit)

    def _place(self, name: str) -> Path:
        """Something in the lender's git folder, which may be shared with other work trees."""
        said = run(self.lender, "rev-parse", "--git-path", name).out.strip()
        return (
            Path(self.lender.git_dir.parent, said) if self.lender.root is None else self.lender.root / said
        ).resolve()
