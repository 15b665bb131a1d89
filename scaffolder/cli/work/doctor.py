"""`doctor`: signs of what is missing, from this machine's programs to what the token may do on the forge."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scaffolder import git
from scaffolder.bridge import programs
from scaffolder.cli.work import tokens
from scaffolder.cli.work.bootstrap.asked import of_url
from scaffolder.cli.work.change.forges import authorities, platform_of
from scaffolder.cli.work.given import readable
from scaffolder.errors import ForgeError, ScaffolderError, UsageError
from scaffolder.forge.base import Login, Server
from scaffolder.forge.doctor import Job, Sign
from scaffolder.forge.doctor import doctor as doctor_of
from scaffolder.forge.hosted import HOSTS
from scaffolder.forge.names import server_at
from scaffolder.git.credentials import Access
from scaffolder.report import Finding, Report, exit_code

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.spec.model import Platform


@dataclass(frozen=True)
class Said:
    """What the flags say; None where they say nothing."""

    kind: str | None
    owner: str | None
    repository: str | None
    hostname: str | None
    personal: bool
    teams: bool
    ca_file: Path | None


def doctor(console: Console, *, said: Said, token: tokens.Given) -> Report:
    """Tells what is there as it is found, and what is missing in the report."""
    repo = _here()
    platform = platform_of(repo) if repo else None
    forge = _of_forge(console, said, token, platform)
    findings = []
    for sign in chain(_of_programs(), forge):
        if sign.level == "ok":
            console.done(sign.message)
        else:
            findings.append(Finding(level=sign.level, code="doctor", message=sign.message, hint=sign.hint))
    report = Report(command="doctor", findings=tuple(findings))
    code = exit_code(report)
    summary = "something is missing" if code else "nothing that is needed is missing"
    return report.model_copy(update={"exit_code": code, "summary": summary})


def _here() -> git.Repo | None:
    """The repository that the working directory is in."""
    try:
        return git.find(Path.cwd())
    except UsageError:
        return None


def _of_programs() -> Iterator[Sign]:
    git.check_version()
    yield Sign(git.run(None, "version").out.strip())
    for program in programs.PROGRAMS:
        version = programs.version(program)
        if version:
            yield Sign(f"{program.name} {version}")
        else:
            what = "is not on the PATH" if version is None else "does not say its version"
            yield Sign(f"{program.name} {what}", "note", f"it is for {program.purpose}")


def _of_forge(console: Console, said: Said, token: tokens.Given, platform: Platform | None) -> Iterator[Sign]:
    """What the forge's doctor finds; nothing where no forge is named."""
    kind = said.kind or (platform.repository.forge if platform else None)
    if kind is None:
        if said.owner or said.repository or said.hostname:
            raise UsageError("which forge it is, is missing", hint=f"name it: {', '.join(HOSTS)}")
        yield Sign("no forge is named: only this machine was looked at", "note", f"name one: {', '.join(HOSTS)}")
        return
    job, server = _job(said, platform), server_at(_hostname(said, platform) or HOSTS[kind].domain)
    ca_file = readable("--ca-file", said.ca_file) if said.ca_file else authorities(_here(), server)
    secret = tokens.found(console, HOSTS[kind], server.host, token, ca_file)
    try:
        with doctor_of(kind).opened(Login(server, secret, ca_file)) as api:
            there = yield from doctor_of(kind).examine(api, job)
        if there:
            yield _pushing(server, job, Access(password=secret, ca_file=ca_file))
    except ForgeError as error:
        yield Sign(error.message, "error", error.hint or "is the token one of this forge's, and not at its end?")


def _job(said: Said, platform: Platform | None) -> Job:
    owner, name = of_url(platform.repository.url or "") if platform else ("", "")
    owner, name = said.owner or owner, said.repository or name or (platform.name if platform else "")
    if not owner or not name:
        missing = "--repository" if owner else "--owner"
        raise UsageError(f"{missing} is missing", hint="or run this in a repository whose documents have its URL")
    branch = platform.repository.branch if platform else "main"
    protect = bool(platform and platform.repository.protection)
    return Job(owner, name, branch, said.personal, said.teams, protect)


def _hostname(said: Said, platform: Platform | None) -> str | None:
    """Where the forge is: as flags or documents say it, else the host of the repository's URL."""
    if said.hostname or platform is None:
        return said.hostname
    url = urlsplit(platform.repository.url or "")
    host = url.netloc if url.scheme == "https" else url.hostname
    return platform.repository.hostname or host


def _pushing(server: Server, job: Job, access: Access) -> Sign:
    """Whether git itself may push: the scopes of a token for that may be others than those for the API."""
    with tempfile.TemporaryDirectory(prefix="scaffolder-") as folder:
        repo = git.Repo(Path(folder, "git"))
        git.init(repo, job.branch)
        try:
            said = git.refusal(repo, server.git_url(job.owner, job.name), access)
        except ScaffolderError as error:
            said = error.message
    if said:
        return Sign(
            f"git may not push to {job.owner}/{job.name}: {said}",
            "error",
            "the token needs a scope or permission to write",
        )
    return Sign(f"git may push to {job.owner}/{job.name}")
