"""`bootstrap` as a change request: where it was asked for, or where the branch may not be pushed to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from scaffolder import git
from scaffolder.cli.work.bootstrap.secretfile import SecretFile
from scaffolder.cli.work.change.delivery import PREFIX, Asked, Home, Offer, deliver
from scaffolder.errors import GitError, UsageError

if TYPE_CHECKING:
    from scaffolder.cli.work.bootstrap.run import Job
    from scaffolder.forge.base import Hosted
    from scaffolder.git.remote import ProtectedError
    from scaffolder.report import Report

Build = Callable[[str], "Report"]  # as `delivery.Offer` has it


def proposed(job: Job, build: Build, hosted: Hosted | None, *, dry_run: bool) -> Report:
    """Proposes what `build` commits.

    Raises:
        UsageError: the forge has no change requests, or there is nothing yet that one could come into.
    """
    asked = job.asked
    if asked.changes is None:
        raise UsageError(f"--change-request: {asked.forge.title} has no change requests", hint="leave it out")
    if hosted is None:
        message = f"{job.owner}/{job.name} is not there yet: there is nothing that a change could come into"
        raise UsageError(message, hint="the first time, leave out --change-request")
    home, head = Home(hosted, asked.changes), f"{PREFIX}/bootstrap"
    made = deliver(Offer(asked.proposal or Asked(), job.clone, home, job.branch, head, build), dry_run=dry_run)
    flag = "--secret-file" if isinstance(asked.apply, SecretFile) else "--apply"
    waits = f"scaffolder bootstrap {asked.forge.kind} {flag} …    again, when it is merged: the cluster waits for it"
    return made.model_copy(update={"next": (*made.next, *([waits] if asked.apply and made.next else ()))})


def fallen_back(job: Job, build: Build, hosted: Hosted, start: str | None, error: ProtectedError) -> Report:
    """Takes the commits that were refused back to `start`, and proposes them.

    Raises:
        ProtectedError: there is no such branch yet, so that nothing can be proposed either.
        GitError: the forge has no change requests.
    """
    repo = job.clone.repo
    if start is None or not git.remote_tip(repo, hosted.git_url, job.branch, hosted.access):
        raise error
    if job.asked.changes is None:
        hint = "let this user push to the branch: a plain Git server has no change requests"
        raise GitError(error.message, hint=f"{error.hint}; {hint}" if error.hint else hint)
    job.console.done(f'"{job.branch}" is protected: this becomes a change request')
    git.run(repo, "update-ref", f"refs/heads/{job.branch}", start)
    git.fill(repo)
    return proposed(job, build, hosted, dry_run=False)
