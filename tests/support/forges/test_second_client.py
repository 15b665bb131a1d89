"""The forges of these tests before a client that is not ours: multi-gitter, on Go's libraries for their APIs and git.

On GitHub it asks GraphQL for what it shows and merges, so there it opens and renews a pull request. On Gitea, which is
a real one, it goes the way that it goes on GitLab.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.judges.tools import require
from tests.support.forges.github import GitHub
from tests.support.forges.gitlab import TOKEN, GitLab
from tests.support.forges.wire import Server
from tests.support.gitea import Gitea

# What GitLab takes from everybody who has its Go library, though its description knows nothing but lists there.
LOOSE = {"POST /projects/{id}/merge_requests labels", "POST /projects/{id}/merge_requests assignee_ids"}


@dataclass(frozen=True)
class Client:
    """multi-gitter, at one repository; `token` is the variable that it is read from, and the token."""

    folder: Path
    forge: Server | Gitea
    flags: tuple[str, ...]
    token: tuple[str, str]

    def __call__(self, verb: str, *words: str) -> str:
        """What it says. It trusts the forge's authority alone, and a proxy that there is not keeps it from the rest."""
        name, value = self.token
        authority = {"SSL_CERT_FILE": str(self.forge.authority), "SSL_CERT_DIR": str(self.folder / "none")}
        where = (f"--base-url=https://{self.forge.host}", "--branch=change", "--plain-output", *self.flags)
        done = subprocess.run(
            [require("multi-gitter"), verb, *where, *words],
            cwd=self.folder,
            env={**os.environ, **authority, "TMPDIR": str(self.folder), name: value},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.rstrip().rpartition("\n")[2].strip()

    def change(self, content: str, *words: str) -> str:
        """Opens a request, or renews it."""
        script = self.folder / "change.sh"
        script.write_text(f"#!/bin/sh\necho {content} >replicas\n", encoding="utf-8")
        script.chmod(0o755)
        return self("run", str(script), f"--commit-message={content} replicas", *words)


def test_a_pull_request_is_opened_and_what_is_pushed_later_goes_into_it(
    github: GitHub, forge_server: Server, tmp_path: Path
) -> None:
    fleet = github.repository("acme", "fleet")
    fleet.collaborators["bob"] = "pull"
    before = fleet.bare.commit("main", {"replicas": "1\n"})
    client = Client(tmp_path, forge_server, ("--platform=github", "--repo=acme/fleet"), ("GITHUB_TOKEN", github.token))

    said = [client.change("2"), client.change("3", "--conflict-strategy=replace", "--reviewers=bob")]

    (made,) = fleet.pulls.values()
    assert said == ["acme/fleet #1"] * 2
    assert (made.title, made.head, made.base, made.state) == ("3 replicas", "change", "main", "open")
    assert made.people == ["bob"]
    assert fleet.bare.git("show", "change:replicas") == "3"
    assert fleet.bare.ahead("main", "change") == [fleet.bare.tip("change")]
    assert fleet.bare.tip("main") == before


def test_a_merge_request_is_opened_and_seen_and_merged(gitlab: GitLab, forge_server: Server, tmp_path: Path) -> None:
    gitlab.group("acme")
    bob = gitlab.user("bob")
    fleet = gitlab.project("acme/fleet")
    fleet.bare.commit("main", {"replicas": "1\n"})
    client = Client(tmp_path, forge_server, ("--platform=gitlab", "--project=acme/fleet"), ("GITLAB_TOKEN", TOKEN))

    client.change("2", "--labels=fleet,urgent", f"--reviewers={bob}")

    (made,) = fleet.requests
    assert (made["source_branch"], made["target_branch"], made["state"]) == ("change", "main", "opened")
    assert (made["labels"], made["reviewer_ids"]) == (["fleet", "urgent"], [gitlab.users[bob]])
    assert fleet.bare.git("show", "change:replicas") == "2"
    assert seen_and_merged(client) == ["acme/fleet #1: Success", "acme/fleet #1: Merged"]
    assert fleet.bare.git("show", "main:replicas") == "2"
    assert fleet.bare.branches().keys() == {"main"}
    described = gitlab.routers[0]
    assert {each.partition(": ")[0] for each in described.violations} == LOOSE
    described.violations.clear()


def test_a_real_forge_says_the_same(gitea: Gitea, tmp_path: Path) -> None:
    owner = gitea.organisation()
    gitea.done("POST", f"orgs/{owner}/repos", {"name": "fleet", "auto_init": True, "default_branch": "main"})
    client = Client(tmp_path, gitea, ("--platform=gitea", f"--repo={owner}/fleet"), ("GITEA_TOKEN", gitea.token))

    client.change("2")

    assert seen_and_merged(client) == [f"{owner}/fleet #1: Success", f"{owner}/fleet #1: Merged"]
    assert [each["name"] for each in gitea.done("GET", f"repos/{owner}/fleet/branches")] == ["main"]


def seen_and_merged(client: Client) -> list[str]:
    """What is said of the request before and after it is merged."""
    before = client("status")
    client("merge")
    return [before, client("status")]
