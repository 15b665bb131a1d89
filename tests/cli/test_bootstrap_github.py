"""`bootstrap github` on a GitHub as far as we have it: real git, its API held to the official description."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from scaffolder.cli.console import Console
from scaffolder.cli.work.bootstrap.account import Account
from scaffolder.cli.work.bootstrap.flags import key_title
from scaffolder.cli.work.bootstrap.sharing import Grant
from scaffolder.forge.base import Action
from scaffolder.spec.load import Spec
from scaffolder.tree import File, Memory
from tests.cli.support import Make, log
from tests.forge.support import github_forge
from tests.judges.tools import require
from tests.support.forges.github import GitHub
from tests.support.forges.github_state import Repository
from tests.support.forges.wire import Server
from tests.support.place import Place
from tests.support.shared import flux_release

ADA = "Ada <ada@example.com>"
FLUX = ["Flux <>|Add Flux v2.9.4 component manifests", "Flux <>|Add Flux sync manifests"]
FLEET = [*FLUX, f"{ADA}|Add platform fleet"]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPe6d0nSDvAi5hHy5x4hNEuTr0ZyDQ3YbKUJnsEeZ0ya"
LOOK, ORGANISATION = "GET /repos/acme/fleet", "GET /orgs/acme"
Words = Callable[..., tuple[str, ...]]


@pytest.fixture
def words(github: GitHub, forge_server: Server, flux: str, monkeypatch: pytest.MonkeyPatch) -> Words:
    """`bootstrap github` for the repository acme/fleet, with the token of an owner of acme in the environment."""
    monkeypatch.setenv("GITHUB_TOKEN", github.token)
    server = (f"--hostname={forge_server.host}", "--ssh-hostname=localhost", f"--ca-file={forge_server.authority}")
    fleet = ("--owner=acme", "--repository=fleet", "--path=clusters/prod", f"--manifests={flux}")
    return lambda *more: ("bootstrap", "github", *server, *fleet, *more)


def fleet(github: GitHub, owner: str = "acme") -> Repository:
    found = github.find(f"{owner}/fleet")
    assert found
    return found


def commits(github: GitHub, owner: str = "acme", form: str = "%an <%ae>|%s") -> list[str]:
    return log(Place(fleet(github, owner).bare.folder), form)


def sync(github: GitHub, owner: str = "acme") -> str:
    return fleet(github, owner).bare.git("show", "main:clusters/prod/flux-system/gotk-sync.yaml")


def calls(github: GitHub) -> list[str]:
    return [str(call) for call in github.calls]


def test_an_organisation_s_repository_is_made_with_flux_s_two_commits_and_ours(
    github: GitHub, forge_server: Server, place: Place, words: Words
) -> None:
    ran = place.run(*words())

    made = fleet(github)
    assert (made.visibility, made.bare.branch) == ("private", "main")
    assert commits(github) == FLEET
    assert "  url: ssh://git@localhost/acme/fleet\n---" in sync(github)
    assert f'✔ "main" is pushed to https://{forge_server.host}/acme/fleet.git' in ran.err
    assert calls(github) == [LOOK, ORGANISATION, LOOK, "POST /orgs/acme/repos"]
    assert list(place.root.iterdir()) == []


def test_run_again_it_does_nothing_and_asks_the_api_one_thing(github: GitHub, place: Place, words: Words) -> None:
    place.run(*words())
    refs, before = fleet(github).bare.branches(), len(github.calls)

    ran = place.run(*words())

    assert calls(github)[before:] == [LOOK]
    assert fleet(github).bare.branches() == refs
    assert "/acme/fleet.git is in step\n" in ran.err


def test_a_user_s_own_repository_may_be_public_and_clusters_fetch_it_with_the_token(
    github: GitHub, forge_server: Server, place: Place, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", github.token_of("ada"))

    ran = place.run(*words("--owner=ada", "--personal", "--no-private", "--token-auth"))

    assert fleet(github, "ada").visibility == "public"
    assert f"  url: https://{forge_server.host}/ada/fleet.git\n---" in sync(github, "ada")
    assert f'--username=git --ca-crt-file={forge_server.authority} --password="$GITHUB_TOKEN"' in ran.err


def test_a_forge_below_a_path_is_bootstrapped(github: GitHub, forge_server: Server, place: Place, words: Words) -> None:
    forge_server.set_up(github, "/hub")

    place.run(*words(f"--hostname={forge_server.host}", "--token-auth"))

    assert forge_server.host.endswith("/hub")
    assert f"  url: https://{forge_server.host}/acme/fleet.git\n---" in sync(github)


def test_a_repository_that_is_there_keeps_its_settings(github: GitHub, place: Place, words: Words) -> None:
    github.repository("acme", "fleet", "public", "theirs").bare.commit("main", {"README.md": "ours\n"}, "Begin")

    place.run(*words("--private"))

    assert (fleet(github).visibility, fleet(github).description) == ("public", "theirs")
    assert commits(github) == ["forge <forge@example.invalid>|Begin", *FLEET]


def test_teams_get_the_repository_and_the_report_says_so(github: GitHub, place: Place, words: Words) -> None:
    teams = [github.team("acme", name) for name in ("devs", "ops")]
    asked = words("--team=devs:push", "--team=ops", "--output=json")

    first, second = (json.loads(place.run(*asked).out)["forge"] for _ in range(2))

    assert [(made["action"], made["kind"], made["name"]) for made in first] == [
        ("created", "repository", "acme/fleet"),
        ("created", "team", "devs"),
        ("created", "team", "ops"),
    ]
    assert {made["action"] for made in second} == {"unchanged"}
    assert [list(team.repositories.values()) for team in teams] == [["push"], ["maintain"]]


def test_a_branch_is_protected_after_the_push_and_then_there_is_nothing_left_to_do(
    github: GitHub, place: Place, words: Words
) -> None:
    asked = words("--protect", "--output=json")

    first, second = (json.loads(place.run(*asked).out)["forge"] for _ in range(2))

    made = {(each["action"], each["kind"]) for each in first}
    assert {("created", "repository"), ("created", "branch protection")} <= made, made
    assert {each["action"] for each in second} == {"unchanged"}
    assert fleet(github).protections["main"]["enforce_admins"]
    assert commits(github) == FLEET


def test_a_dry_run_only_reads(github: GitHub, place: Place, words: Words) -> None:
    github.team("acme", "devs")

    ran = place.run(*words("--team=devs", "--dry-run", "--output=json"))

    assert [(made["action"], made["kind"]) for made in json.loads(ran.out)["forge"]] == [
        ("created", "repository"),
        ("created", "team"),
    ]
    assert {call.method for call in github.calls} == {"GET"}
    assert github.find("acme/fleet") is None


def test_a_repository_made_by_new_is_pushed_and_followed(github: GitHub, repository: Make, words: Words) -> None:
    mine = repository()

    mine.run(*(word for word in words() if "--path" not in word))

    assert mine.git("rev-parse", "HEAD").strip() == fleet(github).bare.tip("main")
    assert "url: ssh://git@localhost/acme/fleet\n" in mine.read("gitops.yaml")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--hostname=localhost:1",), "localhost:1 cannot be reached: "),
        (("--ca-file=/etc/ssl/certs/ca-certificates.crt",), " cannot be trusted: unable to get local issuer"),
        (("--owner=nobody",), " has no organisation nobody that this token may see"),
        (("--personal",), "the token belongs to keeper, not to acme"),
        (("--team=ghosts:maintain",), "acme has no team `ghosts`"),
    ],
)
def test_where_github_says_no_it_is_one_line_and_a_hint_and_nothing_is_made(
    github: GitHub, place: Place, words: Words, more: tuple[str, ...], said: str
) -> None:
    ran = place.run(*words(*more), code=7)

    assert re.fullmatch(rf"► using the token of GITHUB_TOKEN\n✗ .*{re.escape(said)}.*\n  \S.*\n", ran.err)
    assert github.repositories == {}


def test_a_permission_that_there_is_not_is_refused(place: Place, words: Words) -> None:
    ran = place.run(*words("--team=devs:write"), code=2)

    assert ran.err.startswith("✗ --team devs:write: must be NAME or NAME:PERMISSION")


def test_a_token_that_may_not_push_is_told_what_it_lacks(
    github: GitHub, place: Place, words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    github.repository("acme", "fleet")
    monkeypatch.setenv("GITHUB_TOKEN", github.token_of("keeper", permissions={"administration": "write"}))

    ran = place.run(*words(), code=6)

    assert ran.err.endswith("returned error: 403\n  the token needs the scope repo\n")


def test_a_branch_that_is_protected_is_told_in_github_s_words(github: GitHub, place: Place, words: Words) -> None:
    inside = github.repository("acme", "fleet")
    rules = {"enforce_admins": True, "required_pull_request_reviews": {}, "required_status_checks": None}
    inside.protections["main"] = {**rules, "restrictions": {"users": [], "teams": []}}

    ran = place.run(*words(), code=6)

    assert ran.err.endswith(
        "(pre-receive hook declined)\n  GH006: Protected branch update failed for refs/heads/main.\n"
    )


def test_a_cluster_s_key_becomes_the_deploy_key_that_flux_would_make(
    github: GitHub, forge_server: Server, place: Place, words: Words, request: pytest.FixtureRequest
) -> None:
    place.run(*words())
    documents = fleet(github).bare.git("show", "main:gitops.yaml").encode()
    spec = Spec(Memory({"gitops.yaml": File(documents)}))
    account = Account("github", "acme", "fleet", forge_server.host, False, (), False, None, None, False)
    grant = Grant(Console(), github_forge(github, request), account)

    for _ in range(2):
        grant(key_title(spec, "prod"), KEY)
    replace(grant, account=replace(account, read_write_key=True))(key_title(spec, "prod"), KEY)

    keys = [(each["title"], each["read_only"]) for each in fleet(github).keys.values()]
    assert keys == [("flux-system-main-flux-system-./clusters/prod", False)]
    assert grant.made == [Action.CREATED, Action.UNCHANGED, Action.UPDATED]


def test_the_token_is_nowhere_but_in_environments(github: GitHub, place: Place, words: Words, scratch: Path) -> None:
    place.git("config", "--global", "credential.helper", "store")
    look = "while :; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; done"
    with (place.root.parent / "seen").open("w+", errors="replace") as file:
        watcher = subprocess.Popen(["sh", "-c", look], stdout=file)
        try:
            first = place.run(*words("--token-auth"))
            failed = place.run(*words("--owner=nobody", "--token-auth"), code=7)
        finally:
            watcher.kill()
            watcher.wait()

    left = [path for root in (place.root.parent, Path.home()) for path in root.rglob("*") if path.is_file()]
    texts = [path.read_text(errors="replace") for path in left]
    assert any("remote-https" in text for text in texts)
    assert github.token not in "".join([first.out, first.err, failed.out, failed.err, *texts, *calls(github)])
    assert list(scratch.iterdir()) == []


def flux_bootstrap(github: GitHub, forge_server: Server, place: Place, *more: str) -> str:
    """The real one, as far as it comes without a cluster: to the first commit."""
    server = ("--hostname", forge_server.host, "--ssh-hostname", "localhost", "--ca-file", str(forge_server.authority))
    wanted = ("--owner", "acme", "--repository", "fleet", "--path", "clusters/prod", "--force")
    environment = {"HOME": str(place.root), "GITHUB_TOKEN": github.token, "PATH": "/usr/bin:/bin"}
    command = [str(require("flux")), "bootstrap", "github", *server, *wanted, *more, "--timeout=20s"]
    done = subprocess.run(command, cwd=place.root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    return done.stderr


def test_what_the_real_flux_made_is_left_as_it_is_and_is_gone_on_with(
    github: GitHub, forge_server: Server, place: Place, words: Words
) -> None:
    team = github.team("acme", "devs")
    flux_bootstrap(github, forge_server, place, "--team=devs")
    before = replace(fleet(github))
    assert (commits(github), before.visibility, list(team.repositories.values())) == (FLUX[:1], "private", ["maintain"])
    theirs = [str(call) for call in github.calls if call.method != "GET"]

    release = f"--manifests={flux_release('v2.9.4')}"
    place.run(*(word for word in words("--team=devs") if "--manifests" not in word), release)

    assert commits(github) == FLEET
    assert fleet(github) == before
    assert [str(call) for call in github.calls if call.method != "GET"] == theirs
    assert theirs == ["POST /orgs/acme/repos", "PUT /orgs/acme/teams/devs/repos/acme/fleet"]


def test_the_real_flux_changes_nothing_of_what_ours_made(
    github: GitHub, forge_server: Server, place: Place, words: Words
) -> None:
    release = f"--manifests={flux_release('v2.9.4')}"
    place.run(*(word for word in words() if "--manifests" not in word), release)
    refs, before = fleet(github).bare.branches(), len(github.calls)

    said = flux_bootstrap(github, forge_server, place)

    assert "component manifests are up to date" in said
    assert fleet(github).bare.branches() == refs
    assert {call.method for call in github.calls[before:]} == {"GET"}


def test_the_api_makes_the_commits_that_are_pushed_else_and_then_has_nothing_to_do(
    github: GitHub, place: Place, words: Words
) -> None:
    place.run(*words())
    pushed = fleet(github).bare.git("rev-parse", "main^{tree}")
    github.repositories.clear()
    github.store.delete("acme/fleet")

    first, made = place.run(*words("--transport=api")), calls(github)
    second, again = place.run(*words("--transport=api")), calls(github)[len(made) :]

    assert fleet(github).bare.git("rev-parse", "main^{tree}") == pushed
    assert commits(github, form="%an|%s") == [
        line.replace(" <>", "").replace(" <ada@example.com>", "") for line in FLEET
    ]
    assert f'("{fleet(github).bare.tip("main")}")' in first.err
    assert "PUT /repos/acme/fleet/contents/clusters/prod/flux-system/gotk-components.yaml" in made
    assert {line.split()[0] for line in again} == {"GET"}
    assert "is in step" in second.err
