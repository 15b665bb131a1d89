"""Other repositories: fetched from, pushed to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from scaffolder.errors import GitError
from scaffolder.git.command import Answer, Repo, reason, run
from scaffolder.git.credentials import ANONYMOUS, Access
from scaffolder.git.repository import fill, init
from scaffolder.redact import redact

# what git says where the branch is ahead of ours, and where it moved while we pushed
AHEAD: Final = ("non-fast-forward", "fetch first", "but expected", "incorrect old value", "stale info")
# what GitHub (also for rulesets), GitLab and Gitea say of a protected branch, and git of any server's hook
PROTECTED: Final = ("protected branch", "GH006", "GH013", "repository rule violations", "hook declined")


class BehindError(GitError):
    """The other side has commits that we do not have."""


class ProtectedError(GitError):
    """The other side takes nothing on this branch from us."""


def contact(repo: Repo | None, access: Access, url: str, *words: str, ok: Sequence[int] = (0,)) -> Answer:
    """One git command that talks to another repository.

    Raises:
        GitError: it ended with a status that is not in `ok`.
    """
    with access.opened(url) as environment:
        answer = run(repo, *words, ok=range(256), env=environment)
    if answer.status not in ok:
        raise GitError(f"git {words[0]} failed: {access.hidden(reason(answer))}")
    return answer


def remote_tip(repo: Repo, url: str, branch: str, access: Access = ANONYMOUS) -> str | None:
    """The commit that a branch of another repository is at."""
    answer = contact(repo, access, url, "ls-remote", "--heads", "--", url, f"refs/heads/{branch}")
    return answer.out.split("\t")[0].strip() or None


def fetched(repo: Repo, url: str, branch: str, access: Access = ANONYMOUS) -> str | None:
    """The commit that a branch of another repository is at, brought into ours; none of our branches changes."""
    if remote_tip(repo, url, branch, access) is None:
        return None
    contact(repo, access, url, "fetch", "--quiet", "--no-tags", "--", url, f"refs/heads/{branch}")
    return run(repo, "rev-parse", "FETCH_HEAD").out.strip()


def default_branch(url: str, access: Access = ANONYMOUS) -> str | None:
    """The branch that a clone of another repository would check out; None where it has none."""
    answer = contact(None, access, url, "ls-remote", "--symref", "--", url, "HEAD")
    found = re.match(r"ref: refs/heads/(\S+)\tHEAD\n", answer.out)
    return found[1] if found else None


def clone(repo: Repo, url: str, branch: str, access: Access = ANONYMOUS, *, start: str | None = None) -> None:
    """A full clone of one branch; where it is missing, of `start` under its name; without both, an empty one."""
    init(repo, branch)
    for there in filter(None, (branch, start)):
        if remote_tip(repo, url, there, access):
            refs = f"+refs/heads/{there}:refs/heads/{branch}"
            contact(repo, access, url, "fetch", "--quiet", "--no-tags", "--update-head-ok", "--", url, refs)
            fill(repo)
            return


def push(
    repo: Repo, url: str, branch: str, access: Access = ANONYMOUS, *, to: str = "", lease: str | None = None
) -> None:
    """Pushes a branch, under its own name or another.

    Args:
        repo: where the branch is.
        url: the other repository.
        branch: what is pushed.
        access: what opens the other repository.
        to: the branch's name there.
        lease: the commit that the branch there may be replaced at, empty where it must not be there yet; without one,
            nothing is ever forced.

    Raises:
        BehindError: the other side has commits that we do not have.
        ProtectedError: nothing may be pushed to this branch.
        GitError: it refuses.
    """
    there = f"refs/heads/{to or branch}"
    force = [] if lease is None else [f"--force-with-lease={there}:{lease}"]
    refs = f"refs/heads/{branch}:{there}"
    answer = contact(repo, access, url, "push", "--quiet", *force, "--", url, refs, ok=range(256))
    if not answer.status:
        return
    if any(words in answer.err for words in AHEAD):
        hint = f"git pull --rebase {redact(url)} {branch}, then run this again"
        raise BehindError(f"`{to or branch}` has commits there that are not here", hint=hint)
    told = [line.removeprefix("remote:") for line in answer.err.splitlines() if line.startswith("remote:")]
    said = [line.strip().removeprefix("error:").strip() for line in told]  # Gitea's first line is that word alone
    hint = access.hidden(next(filter(None, said), ""))
    kind = ProtectedError if any(words in answer.err for words in PROTECTED) else GitError
    raise kind(f"git push failed: {access.hidden(reason(answer))}", hint=hint)


def refusal(repo: Repo, url: str, access: Access = ANONYMOUS) -> str:
    """Why the other side would take no push, in git's words; empty where it would. Nothing is sent."""
    words = ("push", "--dry-run", "--quiet", "--", url, ":refs/heads/scaffolder")  # of a branch that is not there
    answer = contact(repo, access, url, *words, ok=range(256))
    return access.hidden(reason(answer)) if answer.status else ""


def set_origin(repo: Repo, url: str, branch: str, access: Access = ANONYMOUS) -> bool:
    """Makes a URL the remote `origin` where there is none, and its branch what ours follows; says if it was news."""
    known = run(repo, "remote", "get-url", "origin", ok=(0, 2, 128))
    if known.status == 0 and known.out.strip() != url:
        return False  # somebody's own choice
    if known.status:
        run(repo, "remote", "add", "origin", url)
    refs = f"+refs/heads/{branch}:refs/remotes/origin/{branch}"
    contact(repo, access, url, "fetch", "--quiet", "--no-tags", "origin", refs)
    run(repo, "branch", "--quiet", f"--set-upstream-to=origin/{branch}", branch)
    return bool(known.status)
