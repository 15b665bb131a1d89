"""`flux bootstrap` for a whole repository: documents from flags, Flux's commits and ours, the forge's part, a push.

In a repository with documents it works there; anywhere else in a temporary clone, and leaves nothing behind but the
repository on the forge.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder import apply, git, plan, report
from scaffolder.cli.work import flags
from scaffolder.cli.work.commits import COMPONENTS, SYNC, commits_of
from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.flags import Asked
from scaffolder.cli.work.session import Documents, Session, checked, fallback, has_documents, notes, tools
from scaffolder.errors import ConflictError, GitError, UsageError
from scaffolder.forge.base import Action, Hosted, Repository
from scaffolder.report import ForgeAction, Report
from scaffolder.spec.load import APART, TOGETHER
from scaffolder.tree import Memory

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.plan import Plan
    from scaffolder.spec.load import Spec

OURS: Final = (TOGETHER, APART, ".scaffolder")


@dataclass(frozen=True)
class Job:
    """One bootstrap, planned. `here`: in the user's own repository, not in a temporary clone."""

    session: Session
    here: bool
    asked: Asked
    spec: Spec
    documents: Documents
    todo: Plan

    @property
    def wanted(self) -> Repository:
        platform = self.spec.platform
        name = self.asked.repository or platform.name
        where = platform.repository
        return Repository(
            self.asked.owner, name, where.branch, where.visibility, f"GitOps repository of {platform.name}"
        )


def bootstrap(console: Console, *, asked: Asked, dry_run: bool) -> Report:
    """Makes or finishes the repository on its forge."""
    git.check_version()
    here = _here(console)
    if here is not None:
        _refuse_unfinished(here)
        return _run(_planned(here, asked, here=True), dry_run=dry_run)
    if asked.repository is None:
        raise UsageError("--repository is required", hint="or run this in a repository made by `scaffolder new`")
    with tempfile.TemporaryDirectory(prefix="scaffolder-") as scratch:
        repo = git.Repo(Path(scratch, ".git"), Path(scratch))
        hosted = asked.forge.find_repository(asked.owner, asked.repository)
        branch = asked.branch or "main"
        if hosted:
            console.step(f'cloning branch "{branch}" from Git repository "{hosted.git_url}"')
            git.clone(repo, hosted.git_url, branch)
            console.done("cloned repository")
        else:
            git.init(repo, branch)
        return _run(_planned(Session.at(repo, console), asked, here=False), dry_run=dry_run)


def _here(console: Console) -> Session | None:
    """The repository with documents that the working directory is in."""
    try:
        session = Session.at(git.find(Path.cwd()), console)
    except UsageError:
        return None
    return session if has_documents(session.tree) else None


def _refuse_unfinished(session: Session) -> None:
    """What people have not committed yet must not slip into a commit of ours."""
    dirty = git.changed(session.repo, OURS)
    if dirty:
        raise GitError(f"{dirty[0]} is not committed yet", hint="commit or stash your changes, then run this again")


def _planned(session: Session, asked: Asked, *, here: bool) -> Job:
    tree = session.tree
    documents = flags.edits(tree, asked) if has_documents(tree) else flags.new_documents(asked)
    source = Memory(documents, tree)
    spec = checked(source)
    if asked.path is not None:
        flags.cluster_at(spec, asked.path)
    obtain = Obtain(session.console, asked.manifests, network=True)
    session.console.step("generating component and sync manifests")
    todo = plan.make(spec, source, tools(obtain))
    fallback(todo, obtain)
    if todo.conflicts:
        first = min(todo.conflicts)
        hint = "`scaffolder sync` shows all conflicts; solve and commit them first"
        raise ConflictError(f"{first}: {todo.conflicts[first]}", hint=hint)
    if here and git.current_branch(session.repo) != (branch := spec.platform.repository.branch):
        raise GitError(f"the branch `{branch}` is not checked out", hint=f"git switch {branch}")
    return Job(session, here, asked, spec, documents, todo)


def _run(job: Job, *, dry_run: bool) -> Report:
    made = _report(job)
    if dry_run:
        return made.model_copy(update={"dry_run": True, "summary": "this is what would happen"})
    console, branch = job.session.console, job.wanted.branch
    commits = commits_of(job.spec, job.todo, job.documents, job.asked.author, job.session.repo, job.asked.appendix)
    console.step(f"connecting to {job.asked.forge.title}")
    ensured = job.asked.forge.ensure_repository(job.wanted)
    url = ensured.value.git_url
    if ensured.action is Action.CREATED:
        console.done(f'repository "{url}" created')
    _commit(job, commits)
    pushed = _push(job.session, ensured.value, branch)
    if job.here and git.set_origin(job.session.repo, url, branch):
        console.done(f'remote "origin" is {url}')
    summary = f'"{branch}" is pushed to {url}' if commits or pushed else f"{url} is in step"
    after = "scaffolder check" if job.here else f"git clone {url}"
    return made.model_copy(update={"summary": summary, "next": (after,)})


def _report(job: Job) -> Report:
    """What is going to happen; made before anything does."""
    found = job.asked.forge.find_repository(job.wanted.owner, job.wanted.name)
    action = ForgeAction(
        action="unchanged" if found else "created", kind="repository", name=f"{job.wanted.owner}/{job.wanted.name}"
    )
    return Report(
        command=f"bootstrap {job.asked.forge.kind}",
        documents=report.documents_of(job.documents, job.session.tree),
        files=report.files_of(job.todo),
        forge=(action,),
        findings=tuple(notes(job.spec, job.todo)),
    )


def _commit(job: Job, commits: dict[str, git.Commit]) -> None:
    console, branch, repo = job.session.console, job.wanted.branch, job.session.repo
    made = git.commit(repo, branch, list(commits.values())) if commits else []
    hashes = dict(zip(commits, made, strict=True))
    for what in dict.fromkeys((COMPONENTS, SYNC, *commits)):
        if what in hashes:
            console.done(f'committed {what} to "{branch}" ("{hashes[what]}")')
        else:
            console.done(f"{what} are up to date")
    if job.here and commits:
        apply.carry_out(job.session.tree, job.todo, job.documents)
        git.refresh(repo, sorted({path for commit in commits.values() for path in commit.files}))


def _push(session: Session, hosted: Hosted, branch: str) -> bool:
    """Pushes the branch where the forge does not have it yet; says whether it had to."""
    ours = git.tip(session.repo, branch)
    if ours is None:
        raise GitError(f"the branch `{branch}` has no commits", hint="commit first")
    if git.remote_tip(session.repo, hosted.git_url, branch) == ours:
        return False
    session.console.step(f'pushing "{branch}" to "{hosted.git_url}"')
    git.push(session.repo, hosted.git_url, branch)
    return True
