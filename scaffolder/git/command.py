"""Runs git through GitPython, never through its index or work-tree classes."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scaffolder.errors import GitError
from scaffolder.redact import redact

INSTALL: Final = "install git 2.34 or newer"

# Nobody's hooks run, paths are no patterns, and conflicts and logs look the same everywhere.
SETTINGS: Final = (
    "--literal-pathspecs",
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "merge.conflictStyle=merge"),
    *("-c", "log.showSignature=false"),
)

# What git tells a hook of the repository that it runs for, and what would change the meaning of our words.
OF_A_HOOK: Final = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GLOB_PATHSPECS",
    "GIT_GRAFT_FILE",
    "GIT_ICASE_PATHSPECS",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)


@dataclass(frozen=True)
class Repo:
    """A repository; `root` is its work tree, None for a bare one."""

    git_dir: Path
    root: Path | None = None


@dataclass(frozen=True)
class Answer:
    status: int
    out: str
    err: str


def run(
    repo: Repo | None,
    *words: str,
    ok: Sequence[int] = (0,),
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
) -> Answer:
    """One git command, in a repository or (None) in none; `env` is for it alone, beside what it inherits.

    Raises:
        GitError: git is missing, or ended with a status that is not in `ok`.
    """
    git, missing = _gitpython()
    with tempfile.TemporaryFile() as source:
        source.write(stdin)
        source.seek(0)
        try:
            status, out, err = git(str((repo.root or repo.git_dir) if repo else tempfile.gettempdir())).execute(
                ["git", *SETTINGS, *_folders(repo), *words],
                istream=source,
                env={"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", **(env or {})},
                with_extended_output=True,
                with_exceptions=False,
                strip_newline_in_stdout=False,
            )
        except missing:
            raise GitError("git is not installed", hint=INSTALL) from None
    answer = Answer(int(status), _text(out), _text(err))
    if answer.status not in ok:
        raise GitError(f"git {words[0]} failed: {reason(answer)}")
    return answer


def _folders(repo: Repo | None) -> list[str]:
    """The folders said outright: nothing is looked for."""
    if repo is None:
        return []
    return [f"--git-dir={repo.git_dir}", *([f"--work-tree={repo.root}"] if repo.root else [])]


def _gitpython() -> tuple[Any, Any]:
    for name in OF_A_HOOK:
        os.environ.pop(name, None)
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # else the import itself fails without git
    from git import Git, GitCommandNotFound  # noqa: PLC0415  it takes 70 ms, and most commands never need it

    return Git, GitCommandNotFound


def _text(output: Any) -> str:
    return output.decode("utf-8", "replace") if isinstance(output, bytes) else str(output)


def reason(answer: Answer) -> str:
    lines = [line for line in (answer.err or answer.out).splitlines() if line.strip() and not line.startswith("hint:")]
    refused = [line.strip().removeprefix("! ") for line in lines if line.startswith(" ! [")]  # what push says
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    first = (refused or fatal or lines or [f"status {answer.status}"])[0]
    return redact(first.removeprefix("fatal: ").removeprefix("error: "))
