"""Forges as a bootstrap finds them: one that has the owner of its repository, and nothing of the repository yet."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scaffolder.forge.hosted import HOSTS
from tests.support.forges.github import GitHub
from tests.support.forges.gitlab import TOKEN, GitLab
from tests.support.forges.store import Store
from tests.support.forges.wire import Server, serving
from tests.support.gitea import Gitea
from tests.support.place import Place

OF_THEIR_OWN = re.compile(r"^(id|iid|.*_id|.*_at|.*_?url|sha|commit|merge_base|squash.*|key|token)$")
Found = dict[str, Any]


@dataclass(frozen=True)
class Bench:
    """`flags` are the command line, but for what a test is about; `about` is what the API says of the repository."""

    flags: tuple[str, ...]
    bare: Callable[[], Path]
    about: Callable[[], Found]
    reviewer: str = ""

    def state(self) -> Found:
        """All that is there, without what is another's in each repository: numbers, times, and keys."""
        place = Place(self.bare())
        branches = place.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split()
        said = ("log", "--reverse", "--format=%T %an <%ae> %s")
        commits = {name: place.git(*said, name).splitlines() for name in branches}
        return {"branches": commits, **stripped(self.about())}


def stripped(found: Any) -> Any:
    if isinstance(found, dict):
        return {name: stripped(each) for name, each in found.items() if not OF_THEIR_OWN.match(str(name))}
    if isinstance(found, list):
        return [stripped(each) for each in found]
    return re.sub(r"\b[0-9a-f]{40}\b", "#", found) if isinstance(found, str) else found


def _environment(request: pytest.FixtureRequest, **values: str) -> None:
    for name, value in {"no_proxy": "localhost", **values}.items():
        request.getfixturevalue("monkeypatch").setenv(name, value)


@contextmanager
def on_gitea(request: pytest.FixtureRequest, _folder: Path) -> Iterator[Bench]:
    gitea: Gitea = request.getfixturevalue("gitea")
    _environment(request, GITEA_TOKEN=gitea.token)
    owner = gitea.organisation("benches")
    if gitea.ask("GET", f"orgs/{owner}/teams/search?q=devs").data["data"] == []:
        gitea.team(owner, "devs")

    def about() -> Found:
        (repository,) = gitea.done("GET", f"orgs/{owner}/repos")
        return {
            "repository": {name: repository[name] for name in ("name", "private", "description", "default_branch")},
            "settings": repository["default_delete_branch_after_merge"],
            "teams": [each["name"] for each in gitea.done("GET", f"repos/{owner}/fleet/teams")],
            **{
                what: gitea.done("GET", f"repos/{owner}/fleet/{what}")
                for what in ("keys", "branch_protections", "labels")
            },
        }

    server = (f"--hostname={gitea.host}", f"--ssh-hostname={gitea.ssh}", f"--ca-file={gitea.authority}")
    flags = ("bootstrap", "gitea", f"--owner={owner}", "--repository=fleet", "--team=devs", *server)
    yield Bench(flags, lambda: gitea.repository(owner, "fleet"), about)


@contextmanager
def on_gitlab(request: pytest.FixtureRequest, folder: Path) -> Iterator[Bench]:
    server: Server = request.getfixturevalue("forge_server")
    _environment(request, GITLAB_TOKEN=TOKEN)
    gitlab = GitLab(server, folder)
    gitlab.group("acme")
    gitlab.group("devs")
    bob = gitlab.user("bob")

    def about() -> Found:
        (project,) = gitlab.projects.values()
        project.members["bob"] = 30
        return {
            "groups": [each["full_path"] for each in gitlab.groups.values()],
            "repository": project.data,
            "teams": list(project.shares.values()),
            "keys": [(gitlab.keys[number]["title"], push) for number, push in project.keys.items()],
            "protected": project.protected,
            "approvals": list(project.approvals.values()),
            "labels": project.labels,
            "requests": project.requests,
        }

    where = (f"--hostname={server.host}", "--ssh-hostname=ssh.example.com", f"--ca-file={server.authority}")
    flags = ("bootstrap", "gitlab", "--owner=acme/platform", "--repository=fleet", "--team=devs", *where)
    with serving(server, gitlab):
        yield Bench(flags, lambda: gitlab.at("acme/platform/fleet").bare.folder, about, bob)


@contextmanager
def on_github(request: pytest.FixtureRequest, folder: Path) -> Iterator[Bench]:
    server: Server = request.getfixturevalue("forge_server")
    github = GitHub(Store(folder))
    github.organisation("acme")
    devs = github.team("acme", "devs")
    _environment(request, GITHUB_TOKEN=github.token)

    def about() -> Found:
        (repository,) = github.repositories.values()
        said = {name: each for name, each in vars(repository).items() if name not in {"bare", "keys", "pulls"}}
        return {
            "repository": said,
            "teams": list(devs.repositories.values()),
            "requests": [vars(each) for each in repository.pulls.values()],
        }

    where = (f"--hostname={server.host}", "--ssh-hostname=ssh.example.com", f"--ca-file={server.authority}")
    flags = ("bootstrap", "github", "--owner=acme", "--repository=fleet", "--team=devs", *where)
    with serving(server, github):
        yield Bench(flags, lambda: next(iter(github.repositories.values())).bare.folder, about)


@contextmanager
def in_folder(_request: pytest.FixtureRequest, folder: Path) -> Iterator[Bench]:
    bare = folder / "local" / "fleet.git"

    def about() -> Found:
        files = sorted(bare.glob("scaffolder/changes/[0-9]*.json"))
        return {"requests": [json.loads(each.read_text()) for each in files]}

    yield Bench(("bootstrap", "local", f"--root={folder}", "--repository=fleet"), lambda: bare, about, "bob")


Open = Callable[[pytest.FixtureRequest, Path], AbstractContextManager[Bench]]
BENCHES: dict[str, Open] = {"local": in_folder, "gitea": on_gitea, "gitlab": on_gitlab, "github": on_github}
HOSTED = [kind for kind in BENCHES if kind in HOSTS]
