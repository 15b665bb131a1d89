"""`bootstrap gitea` on a real Gitea."""

from __future__ import annotations

import base64
import io
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from scaffolder.cli.console import Console
from scaffolder.cli.work.bootstrap.account import Account
from scaffolder.cli.work.bootstrap.flags import key_title
from scaffolder.cli.work.bootstrap.hosted import _server
from scaffolder.cli.work.bootstrap.sharing import Grant
from scaffolder.forge.base import Action
from scaffolder.spec.load import Spec
from scaffolder.tree import File, Memory
from tests.cli.support import CutOff, Make, log
from tests.forge.support import gitea_forge
from tests.judges.tools import require
from tests.support.gitea import Gitea
from tests.support.place import Place
from tests.support.shared import flux_release

ADA = "Ada <ada@example.com>"
FLUX = ["Flux <>|Add Flux v2.9.4 component manifests", "Flux <>|Add Flux sync manifests"]
FLEET = [*FLUX, f"{ADA}|Add platform fleet"]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPe6d0nSDvAi5hHy5x4hNEuTr0ZyDQ3YbKUJnsEeZ0ya"
TITLE = "flux-system-main-flux-system-./clusters/prod"
ACCOUNT = Account(
    kind="gitea",
    owner="acme",
    repository="fleet",
    hostname="gitea.com",
    personal=False,
    team=(),
    token_auth=False,
    ssh_hostname=None,
    ca_file=None,
    read_write_key=False,
)
Words = Callable[..., tuple[str, ...]]


@pytest.fixture
def owner(gitea: Gitea, monkeypatch: pytest.MonkeyPatch) -> str:
    """An organisation, and in the environment the token of one who owns it."""
    monkeypatch.setenv("no_proxy", "localhost")
    monkeypatch.setenv("GITEA_TOKEN", gitea.token)
    return gitea.organisation()


@pytest.fixture
def words(gitea: Gitea, flux: str) -> Words:
    """`bootstrap gitea` for the repository `fleet` of an owner."""
    server = (f"--hostname={gitea.host}", f"--ssh-hostname={gitea.ssh}", f"--ca-file={gitea.authority}")
    fleet = ("--repository=fleet", "--path=clusters/prod", f"--manifests={flux}")
    return lambda owner, *more: ("bootstrap", "gitea", f"--owner={owner}", *server, *fleet, *more)


def at(gitea: Gitea, owner: str) -> Place:
    return Place(gitea.repository(owner, "fleet"))


def sync(place: Place) -> str:
    return place.git("show", "main:clusters/prod/flux-system/gotk-sync.yaml")


def next_steps(text: str) -> list[str]:
    return [line.strip() for line in text.partition("next: ")[2].splitlines()]


def calls(gitea: Gitea, before: list[str]) -> list[str]:
    """What the API was asked since then."""
    return [line for line in gitea.requests()[len(before) :] if " /api/v1/" in line]


def test_an_organisation_s_repository_is_made_with_flux_s_two_commits_and_ours(
    gitea: Gitea, place: Place, owner: str, words: Words
) -> None:
    ran = place.run(*words(owner))

    fleet = at(gitea, owner)
    made = gitea.done("GET", f"repos/{owner}/fleet")
    assert (made["private"], made["default_branch"]) == (True, "main")
    assert log(fleet) == FLEET
    assert f"  url: ssh://git@{gitea.ssh}/{owner}/fleet\n---" in sync(fleet)
    assert f'✔ "main" is pushed to https://{gitea.host}/{owner}/fleet.git' in ran.err
    assert any(line.startswith("let the public key that it prints read ssh://git@") for line in next_steps(ran.err))
    assert list(place.root.iterdir()) == []


def test_run_again_it_does_nothing_and_asks_the_api_one_thing(
    gitea: Gitea, place: Place, owner: str, words: Words
) -> None:
    place.run(*words(owner))
    refs, before = at(gitea, owner).git("for-each-ref"), gitea.requests()

    ran = place.run(*words(owner))

    assert calls(gitea, before) == [f"GET /api/v1/repos/{owner}/fleet"]
    assert at(gitea, owner).git("for-each-ref") == refs
    assert f"✔ https://{gitea.host}/{owner}/fleet.git is in step\n" in ran.err


def test_the_first_run_makes_one_thing(gitea: Gitea, place: Place, owner: str, words: Words) -> None:
    before = gitea.requests()

    place.run(*words(owner))

    look = f"GET /api/v1/repos/{owner}/fleet"
    assert calls(gitea, before) == [look, f"GET /api/v1/orgs/{owner}", look, f"POST /api/v1/orgs/{owner}/repos"]


def test_a_user_s_own_repository_may_be_public_and_clusters_fetch_it_with_the_token(
    gitea: Gitea, place: Place, owner: str, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    del owner
    user = gitea.user()
    monkeypatch.setenv("GITEA_TOKEN", gitea.token_of(user))

    ran = place.run(*words(user, "--personal", "--no-private", "--token-auth"))

    assert gitea.done("GET", f"repos/{user}/fleet")["private"] is False
    assert f"  url: https://{gitea.host}/{user}/fleet.git\n---" in sync(at(gitea, user))
    end = f'--username=git --ca-crt-file={gitea.authority} --password="$GITEA_TOKEN"'
    assert next_steps(ran.err)[2].endswith(end)


def test_a_repository_that_is_there_keeps_its_settings(gitea: Gitea, place: Place, owner: str, words: Words) -> None:
    gitea.done("POST", f"orgs/{owner}/repos", {"name": "fleet", "private": False, "description": "theirs"})

    place.run(*words(owner, "--private"))

    made = gitea.done("GET", f"repos/{owner}/fleet")
    assert (made["private"], made["description"]) == (False, "theirs")
    assert log(at(gitea, owner)) == FLEET


def test_teams_get_the_repository_and_the_report_says_so(gitea: Gitea, place: Place, owner: str, words: Words) -> None:
    gitea.team(owner, "devs")
    gitea.team(owner, "ops", "admin")
    asked = words(owner, "--team=devs:push", "--team=ops", "--output=json")

    first, second = (json.loads(place.run(*asked).out)["forge"] for _ in range(2))

    assert [(made["action"], made["kind"], made["name"]) for made in first] == [
        ("created", "repository", f"{owner}/fleet"),
        ("created", "team", "devs"),
        ("created", "team", "ops"),
    ]
    assert {made["action"] for made in second} == {"unchanged"}
    assert {each["name"] for each in gitea.done("GET", f"repos/{owner}/fleet/teams")} == {"Owners", "devs", "ops"}


def test_a_team_that_there_is_not_is_told_before_anything_is_made(
    gitea: Gitea, place: Place, owner: str, words: Words
) -> None:
    ran = place.run(*words(owner, "--team=ghosts:maintain"), code=7)

    assert ran.err.endswith(f"✗ {owner} has no team `ghosts`\n  make it there first, or leave out its --team\n")
    assert gitea.ask("GET", f"repos/{owner}/fleet").status == 404


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--hostname=localhost:1",), "localhost:1 cannot be reached: "),
        (
            ("--ca-file=/etc/ssl/certs/ca-certificates.crt",),
            " cannot be trusted: unable to get local issuer certificate",
        ),
        (("--owner=nobody",), " has no organisation nobody that this token may see"),
        (("--personal",), "the token belongs to keeper, not to org-"),
    ],
)
def test_where_gitea_says_no_it_is_one_line_and_a_hint(
    place: Place, owner: str, words: Words, more: tuple[str, ...], said: str
) -> None:
    ran = place.run(*words(owner), *more, code=7)

    assert re.fullmatch(rf"► using the token of GITEA_TOKEN\n✗ .*{re.escape(said)}.*\n  \S.*\n", ran.err)


def test_a_token_that_may_not_push_is_told_what_it_lacks(
    gitea: Gitea, place: Place, owner: str, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = gitea.user()
    gitea.done("POST", f"orgs/{owner}/repos", {"name": "fleet"})
    gitea.done("PUT", f"repos/{owner}/fleet/collaborators/{user}", {"permission": "admin"})
    monkeypatch.setenv("GITEA_TOKEN", gitea.token_of(user, "read:repository"))

    ran = place.run(*words(owner), code=6)

    assert ran.err.endswith("returned error: 403\n  the token needs the scope write:repository\n")


def test_a_branch_that_is_protected_is_told_in_gitea_s_words(
    gitea: Gitea, place: Place, owner: str, words: Words
) -> None:
    gitea.done("POST", f"orgs/{owner}/repos", {"name": "fleet"})
    gitea.done("POST", f"repos/{owner}/fleet/branch_protections", {"rule_name": "main", "enable_push": False})

    ran = place.run(*words(owner), code=6)

    assert ran.err.endswith("(pre-receive hook declined)\n  Not allowed to push to protected branch main\n")


def test_a_dry_run_only_reads(gitea: Gitea, place: Place, owner: str, words: Words) -> None:
    gitea.team(owner, "devs")
    before = gitea.requests()

    ran = place.run(*words(owner, "--team=devs", "--dry-run", "--output=json"))

    report = json.loads(ran.out)
    assert (report["command"], report["dryRun"]) == ("bootstrap gitea", True)
    assert [(made["action"], made["kind"]) for made in report["forge"]] == [
        ("created", "repository"),
        ("created", "team"),
    ]
    assert {line.partition(" ")[0] for line in gitea.requests()[len(before) :]} == {"GET"}
    assert gitea.ask("GET", f"repos/{owner}/fleet").status == 404


def test_a_repository_made_by_new_is_pushed_and_followed(
    gitea: Gitea, repository: Make, owner: str, words: Words
) -> None:
    mine = repository()

    mine.run(*(word for word in words(owner) if "--path" not in word))

    assert mine.git("rev-parse", "HEAD") == at(gitea, owner).git("rev-parse", "main")
    assert mine.git("remote", "get-url", "origin") == f"https://{gitea.host}/{owner}/fleet.git\n"
    assert f"url: ssh://git@{gitea.ssh}/{owner}/fleet\n" in mine.read("gitops.yaml")
    mine.run("check")


@pytest.fixture
def seen(place: Place) -> Iterator[Callable[[], str]]:
    """The command lines of all processes since the test began."""
    look = "while :; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; done"
    with (place.root.parent / "seen").open("w+", errors="replace") as file:
        watcher = subprocess.Popen(["sh", "-c", look], stdout=file)
        yield lambda: (place.root.parent / "seen").read_text(errors="replace")
        watcher.kill()
        watcher.wait()


def test_the_token_is_nowhere_but_in_environments(
    gitea: Gitea, place: Place, owner: str, words: Words, seen: Callable[[], str], scratch: Path
) -> None:
    place.git("config", "--global", "credential.helper", "store")

    first = place.run(*words(owner, "--token-auth", "--protect"))
    proposed = place.run(*words(owner, "--token-auth", "--interval=5m", "--output=json"))
    failed = place.run(*words("nobody", "--token-auth"), code=7)

    assert "#1" in proposed.out
    assert "remote-https" in seen()
    left = [path for root in (place.root.parent, Path.home()) for path in root.rglob("*") if path.is_file()]
    said = [text for ran in (first, proposed, failed) for text in (ran.out, ran.err)]
    said += [seen(), *(path.read_text(errors="replace") for path in left)]
    said += [path.read_text() for path in at(gitea, owner).root.glob("config")]
    assert gitea.token not in "".join(said)
    assert list(scratch.iterdir()) == []


def test_the_token_may_come_from_standard_input(
    gitea: Gitea, place: Place, owner: str, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITEA_TOKEN")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{gitea.token}\n"))

    place.run(*words(owner))

    assert log(at(gitea, owner)) == FLEET


@pytest.mark.parametrize(
    ("more", "given", "said"),
    [
        ((), "", "Gitea needs a token"),
        ((), "two words\n", "the token must be one word of ASCII text"),
        (("--team=devs:rule",), "x\n", "--team devs:rule: must be NAME or NAME:PERMISSION"),
        (("--team=devs", "--personal"), "x\n", "--team: only organisations have teams"),
        (("--hostname=http://git.example.com",), "x\n", "--hostname http://git.example.com: http is insecure"),
        (("--hostname=git example",), "x\n", "--hostname 'git example' is not a host"),
        (("--hostname=git.example.com:3000",), "x\n", "--hostname git.example.com:3000: clusters find no SSH at"),
        (("--ssh-hostname=a b",), "x\n", "--ssh-hostname a b is not a host"),
        (("--ca-file=nothing.pem",), "x\n", "--ca-file nothing.pem cannot be read"),
        (("--timeout=5m",), "x\n", "--timeout is about the cluster"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    place: Place, more: tuple[str, ...], given: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITEA_TOKEN", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(given))

    ran = place.run("bootstrap", "gitea", "--owner=acme", "--repository=fleet", *more, code=2)

    assert ran.err.startswith(f"✗ {said}")


def test_what_the_real_flux_made_is_left_as_it_is_and_is_gone_on_with(
    gitea: Gitea, place: Place, owner: str, words: Words
) -> None:
    flux_bootstrap(gitea, place, owner)
    fleet = at(gitea, owner)
    before = gitea.done("GET", f"repos/{owner}/fleet")
    assert log(fleet) == FLUX[:1]  # without a cluster it stops here

    place.run(*(word for word in words(owner) if "--manifests" not in word), f"--manifests={flux_release('v2.9.4')}")

    assert log(fleet) == FLEET
    after = gitea.done("GET", f"repos/{owner}/fleet")
    kept = ("name", "description", "private", "default_branch", "template", "website", "archived", "object_format_name")
    assert [after[name] for name in kept] == [before[name] for name in kept]


def test_the_real_flux_changes_nothing_of_what_ours_made(gitea: Gitea, place: Place, owner: str, words: Words) -> None:
    place.run(*(word for word in words(owner) if "--manifests" not in word), f"--manifests={flux_release('v2.9.4')}")
    refs, before = at(gitea, owner).git("for-each-ref"), gitea.requests()

    said = flux_bootstrap(gitea, place, owner)

    assert "component manifests are up to date" in said
    assert at(gitea, owner).git("for-each-ref") == refs
    assert not [line for line in calls(gitea, before) if not line.startswith("GET")]


def flux_bootstrap(gitea: Gitea, place: Place, owner: str) -> str:
    """The real one, as far as it comes without a cluster: to the first commit."""
    server = ("--hostname", gitea.host, "--ssh-hostname", gitea.ssh, "--ca-file", str(gitea.authority))
    fleet = ("--owner", owner, "--repository", "fleet", "--path", "clusters/prod", "--force")
    environment = {"HOME": str(place.root), "GITEA_TOKEN": gitea.token, "PATH": "/usr/bin:/bin"}
    command = [str(require("flux")), "bootstrap", "gitea", *server, *fleet, "--timeout=20s"]
    done = subprocess.run(command, cwd=place.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert gitea.token not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    ("hostname", "ssh_hostname", "pushed", "fetched"),
    [
        ("h.example", None, "https://h.example/a/b.git", "ssh://git@h.example/a/b"),
        ("https://h.example/git/", None, "https://h.example/git/a/b.git", "ssh://git@h.example/a/b"),
        ("h.example:3000", "h.example:2222", "https://h.example:3000/a/b.git", "ssh://git@h.example:2222/a/b"),
        ("[::1]", None, "https://[::1]/a/b.git", "ssh://git@[::1]/a/b"),
    ],
)
def test_the_hostname_says_where_to_push_and_where_clusters_fetch(
    hostname: str, ssh_hostname: str | None, pushed: str, fetched: str
) -> None:
    found = _server(replace(ACCOUNT, hostname=hostname, ssh_hostname=ssh_hostname))

    assert (found.git_url("a", "b"), found.sync_url("a", "b", token_auth=False)) == (pushed, fetched)


def test_a_cluster_s_key_becomes_the_deploy_key_that_flux_would_make(
    gitea: Gitea, place: Place, owner: str, words: Words, request: pytest.FixtureRequest
) -> None:
    place.run(*words(owner))
    documents = at(gitea, owner).git("show", "main:gitops.yaml").encode()
    spec = Spec(Memory({"gitops.yaml": File(documents)}))
    account = replace(ACCOUNT, owner=owner, hostname=gitea.host, read_write_key=True)
    grant = Grant(Console(), gitea_forge(gitea, request), account)

    for _ in range(2):
        grant(key_title(spec, "prod"), KEY)

    keys = gitea.done("GET", f"repos/{owner}/fleet/keys")
    assert [(each["title"], each["read_only"]) for each in keys] == [(TITLE, False)]
    assert grant.made == [Action.CREATED, Action.UNCHANGED]


def test_a_secret_s_file_and_the_deploy_key_go_together_also_after_a_kill_between_them(
    gitea: Gitea, place: Place, owner: str, words: Words, cut_off: CutOff, tmp_path: Path
) -> None:
    file = tmp_path / "secret.yaml"
    asked = words(owner, f"--secret-file={file}", "--output=json")

    cut_off(asked, f"POST /api/v1/repos/{owner}/fleet/keys")
    assert (len(gitea.done("GET", f"repos/{owner}/fleet/keys")), file.exists()) == (1, False)
    made, again = (json.loads(place.run(*asked).out) for _ in range(2))

    (key,) = gitea.done("GET", f"repos/{owner}/fleet/keys")
    (public,) = re.findall(r"identity.pub: (\S+)", file.read_text())
    assert base64.b64decode(public).decode().split()[:2] == key["key"].split()[:2]
    assert (key["title"], key["read_only"]) == (TITLE, True)
    assert [each["action"] for each in (*made["cluster"], *made["forge"]) if each["kind"] == "secret"] == ["created"]
    assert {each["action"] for each in (*again["cluster"], *again["forge"])} == {"unchanged"}


def test_a_protected_branch_gets_a_change_request_that_is_merged_from_a_clone(
    gitea: Gitea, place: Place, owner: str, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.run(*words(owner))
    gitea.done("POST", f"repos/{owner}/fleet/branch_protections", {"rule_name": "main", "enable_push": False})

    ran = place.run(*words(owner, "--interval=5m"))

    assert '"main" is protected: this becomes a change request' in ran.err
    assert f"change request #1 is opened: https://{gitea.host}/{owner}/fleet/pulls/1" in ran.err
    assert log(at(gitea, owner)) == FLEET
    assert "says it all already" in place.run(*words(owner, "--interval=5m")).err
    place.git("clone", "-q", str(gitea.repository(owner, "fleet")), "clone")
    clone = place.inside("clone")
    monkeypatch.setenv("GIT_SSL_CAINFO", str(gitea.authority))
    clone.run("change", "merge", "1")
    refs = at(gitea, owner).git("for-each-ref", "refs/heads")
    assert "is in step" in place.run(*words(owner, "--interval=5m")).err
    assert at(gitea, owner).git("for-each-ref", "refs/heads") == refs
    assert "interval: 5m0s" in sync(at(gitea, owner))

    chart = ("add-app", "web", "--chart=oci://ghcr.io/acme/web", "--change-request", "--label=gitops")
    clone.git("pull", "-q")
    clone.run(*chart)
    before = gitea.requests()
    told = json.loads(clone.run(*chart, "-o", "json").out)

    assert told["forge"] == [{"action": "unchanged", "kind": "change request", "name": "#2"}]
    assert {line.split()[0] for line in calls(gitea, before)} == {"GET"}
    (found,) = json.loads(clone.run("change", "list", "-o", "json").out)["requests"]
    assert (found["number"], found["head"], found["labels"]) == (2, "scaffolder/add-app-web", ["gitops"])
    assert gitea.token not in json.dumps(found)
