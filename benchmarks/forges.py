"""What a bootstrap asks of forges beside the real `flux bootstrap`, and how long a large one takes.

`python -m benchmarks.forges` needs the programs of `tests.toolbox.build`; `--write` puts the tables into
benchmarks/README.md. Gitea is the real one, GitLab and GitHub are those of the tests. Both programs run to their end,
on a cluster of the test bed.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.certificates import HOST
from tests.support.forges.github import GitHub
from tests.support.forges.gitlab import TOKEN, GitLab
from tests.support.forges.store import Store
from tests.support.forges.wire import Server, serving
from tests.support.gitea import Gitea, started
from tests.testbed.bed import Bed, standing
from tests.testbed.processes import running
from tests.toolbox.programs import PROGRAMS

HERE: Final = Path(__file__).parent
EXAMPLE: Final = HERE.parent / "examples/forty-clusters"
BEGIN, END = "<!-- forges -->\n", "<!-- end of forges -->\n"
PAIRS: Final = 5
FLUX: Final = (str(PROGRAMS["flux"].path),)
OURS: Final = (sys.executable, "-m", "scaffolder")


@dataclass(frozen=True)
class Account:
    """A forge that has the owner of a repository; `calls` are what its API was asked up to now."""

    kind: str
    flags: tuple[str, ...]
    environment: dict[str, str]
    calls: Callable[[], list[str]]


@contextmanager
def on_gitea(gitea: Gitea, _folder: Path) -> Iterator[Account]:
    where = (f"--hostname={gitea.host}", f"--ssh-hostname={gitea.ssh}", f"--ca-file={gitea.authority}")
    flags = (*where, f"--owner={gitea.organisation()}", "--repository=fleet")
    yield Account(
        "gitea",
        flags,
        {"GITEA_TOKEN": gitea.token},
        lambda: [each for each in gitea.requests() if " /api/v1/" in each],
    )


@contextmanager
def on_gitlab(server: Server, folder: Path) -> Iterator[Account]:
    gitlab = GitLab(server, Path(tempfile.mkdtemp(dir=folder)))
    gitlab.group("acme")
    flags = (f"--hostname={server.host}", f"--ca-file={server.authority}", "--owner=acme", "--repository=fleet")
    with serving(server, gitlab):
        yield Account(
            "gitlab",
            (*flags, "--deploy-token-auth"),
            {"GITLAB_TOKEN": TOKEN},
            lambda: [str(each) for each in gitlab.calls],
        )


@contextmanager
def on_github(server: Server, folder: Path) -> Iterator[Account]:
    github = GitHub(Store(Path(tempfile.mkdtemp(dir=folder))))
    github.organisation("acme")
    flags = (f"--hostname={server.host}", f"--ca-file={server.authority}", "--owner=acme", "--repository=fleet")
    with serving(server, github):
        yield Account(
            "github",
            (*flags, "--token-auth"),
            {"GITHUB_TOKEN": github.token},
            lambda: [str(each) for each in github.calls],
        )


def ran(words: tuple[str, ...], account: Account, bed: Bed, at: Path) -> str:
    """How many reads and writes a command asks the API for: `5 + 2`."""
    before = len(account.calls())
    environment = {**os.environ, **account.environment, "KUBECONFIG": str(bed.plane.kubeconfig), "HOME": str(at)}
    done = subprocess.run(words, cwd=at, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{words[0]} bootstrap {account.kind}: {done.stdout}{done.stderr}")
    asked = account.calls()[before:]
    reads = sum(each.startswith("GET ") for each in asked)
    print(f"{' '.join(words[:3])}: {', '.join(asked)}", file=sys.stderr)
    return f"{reads} + {len(asked) - reads}"


def counted(bed: Bed, gitea: Gitea, server: Server, scratch: Path) -> Iterator[str]:
    """A line for each forge."""
    opened = {
        "Gitea, deploy key": lambda: on_gitea(gitea, scratch),
        "GitLab, deploy token": lambda: on_gitlab(server, scratch),
        "GitHub, token": lambda: on_github(server, scratch),
    }
    manifests = f"--manifests={PROGRAMS['flux'].folder / 'manifests'}"
    for title, opening in opened.items():
        found = []
        for program, more in ((FLUX, ()), (OURS, ("--apply", manifests))):
            with opening() as account:
                words = (*program, "bootstrap", account.kind, *account.flags, "--path=clusters/prod", *more)
                found += [ran(words, account, bed, scratch) for _ in range(2)]
            bed.renew()
        with opening() as account:
            words = (*OURS, "bootstrap", account.kind, *account.flags, "--path=clusters/prod", manifests)
            plain = [ran((*words, *more), account, bed, scratch) for more in ((), (), ("--protect",), ())]
        print(found, plain, file=sys.stderr)
        yield f"| {title} | {' | '.join([found[0], found[2], found[1], found[3], plain[1], plain[3]])} |"


def timed(words: tuple[str, ...], at: Path, environment: dict[str, str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(words, cwd=at, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{shlex.join(words)}: {done.stdout}{done.stderr}")
    return time.perf_counter() - start


def large(gitea: Gitea, scratch: Path) -> Iterator[str]:
    """Pairs of the bootstrap of a large repository, and what it cannot do without: Git, and curl for the API."""
    environment = {**os.environ, "GITEA_TOKEN": gitea.token, "GIT_SSL_CAINFO": str(gitea.authority)}
    made = scratch / "made"
    manifests = f"--manifests={PROGRAMS['flux'].folder / 'manifests'}"
    new = (*OURS, "new", str(made), f"--file={EXAMPLE}", manifests)
    subprocess.run(new, check=True, capture_output=True)
    pairs = []
    for number in range(PAIRS):
        repository, plain = scratch / f"ours-{number}", scratch / f"plain-{number}"
        shutil.copytree(made, repository)
        with on_gitea(gitea, scratch) as account:
            before = len(account.calls())
            flags = (*account.flags, manifests)
            ours = timed((*OURS, "bootstrap", "gitea", *flags), repository, environment)
            asked = account.calls()[before:]
        shutil.copytree(repository, plain, ignore=shutil.ignore_patterns(".git"))
        owner = gitea.organisation()
        script = by_hand(gitea, asked, account.flags[-2].partition("=")[2], owner)
        pairs.append((ours, timed(("bash", "-ec", script), plain, environment)))
        print(f"forty clusters: {pairs[-1]}", file=sys.stderr)
    ours, theirs = min(one for one, _ in pairs), min(other for _, other in pairs)
    ratio = sorted(one / other for one, other in pairs)[PAIRS // 2]
    yield f"| forty clusters, on Gitea | {ours:.2f} | {theirs:.2f} | {ratio:.2f} |"


def by_hand(gitea: Gitea, asked: list[str], before: str, owner: str) -> str:
    """The same with curl and Git, for another owner."""
    curl = f'curl -sS -o /dev/null --cacert {gitea.authority} -H "Authorization: token $GITEA_TOKEN"'
    url = f"https://{gitea.host}"
    lines = []
    for call in asked:
        method, path = call.replace(before, owner).split()
        body = """ -H 'Content-Type: application/json' -d '{"name": "fleet", "private": true}'"""
        lines.append(f"{curl} -X {method} {url}{path}{body if method == 'POST' else ''}")
    login = "!f() { echo username=git; echo password=$GITEA_TOKEN; }; f"
    push = f"git -c credential.helper={shlex.quote(login)} push -q {url}/{owner}/fleet.git main"
    return "\n".join([*lines, "git init -q -b main", "git add -A", "git commit -qm x", push])


def tables(scratch: Path) -> str:
    with running(scratch / "logs") as processes:
        gitea = started(processes)
        heads = ("Flux, first", "ours", "Flux, no-op", "ours", "without a cluster, no-op", "protected, no-op")
        lines = [f"| requests to the API | {' | '.join(heads)} |", "|---|" + "---:|" * len(heads)]
        (scratch / "server").mkdir()
        server = Server(scratch / "server")
        with standing(logs=scratch / "bed") as bed:
            lines += counted(bed, gitea, server, scratch)
        server.stop()
        lines += ["", "| bootstrap | seconds | Git and curl | ratio |", "|---|---:|---:|---:|", *large(gitea, scratch)]
    lines += ["", f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}."]
    return "\n".join(lines) + "\n"


def main() -> None:
    cli = argparse.ArgumentParser(description=__doc__)
    cli.add_argument("--write", action="store_true")
    asked = cli.parse_args()
    os.environ |= {"no_proxy": f"{HOST},127.0.0.1", "GIT_CONFIG_GLOBAL": os.devnull}
    os.environ |= {f"GIT_{who}_{what}": "b@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    os.environ["PATH"] = f"{PROGRAMS['kubectl'].path.parent}:{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as folder:
        figures = tables(Path(folder))
    print(figures)
    if asked.write:
        head, _, rest = (HERE / "README.md").read_text().partition(BEGIN)
        (HERE / "README.md").write_text(head + BEGIN + figures + END + rest.partition(END)[2])


if __name__ == "__main__":
    main()
