"""The only room that knows git's command line."""

from scaffolder.git.command import Answer, Repo, run
from scaffolder.git.commits import Commit, Person, commit, identity
from scaffolder.git.merging import Unfinished, add, indexed, mark, restore, stages, unfinished, unmerged
from scaffolder.git.objects import Commit as CommitFiles
from scaffolder.git.objects import commit_at
from scaffolder.git.remote import clone, push, refusal, remote_tip, set_origin
from scaffolder.git.repository import (
    as_committed,
    changed,
    check_version,
    current_branch,
    fill,
    find,
    init,
    is_sparse,
    merge_file,
    refresh,
    tip,
)

__all__ = [
    "Answer",
    "Commit",
    "CommitFiles",
    "Person",
    "Repo",
    "Unfinished",
    "add",
    "as_committed",
    "changed",
    "check_version",
    "clone",
    "commit",
    "commit_at",
    "current_branch",
    "fill",
    "find",
    "identity",
    "indexed",
    "init",
    "is_sparse",
    "mark",
    "merge_file",
    "push",
    "refresh",
    "refusal",
    "remote_tip",
    "restore",
    "run",
    "set_origin",
    "stages",
    "tip",
    "unfinished",
    "unmerged",
]
