"""`bootstrap gitlab` on a fake GitLab; the real one is only to be had with an account."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scaffolder.cli.console import Console
from scaffolder.cli.work.bootstrap.account import Account
from scaffolder.cli.work.bootstrap.sharing import Borrowed, Grant
from scaffolder.forge.base import Action
from tests.cli.support import Make, log
from tests.forge.support import gitlab_forge
from tests.judges.tools import require
from tests.support.forges.gitlab import TOKEN, GitLab
from tests.support.place import Place
from tests.support.shared import flux_release

FLUX = ["Flux <>|Add Flux v2.9.4 component manifests", "Flux <>|Add Flux sync manifests"]
FLEET = [*FLUX, "Ada <ada@example.com>|Add platform fleet"]
LOOK = "GET /projects/acme%2Fplatform%2Ffleet"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPe6d0nSDvAi5hHy5x4hNEuTr0ZyDQ3YbKUJnsEeZ0ya"
TITLE = "flux-system-main-flux-system-./clusters/prod"
Words = Callable[..., tuple[str, ...]]


@pytest.fixture(autouse=True)
def _token(gitlab: GitLab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "localhost")
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    gitlab.group("acme")


@pytest.fixture
def words(gitlab: GitLab, flux: str) -> Words:
    """`bootstrap gitlab` for the repository `fleet` of an owner."""
    server = (f"--hostname={gitlab.server.host}", "--ssh-hostname=ssh.example.com")
    more = (f"--ca-file={gitlab.server.authority}", "--path=clusters/prod", f"--manifests={flux}")
    return lambda owner="acme/platform", *said: (
        *("bootstrap", "gitlab", f"--owner={owner}", "--repository=fleet"),
        *(*server, *more, *said),
    )


def at(gitlab: GitLab, full: str = "acme/platform/fleet") -> Place:
    return Place(gitlab.at(full).bare.folder)


def sync(place: Place, path: str = "clusters/prod") -> str:
    return place.git("show", f"main:{path}/flux-system/gotk-sync.yaml")


def calls(gitlab: GitLab) -> list[str]:
    return [str(each) for each in gitlab.calls]


def test_a_group_s_repository_is_made_with_flux_s_two_commits_and_ours_and_then_nothing_is_left_to_do(
    gitlab: GitLab, place: Place, words: Words
) -> None:
    first = place.run(*words())
    refs, asked = at(gitlab).git("for-each-ref"), calls(gitlab)
    gitlab.calls.clear()
    second = place.run(*words())

    assert log(at(gitlab)) == FLEET
    assert "  url: ssh://git@ssh.example.com/acme/platform/fleet\n---" in sync(at(gitlab))
    assert f'✔ "main" is pushed to https://{gitlab.server.host}/acme/platform/fleet.git' in first.err
    groups = ["GET /groups/acme%2Fplatform?with_projects=False", "GET /groups/acme?with_projects=False"]
    assert asked == [LOOK, *groups, LOOK, groups[0], "POST /groups", "POST /projects"]
    assert calls(gitlab) == [LOOK]
    assert at(gitlab).git("for-each-ref") == refs
    assert f"✔ https://{gitlab.server.host}/acme/platform/fleet.git is in step\n" in second.err
    assert list(place.root.iterdir()) == []


def test_a_person_s_command_line_for_flux_works_with_the_name_changed(
    gitlab: GitLab, place: Place, flux: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gitlab.user("paulboisson", "glpat-of-paul")
    monkeypatch.setenv("GITLAB_TOKEN", "glpat-of-paul")
    theirs = "--owner=paulboisson --repository=article-gitops-fluxcd-setup --branch=main --path=clusters --token-auth"
    here = (f"--hostname={gitlab.server.host}", f"--ca-file={gitlab.server.authority}", f"--manifests={flux}")

    ran = place.run("bootstrap", "gitlab", *theirs.split(), "--personal", *here)

    made = at(gitlab, "paulboisson/article-gitops-fluxcd-setup")
    assert log(made)[:2] == FLUX
    url = f"https://{gitlab.server.host}/paulboisson/article-gitops-fluxcd-setup.git"
    assert f"  url: {url}\n---" in sync(made, "clusters")
    assert f'--username=git --ca-crt-file={gitlab.server.authority} --password="$GITLAB_TOKEN"' in ran.err
    assert [each for each in calls(gitlab) if not each.startswith("GET /projects")] == ["GET /user", "POST /projects"]


@pytest.mark.parametrize(
    ("said", "visibility"),
    [
        ((), "private"),
        (("--private=false",), "public"),
        (("--visibility=internal",), "internal"),
        (("--visibility=private", "--private"), "private"),
    ],
)
def test_who_may_see_it_is_said_in_either_way(
    gitlab: GitLab, place: Place, words: Words, said: tuple[str, ...], visibility: str
) -> None:
    gitlab.group("open", "public")

    place.run(*words("open", *said))

    assert gitlab.at("open/fleet").data["visibility"] == visibility


def test_a_repository_that_is_there_keeps_its_settings_and_what_is_in_it(
    gitlab: GitLab, place: Place, words: Words
) -> None:
    project = gitlab.project("acme/fleet", description="theirs", visibility="internal")
    project.bare.commit("main", {"README.md": "ours\n"}, "First")

    place.run(*words("acme"))

    assert log(at(gitlab, "acme/fleet"), "%s") == ["First", *(each.partition("|")[2] for each in FLEET)]
    assert (project.data["description"], project.data["visibility"]) == ("theirs", "internal")


def test_groups_share_the_repository_and_it_takes_no_more_calls_to_see_that(
    gitlab: GitLab, place: Place, words: Words
) -> None:
    teams = {gitlab.group("people/devs"): 30, gitlab.group("people/ops"): 40}
    asked = words("acme", "--team=people/devs:push", "--team=people/ops", "--output=json")

    first = json.loads(place.run(*asked).out)["forge"]
    gitlab.calls.clear()
    second = json.loads(place.run(*asked).out)["forge"]

    assert calls(gitlab) == ["GET /projects/acme%2Ffleet"]
    assert [(made["action"], made["kind"], made["name"]) for made in first] == [
        ("created", "repository", "acme/fleet"),
        ("created", "team", "people/devs"),
        ("created", "team", "people/ops"),
    ]
    assert {made["action"] for made in second} == {"unchanged"}
    assert gitlab.at("acme/fleet").shares == teams


def test_a_dry_run_only_reads(gitlab: GitLab, place: Place, words: Words) -> None:
    gitlab.group("devs")

    ran = place.run(*words("acme/platform", "--team=devs", "--dry-run", "--output=json"))

    made = [(each["action"], each["kind"], each["name"]) for each in json.loads(ran.out)["forge"]]
    assert made == [("created", "repository", "acme/platform/fleet"), ("created", "team", "devs")]
    assert {each.method for each in gitlab.calls} == {"GET"}


def test_a_branch_that_documents_ask_to_protect_is_closed_after_the_push_and_then_nothing_is_left_to_do(
    gitlab: GitLab, place: Place, words: Words
) -> None:
    first, second = (json.loads(place.run(*words("acme", "--protect", "--output=json")).out) for _ in range(2))

    assert [(made["action"], made["kind"]) for made in first["forge"]] == [
        ("created", "repository"),
        ("created", "branch protection"),
        ("unchanged", "merge settings"),
        ("created", "label"),
    ]
    assert {made["action"] for made in second["forge"]} == {"unchanged"}
    project = gitlab.at("acme/fleet")
    assert not gitlab.may_push(project, "main", "keeper")
    assert [each["approvals_required"] for each in project.approvals.values()] == [1]


def test_a_repository_made_by_new_is_pushed_and_followed(gitlab: GitLab, repository: Make, words: Words) -> None:
    mine = repository()

    mine.run(*(word for word in words() if "--path" not in word))

    assert mine.git("rev-parse", "HEAD") == at(gitlab).git("rev-parse", "main")
    assert mine.git("remote", "get-url", "origin") == f"https://{gitlab.server.host}/acme/platform/fleet.git\n"
    mine.run("check")


def test_a_cluster_s_key_becomes_the_deploy_key_that_flux_would_make(
    gitlab: GitLab, place: Place, words: Words, account: Account, request: pytest.FixtureRequest
) -> None:
    place.run(*words())
    grant = Grant(Console(), gitlab_forge(gitlab, request), replace(account, read_write_key=True))

    for _ in range(2):
        grant(TITLE, KEY)

    (number, push), *others = gitlab.at("acme/platform/fleet").keys.items()
    assert (gitlab.keys[number]["title"], push, others) == (TITLE, True, [])
    assert grant.made == [Action.CREATED, Action.UNCHANGED]


def test_a_deploy_token_is_lent_to_a_cluster_and_works_until_another_is(
    gitlab: GitLab, place: Place, words: Words, account: Account, request: pytest.FixtureRequest
) -> None:
    ran = place.run(*words("acme/platform", "--deploy-token-auth"))
    borrowed = Borrowed(Console(), gitlab_forge(gitlab, request), account, [], {}, TITLE)

    first, second = borrowed.renewed(), borrowed.renewed()

    assert [borrowed.works(each.username) for each in (first, second)] == [False, True]
    assert f"  url: https://{gitlab.server.host}/acme/platform/fleet.git\n---" in sync(at(gitlab))
    assert f"make a deploy token `{TITLE}` with read_repository in the settings of https://" in ran.err
    assert '--username="$DEPLOY_TOKEN_USERNAME" --password="$DEPLOY_TOKEN"' in ran.err


@pytest.fixture
def account(gitlab: GitLab) -> Account:
    return Account(
        kind="gitlab",
        owner="acme/platform",
        repository="fleet",
        hostname=gitlab.server.host,
        personal=False,
        team=(),
        token_auth=False,
        ssh_hostname=None,
        ca_file=None,
        read_write_key=False,
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--hostname=localhost:1",), "localhost:1 cannot be reached: Connection refused"),
        (("--ca-file=/etc/ssl/certs/ca-certificates.crt",), " cannot be trusted: unable to get local issuer"),
        (("--owner=nobody",), " has no group nobody that this token may see"),
        (("--personal",), "the token belongs to keeper, not to acme/platform"),
        (("--team=ghosts",), " has no group `ghosts` that this token may see"),
        (("--owner=acme", "--repository=old"), "acme/old on localhost:"),
        (("--owner=acme", "--repository=before"), "acme/before was renamed: it is acme/after now"),
    ],
)
def test_where_gitlab_says_no_it_is_one_line_and_a_hint_and_nothing_was_made(
    gitlab: GitLab, place: Place, words: Words, more: tuple[str, ...], said: str
) -> None:
    gitlab.project("acme/old", archived=True)
    gitlab.project("acme/before")
    gitlab.rename("acme/before", "acme/after")

    ran = place.run(*words(), *more, code=7)

    assert re.fullmatch(rf"► .*\n✗ .*{re.escape(said)}.*\n  \S.*\n", ran.err)
    assert {each.method for each in gitlab.calls} <= {"GET"}


@pytest.mark.parametrize(
    ("level", "scopes", "code", "said"),
    [
        (0, ("api",), 7, "✗ localhost:# has no group acme that this token may see"),
        (10, ("api",), 7, "✗ acme/fleet cannot be created: namespace is not valid"),
        (50, ("read_api",), 7, "✗ acme/fleet cannot be created: the token has too few scopes"),
    ],
)
def test_a_token_that_may_not_is_told_what_it_lacks(  # noqa: PLR0913, PLR0917  who, and what is said to them
    gitlab: GitLab,
    place: Place,
    words: Words,
    monkeypatch: pytest.MonkeyPatch,
    level: int,
    scopes: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    monkeypatch.setenv("GITLAB_TOKEN", "glpat-of-ada")
    gitlab.user("ada", "glpat-of-ada", scopes)
    gitlab.members[next(iter(gitlab.groups))] = {"ada": level}

    ran = place.run(*words("acme"), code=code)

    assert re.sub(r"localhost:\d+", "localhost:#", ran.err).splitlines()[-2].startswith(said)
    assert gitlab.projects == {}


def test_what_may_not_be_pushed_to_a_protected_branch_is_proposed_and_what_may_not_be_pushed_at_all_is_told(
    gitlab: GitLab, place: Place, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITLAB_TOKEN", "glpat-of-ada")
    gitlab.user("ada", "glpat-of-ada")
    project = gitlab.project("acme/fleet")
    project.members["ada"] = 30
    project.bare.commit("main", {"a": "1\n"})

    guarded = place.run(*words("acme"))
    gitlab.user("ada", "glpat-of-ada", ("read_api",))
    reading = place.run(*words("acme"), code=6)

    assert '✔ "main" is protected: this becomes a change request\n' in guarded.err
    assert [each["source_branch"] for each in project.requests] == ["scaffolder/bootstrap"]
    assert reading.err.endswith("returned error: 403\n  the token needs the scope api or write_repository\n")


@pytest.mark.parametrize(
    ("more", "given", "said"),
    [
        ((), "", "GitLab needs a token"),
        (("--token-auth", "--deploy-token-auth"), "x\n", "--token-auth and --deploy-token-auth cannot be set both"),
        (("--visibility=public", "--private"), "x\n", "invalid value: --visibility public and --private do not agree"),
        (("--visibility=secret",), "x\n", "invalid value for '--visibility': 'secret' is not one of"),
        (("--owner=acme//x",), "x\n", "`` cannot name an owner or repository"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    place: Place, more: tuple[str, ...], given: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITLAB_TOKEN")
    monkeypatch.setattr("sys.stdin", io.StringIO(given))

    ran = place.run("bootstrap", "gitlab", "--owner=acme", "--repository=fleet", *more, code=2)

    assert f"✗ {said}" in ran.err


def test_the_token_is_in_no_file_and_no_word_of_any_program(
    gitlab: GitLab, place: Place, words: Words, monkeypatch: pytest.MonkeyPatch, scratch: Path
) -> None:
    place.git("config", "--global", "credential.helper", "store")
    started: list[str] = []
    popen = subprocess.Popen.__init__

    def watched(process: Any, *said: Any, **more: Any) -> None:
        started.append(str(said or more["args"]))
        popen(process, *said, **more)

    monkeypatch.setattr(subprocess.Popen, "__init__", watched)

    ran = [place.run(*words("acme", "--token-auth")), place.run(*words("nobody", "--token-auth"), code=7)]

    left = [path for root in (place.root.parent, Path.home()) for path in root.rglob("*") if path.is_file()]
    said = [text for each in ran for text in (each.out, each.err)]
    said += [path.read_text(errors="replace") for path in left] + [str(each) for each in gitlab.calls]
    assert any("push" in each for each in started)
    assert TOKEN not in "".join([*said, *started, at(gitlab, "acme/fleet").git("config", "--list")])
    assert list(scratch.iterdir()) == []


def test_what_the_real_flux_made_is_left_as_it_is_and_is_gone_on_with(
    gitlab: GitLab, place: Place, words: Words
) -> None:
    flux_bootstrap(gitlab, place)
    before = dict(gitlab.at("acme/fleet").data)
    assert log(at(gitlab, "acme/fleet")) == FLUX[:1]  # without a cluster it stops here

    place.run(*(word for word in words("acme") if "manifests" not in word), f"--manifests={flux_release('v2.9.4')}")

    assert log(at(gitlab, "acme/fleet")) == FLEET
    assert gitlab.at("acme/fleet").data == before


def test_the_real_flux_changes_nothing_of_what_ours_made(gitlab: GitLab, place: Place, words: Words) -> None:
    place.run(*(word for word in words("acme") if "manifests" not in word), f"--manifests={flux_release('v2.9.4')}")
    refs = at(gitlab, "acme/fleet").git("for-each-ref")
    gitlab.calls.clear()

    said = flux_bootstrap(gitlab, place)

    assert "component manifests are up to date" in said
    assert at(gitlab, "acme/fleet").git("for-each-ref") == refs
    assert {each.method for each in gitlab.calls} == {"GET"}


def flux_bootstrap(gitlab: GitLab, place: Place) -> str:
    """The real one, as far as it comes without a cluster: to the first commit."""
    server = ("--hostname", gitlab.server.host, "--ca-file", str(gitlab.server.authority))
    fleet = ("--owner", "acme", "--repository", "fleet", "--path", "clusters/prod", "--force", "--timeout=20s")
    environment = {"HOME": str(place.root), "GITLAB_TOKEN": TOKEN, "PATH": os.environ["PATH"]}
    command = [str(require("flux")), "bootstrap", "gitlab", *server, *fleet]
    done = subprocess.run(command, cwd=place.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert TOKEN not in done.stderr
    return done.stderr


def test_the_file_of_a_secret_keeps_a_deploy_token_that_works_and_gets_a_new_one_where_it_does_not(
    gitlab: GitLab, place: Place, words: Words, tmp_path: Path
) -> None:
    file = tmp_path / "secret.yaml"
    asked = words("acme/platform", "--deploy-token-auth", f"--secret-file={file}")
    place.run(*asked)
    first, tokens = file.read_text(), gitlab.at("acme/platform/fleet").tokens
    place.run(*asked)
    assert file.read_text() == first

    for each in tokens.values():
        each["revoked"] = True
    place.run(*asked)

    assert file.read_text() != first
    assert [each["name"] for each in tokens.values() if not each["revoked"]] == [TITLE]


def test_a_key_that_is_given_becomes_the_deploy_key(
    gitlab: GitLab, place: Place, words: Words, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, file, scan = tmp_path / "key", tmp_path / "secret.yaml", tmp_path / "bin" / "ssh-keyscan"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    scan.parent.mkdir()
    scan.write_text(f"#!/bin/sh\necho ssh.example.com {KEY}\n")
    scan.chmod(0o755)
    monkeypatch.setenv("PATH", str(scan.parent), prepend=":")

    place.run(*words("acme/platform", f"--private-key-file={key}", f"--secret-file={file}"))

    (number,) = gitlab.at("acme/platform/fleet").keys
    assert gitlab.keys[number]["key"].split()[:2] == Path(f"{key}.pub").read_text().split()[:2]


def test_the_api_makes_the_commits_that_are_pushed_else_and_then_has_nothing_to_do(
    gitlab: GitLab, place: Place, words: Words
) -> None:
    place.run(*words())
    pushed = at(gitlab).git("rev-parse", "main^{tree}")
    gitlab.projects.clear()
    gitlab.store.delete("acme/platform/fleet")

    first = place.run(*words("acme/platform", "--transport=api"))
    gitlab.calls.clear()
    second = place.run(*words("acme/platform", "--transport=api"))

    assert at(gitlab).git("rev-parse", "main^{tree}") == pushed
    assert log(at(gitlab), "%an|%s") == [re.sub(" <.*>", "", line) for line in FLEET]
    assert f'("{at(gitlab).git("rev-parse", "main").strip()}")' in first.err
    assert {line.split()[0] for line in calls(gitlab)} == {"GET"}
    assert "is in step" in second.err
    place.run(*words("acme/platform", "--transport=api", "--interval=7m"))
    assert "interval: 7m0s" in sync(at(gitlab))
