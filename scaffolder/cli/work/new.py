"""A repository from documents: everything is made in memory, checked, and only then put on the disk."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scaffolder import git, plan, report
from scaffolder.cli.work.commits import Author, commits_of
from scaffolder.cli.work.components import Obtain
from scaffolder.cli.work.session import Documents, checked, fallback, notes, tools
from scaffolder.errors import UsageError
from scaffolder.flux.versions import NEWEST
from scaffolder.report import Report
from scaffolder.spec.load import TOGETHER, Spec
from scaffolder.spec.write import changed, document
from scaffolder.templates import newest
from scaffolder.tree import File, Memory

if TYPE_CHECKING:
    from scaffolder.cli.console import Console

__all__ = ["Asked", "Author", "new"]

STAGES: Final = ("dev", "staging", "prod")
UNFINISHED: Final = "scaffolder/new"  # in the git folder while files are still being put down
HEADER: Final = "# What this platform is made of. `scaffolder schema KIND` prints what a document may hold.\n"


@dataclass(frozen=True)
class Asked:
    """A platform in a few options."""

    name: str | None = None
    environments: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()  # environment/name
    url: str | None = None
    branch: str | None = None
    domain: str | None = None
    variables: tuple[str, ...] = ()  # NAME=VALUE
    flux_version: str | None = None
    kubernetes: str | None = None


def new(
    console: Console,
    *,
    folder: Path,
    file: Path | None,
    asked: Asked,
    manifests: Path | None,
    author: Author,
    dry_run: bool,
) -> Report:
    """Makes the repository in `folder` and commits it: Flux's two commits, then ours."""
    folder = folder.absolute()
    if not dry_run and _finish(folder):
        return Report(command="new", summary=f"{folder} is finished", next=_next(folder))
    _refuse_used(folder)
    git.check_version()
    documents = _from_file(file, asked) if file else _from_options(folder, asked)
    documents |= complete(Memory(documents))
    spec = checked(Memory(documents))
    obtain = Obtain(console, manifests, network=True)
    console.step("generating the repository")
    todo = plan.make(spec, Memory(documents), tools(obtain))
    fallback(todo, obtain)
    if not dry_run:
        _create(folder, spec, todo, documents, author)
    return Report(
        command="new",
        dry_run=dry_run,
        documents=report.documents_of(documents, Memory({})),
        files=report.files_of(todo),
        findings=tuple(notes(spec, todo)),
        summary=_told(folder, spec, dry_run=dry_run),
        next=() if dry_run else _next(folder),
    )


def _told(folder: Path, spec: Spec, *, dry_run: bool) -> str:
    verb = "would hold" if dry_run else "holds"
    return f"{folder} {verb} {len(spec.names('environment'))} environments and {len(spec.names('cluster'))} clusters"


def _next(folder: Path) -> tuple[str, ...]:
    return (
        f"cd {folder}",
        "scaffolder add-app podinfo --chart podinfo --repo https://stefanprodan.github.io/podinfo",
        "scaffolder bootstrap local",
    )


def _refuse_used(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise UsageError(f"{folder} is not a folder")
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty", hint="choose another folder")


def _from_file(file: Path, asked: Asked) -> Documents:
    given = [name for name, value in vars(asked).items() if value]
    if given:
        raise UsageError(f"--file says it all: leave out --{given[0].rstrip('s').replace('_', '-')}")
    try:
        return {TOGETHER: File(file.read_bytes())}
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {(error.strerror or '').lower()}") from None


def _from_options(folder: Path, asked: Asked) -> Documents:
    clusters = [_cluster(text) for text in asked.clusters]
    environments = list(dict.fromkeys([*asked.environments, *(environment for environment, _ in clusters)]))
    ordered = asked.environments or (() if clusters else STAGES)
    if not environments:
        environments = list(STAGES)
    if not clusters:
        clusters = [(environment, f"{environment}-1") for environment in environments]
    after = dict(zip(ordered[1:], ordered, strict=False))
    texts = [document("platform", asked.name or folder.name, platform_fields(asked))]
    texts += [document("environment", name, {"after": after.get(name)}) for name in environments]
    texts += [document("cluster", name, {"environment": environment}) for environment, name in clusters]
    return {TOGETHER: File((HEADER + "---\n".join(texts)).encode())}


def _cluster(text: str) -> tuple[str, str]:
    environment, slash, name = text.partition("/")
    if not slash or not environment or not name:
        raise UsageError(f"--cluster {text}: must be ENVIRONMENT/NAME, such as prod/eu-1")
    return environment, name


def platform_fields(asked: Asked) -> dict[str, Any]:
    """The platform document's fields for some options."""
    variables = {}
    for text in asked.variables:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--variable {text}: must be NAME=VALUE")
        variables[name] = value
    repository = {"url": asked.url, "branch": asked.branch}
    return {
        "templates": newest(),
        "kubernetes": asked.kubernetes,
        "domain": asked.domain,
        "variables": variables,
        "repository": {key: value for key, value in repository.items() if value},
        "flux": {"version": asked.flux_version or NEWEST},
    }


def complete(source: Memory) -> Documents:
    """The platform document with the versions that a repository never leaves open."""
    spec = checked(source)
    platform = spec.platform
    documents: Documents = {}
    for path, given, value in (
        (("templates",), platform.templates, newest()),
        (("flux", "version"), platform.flux.version, NEWEST),
    ):
        if given is None:
            documents |= changed(Memory(documents, source), ("platform", platform.name), path, value)
    return documents


def _create(folder: Path, spec: Spec, todo: plan.Plan, documents: Documents, author: Author) -> None:
    """Puts the repository down: its git folder whole with all commits, then the files from it."""
    made_folder = not folder.exists()
    building = folder / ".git.new"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        repo = git.Repo(building, folder)
        git.init(repo, spec.platform.repository.branch)
        commits = commits_of(spec, todo, documents, author, repo)
        git.commit(repo, spec.platform.repository.branch, list(commits.values()))
        marker = building / UNFINISHED
        marker.parent.mkdir(exist_ok=True)
        marker.touch()
        building.rename(folder / ".git")
    except OSError as error:
        _undo(folder, building, made_folder=made_folder)
        raise UsageError(f"{folder} cannot be written: {(error.strerror or '').lower()}") from None
    except BaseException:
        _undo(folder, building, made_folder=made_folder)
        raise
    _finish(folder)


def _undo(folder: Path, building: Path, *, made_folder: bool) -> None:
    shutil.rmtree(building, ignore_errors=True)
    if made_folder and folder.exists() and not any(folder.iterdir()):
        folder.rmdir()


def _finish(folder: Path) -> bool:
    """Puts down the files of a repository whose making was cut off; says whether there was such a one."""
    shutil.rmtree(folder / ".git.new", ignore_errors=True)
    marker = folder / ".git" / UNFINISHED
    if not marker.exists():
        return False
    git.fill(git.Repo(folder / ".git", folder))
    marker.unlink()
    return True
