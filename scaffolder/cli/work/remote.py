"""A branch here and the same branch elsewhere."""

from __future__ import annotations

import re

from scaffolder import git
from scaffolder.errors import GitError
from scaffolder.git.credentials import ANONYMOUS, Access
from scaffolder.git.remote import contact
from scaffolder.redact import redact


def follow(repo: git.Repo, url: str, branch: str, access: Access = ANONYMOUS) -> None:
    """Brings the branch that is checked out, and its files, to where it is elsewhere; may be repeated.

    Raises:
        GitError: each has commits that the other lacks, or changes of people's are in the way; nothing was done then.
    """
    contact(repo, access, url, "fetch", "--quiet", "--no-tags", "--", url, f"refs/heads/{branch}")
    answer = git.run(repo, "merge", "--quiet", "--ff-only", "--no-verify-signatures", "FETCH_HEAD", ok=range(256))
    if not answer.status:
        return
    if "fast-forward" in answer.err or "unrelated" in answer.err:
        hint = f"git pull --rebase {redact(url)} {branch}, then run this again"
        raise GitError(f"`{branch}` has commits there that are not here, and others here", hint=hint)
    files = re.findall(r"^\t(.+)$", answer.err, re.MULTILINE)
    place = f"{files[0]} is changed here and is in the way" if files else " ".join(answer.err.split())
    raise GitError(place, hint="commit or stash your changes, then run this again")
