"""Other repositories: fetched from, pushed to."""

from __future__ import annotations

from scaffolder.errors import GitError
from scaffolder.git.command import Repo, reason, run
from scaffolder.git.repository import fill, init
from scaffolder.redact import redact


def remote_tip(repo: Repo, url: str, branch: str) -> str | None:
    """The commit that a branch of another repository is at."""
    return run(repo, "ls-remote", "--heads", "--", url, f"refs/heads/{branch}").out.split("\t")[0].strip() or None


def clone(repo: Repo, url: str, branch: str) -> None:
    """A full clone of one branch; of an empty repository, an empty one on that branch."""
    init(repo, branch)
    if remote_tip(repo, url, branch):
        refs = f"+refs/heads/{branch}:refs/heads/{branch}"
        run(repo, "fetch", "--quiet", "--no-tags", "--update-head-ok", "--", url, refs)
        fill(repo)


def push(repo: Repo, url: str, branch: str) -> None:
    """Pushes a branch; never forces.

    Raises:
        GitError: the other side has commits that we do not have, or refuses.
    """
    answer = run(repo, "push", "--quiet", "--", url, f"refs/heads/{branch}:refs/heads/{branch}", ok=range(256))
    if answer.status and ("non-fast-forward" in answer.err or "fetch first" in answer.err):
        hint = f"git pull --rebase {redact(url)} {branch}, then run this again"
        raise GitError(f"`{branch}` has commits there that are not here", hint=hint)
    if answer.status:
        said = [line.removeprefix("remote:").strip() for line in answer.err.splitlines() if line.startswith("remote:")]
        raise GitError(f"git push failed: {reason(answer)}", hint=redact(next(filter(None, said), "")))


def set_origin(repo: Repo, url: str, branch: str) -> bool:
    """Makes a URL the remote `origin` where there is none, and its branch what ours follows; says if it was news."""
    known = run(repo, "remote", "get-url", "origin", ok=(0, 2, 128))
    if known.status == 0 and known.out.strip() != url:
        return False  # somebody's own choice
    if known.status:
        run(repo, "remote", "add", "origin", url)
    run(repo, "fetch", "--quiet", "--no-tags", "origin", f"+refs/heads/{branch}:refs/remotes/origin/{branch}")
    run(repo, "branch", "--quiet", f"--set-upstream-to=origin/{branch}", branch)
    return bool(known.status)
