"""The only room that knows git's command line."""

from scaffolder.git.command import Answer, Repo, run
from scaffolder.git.commits import Commit, Person, commit, identity
from scaffolder.git.remote import clone, push, remote_tip, set_origin
from scaffolder.git.repository import (
    changed,
    check_version,
    current_branch,
    fill,
    find,
    init,
    merge_file,
    refresh,
    tip,
)

__all__ = [
    "Answer",
    "Commit",
    "Person",
    "Repo",
    "changed",
    "check_version",
    "clone",
    "commit",
    "current_branch",
    "fill",
    "find",
    "identity",
    "init",
    "merge_file",
    "push",
    "refresh",
    "remote_tip",
    "run",
    "set_origin",
    "tip",
]
