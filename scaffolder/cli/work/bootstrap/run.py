"""`flux bootstrap` for a whole repository: documents from flags, Flux's commits and ours, the forge's part, a push.

All work is done in a temporary clone: of the repository with documents that the working directory is in, else of the
one on the forge. The user's own branch follows last, in one step of git's. So whatever stops a run, the next one finds
either nothing done or a forge that is ahead, and goes on from there.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder import git
from scaffolder.cli.work import faults
from scaffolder.cli.work.bootstrap import fallback, flags, protection
from scaffolder.cli.work.bootstrap.asked import Asked
from scaffolder.cli.work.bootstrap.handover import refuse_unfit, steps
from scaffolder.cli.work.bootstrap.install import aims, foreseen, install
from scaffolder.cli.work.change import together
from scaffolder.cli.work.commits import COMPONENTS, FLUX, SYNC, commits_of
from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.remote import follow
from scaffolder.cli.work.session import (
    Planned,
    Session,
    has_documents,
    planned,
    refuse_other_components,
    refuse_without_components,
)
from scaffolder.errors import ConflictError, UsageError, shown
from scaffolder.forge.base import Action, Hosted, Repository
from scaffolder.git.remote import ProtectedError
from scaffolder.report import Made, Report
from scaffolder.spec.load import Spec
from scaffolder.spec.types import git_name

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.git.signing import Signer

BRANCH: Final = "main"
WATCH: Final = "flux get kustomizations --all-namespaces --watch"


@dataclass(frozen=True)
class Job:
    """One bootstrap. `here` is the user's own repository, if there is one; `clone` the temporary one."""

    asked: Asked
    here: Session | None
    clone: Session
    owner: str
    name: str
    branch: str
    hosted: Hosted | None
    signer: Signer | None

    @property
    def console(self) -> Console:
        return self.clone.console


def bootstrap(console: Console, *, asked: Asked, dry_run: bool) -> Report:
    """Makes or finishes the repository on its forge; where others push meanwhile, all over again."""
    git.check_version()
    _refuse_branch(asked.branch)
    with asked.signing.opened() as signer:
        return together.again(console, partial(_attempt, console, asked, signer, dry_run=dry_run))


def _refuse_branch(name: str | None) -> None:
    """Refuses what cannot name a branch, before forge and git are asked for it."""
    if name is None:
        return
    if not name:  # as a script has it whose variable is not set
        raise UsageError("--branch is empty", hint="name one, e.g. main, or leave it out")
    try:
        git_name(name)
    except ValueError as error:
        raise UsageError(f"--branch {shown(name)} {error}", hint="leave it out for main") from None


def _attempt(console: Console, asked: Asked, signer: Signer | None, *, dry_run: bool) -> Report:
    with tempfile.TemporaryDirectory(prefix="scaffolder-") as scratch:
        clone = Session.at(git.Repo(Path(scratch, ".git"), Path(scratch)), console)
        job = _job(clone, asked, signer)
        if job.here:
            together.refuse_unfinished(job.here, job.branch)
        asked.transport.fill(clone, job.here, job.hosted, job.branch)
        return _run(job, dry_run=dry_run)


def _job(clone: Session, asked: Asked, signer: Signer | None) -> Job:
    here = _here(clone.console)
    platform = Spec(here.tree).platform if here else None
    owner, name = asked.home(platform)
    if not name:
        raise UsageError("--repository is missing", hint="or run this in a repository made by `scaffolder new`")
    hosted = asked.forge.find_repository(owner, name)
    usual = asked.transport.default_branch(hosted) if hosted and not (asked.branch or platform) else None
    branch = asked.branch or (platform.repository.branch if platform else usual or BRANCH)
    return Job(asked, here, clone, owner, name, branch, hosted, signer)


def _here(console: Console) -> Session | None:
    """The repository with documents that the working directory is in."""
    try:
        session = Session.at(git.find(Path.cwd()), console)
    except UsageError:
        return None
    return session if has_documents(session.tree) else None


def _planned(job: Job) -> Planned:
    tree, asked = job.clone.tree, job.asked
    documents = flags.edits(tree, asked) if has_documents(tree) else flags.new_documents(_of_branch(job))
    job.console.step("generating component and sync manifests")
    obtain = Obtain(job.console, asked.manifests, network=True)
    with faults.of_flags(documents):
        wanted = planned(tree, documents, obtain)
    refuse_without_components(wanted.todo, obtain)
    refuse_other_components(wanted.todo, obtain)
    if wanted.todo.conflicts:
        path = min(wanted.todo.conflicts)
        first = "`scaffolder sync` shows all conflicts; solve and commit them first"
        hint = first if has_documents(tree) else "in a clone of it, `scaffolder adopt` takes what is there as it is"
        raise ConflictError(f"{path}: {wanted.todo.conflicts[path]}", hint=hint)
    if (follows := wanted.spec.platform.repository.branch) != job.branch:
        raise UsageError(f"the documents are for the branch `{follows}`", hint=f"give --branch {follows}")
    refuse_unfit(wanted.spec, job.asked)
    return wanted


def _of_branch(job: Job) -> Asked:
    """What new documents say: also the branch, where it is not the usual one."""
    return job.asked if job.branch == BRANCH else replace(job.asked, branch=job.branch)


def _run(job: Job, *, dry_run: bool) -> Report:
    wanted = _planned(job)
    if job.asked.proposal:
        hosted = job.hosted if job.hosted is None or dry_run else _ensured(job, wanted)
        return fallback.proposed(job, partial(_built, job), hosted, dry_run=dry_run)
    _refuse_changed(job, wanted)
    made = _report(job, wanted, dry_run=dry_run)
    aim, file = aims(job.console, wanted.spec, job.asked)
    made = made.model_copy(update={"cluster": foreseen(aim) if aim else file.foreseen() if file else ()})
    platform, rules = wanted.spec.platform, job.asked.rules
    if dry_run:
        made = protection.foreseen(made, rules, platform, job.hosted)
        return made.model_copy(update={"summary": _would(job, wanted)})
    commits, start = job.asked.transport.arranged(_commits(job, wanted)), git.tip(job.clone.repo, job.branch)
    hosted = _ensured(job, wanted)
    url = hosted.git_url
    _commit(job, commits, partial(job.asked.transport.commit, job.clone, hosted))
    try:
        pushed = _push(job, hosted) or bool(commits)
    except ProtectedError as error:
        return fallback.fallen_back(job, partial(_built, job), hosted, start, error)
    _follow(job, hosted)
    made = protection.ensured(made, job.console, rules, platform, hosted)
    if aim:
        files = git.CommitFiles(job.clone.repo, git.tip(job.clone.repo, job.branch) or "")
        install(aim, files, job.asked.transport.commit_there(job.clone, job.branch))
    if file:
        file.write()
    summary = f'"{job.branch}" is pushed to {url}' if pushed else f"{url} is in step"
    after = "scaffolder check" if job.here else f"git clone {url}"
    left = (WATCH,) if aim else steps(wanted.spec, job.asked)
    return made.model_copy(update={"summary": summary, "next": (after, *left)})


def _refuse_changed(job: Job, wanted: Planned) -> None:
    if job.here:
        changed = set(git.changed(job.here.repo, [])) & wanted.paths
        together.refuse_changed(sorted(changed))


def _would(job: Job, wanted: Planned) -> str:
    url = job.hosted.git_url if job.hosted else ""
    if job.hosted and not wanted.paths and job.asked.transport.is_there(job.clone, job.hosted, job.branch):
        return f"{url} is in step"
    if job.hosted and job.asked.rules and job.asked.rules.may_push(job.hosted, job.branch) is False:
        return f'"{job.branch}" is protected: this would become a change request'
    return f'"{job.branch}" would be pushed to {url or job.asked.forge.title}'


def _report(job: Job, wanted: Planned, *, dry_run: bool) -> Report:
    """What is going to happen; made before anything does."""
    made = wanted.report(f"bootstrap {job.asked.forge.kind}", job.clone.tree, dry_run=dry_run)
    action = Made(
        action="unchanged" if job.hosted else "created", kind="repository", name=f"{job.owner}/{job.name}".strip("/")
    )
    return made.model_copy(update={"forge": (action,), "exit_code": 0})


def _ensured(job: Job, wanted: Planned) -> Hosted:
    platform = wanted.spec.platform
    about = f"GitOps repository of {platform.name}"
    job.console.step(f"connecting to {job.asked.forge.title}")
    ensured = job.asked.forge.ensure_repository(
        Repository(job.owner, job.name, job.branch, platform.repository.visibility, about)
    )
    job.console.record(ensured.action, "repository", f"{job.owner}/{job.name}".strip("/"))
    if ensured.action is Action.CREATED:
        job.console.done(f'repository "{ensured.value.git_url}" created')
    return ensured.value


def _commit(job: Job, commits: dict[str, git.Commit], make: Callable[..., list[str]]) -> None:
    made = make(job.branch, list(commits.values()), job.signer) if commits else []
    hashes = dict(zip(commits, made, strict=True))
    for what in dict.fromkeys((COMPONENTS, SYNC, *commits)):
        if what in hashes:
            job.console.done(f'committed {what} to "{job.branch}" ("{hashes[what]}")')
        else:
            job.console.done(f"{what} are up to date")


def _commits(job: Job, wanted: Planned) -> dict[str, git.Commit]:
    everybody = job.asked.author.of_all
    author = (lambda: everybody) if everybody else partial(git.identity, (job.here or job.clone).repo)
    return commits_of(wanted, author, job.asked.appendix, everybody or FLUX)


def _follow(job: Job, hosted: Hosted) -> None:
    """Brings the user's own branch to what is pushed."""
    if job.here:
        follow(job.here.repo, str(job.clone.tree.root), job.branch)
        if git.set_origin(job.here.repo, hosted.git_url, job.branch, hosted.access):
            job.console.done(f'remote "origin" is {hosted.git_url}')


def _push(job: Job, hosted: Hosted) -> bool:
    """Pushes the branch where the forge does not have it yet; says whether it had to."""
    transport = job.asked.transport
    if transport.is_there(job.clone, hosted, job.branch):
        return False
    transport.push(job.clone, hosted, job.branch)
    job.console.record(Action.UPDATED, "branch", job.branch)
    return True


def _built(job: Job, _last: str) -> Report:
    """Makes our commits in the clone, on top of what it has."""
    wanted = _planned(job)
    made = _report(job, wanted, dry_run=False)
    _commit(job, _commits(job, wanted), partial(git.commit, job.clone.repo))
    git.fill(job.clone.repo)
    return made
