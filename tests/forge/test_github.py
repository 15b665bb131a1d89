"""What only GitHub does; what it does as every forge is in test_contract.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scaffolder import git
from scaffolder.errors import ForgeError, UsageError
from scaffolder.forge.base import Action, DeployKey, Hosted, Login, Permission, Repository, Server
from scaffolder.forge.github import GitHubForge, opened
from scaffolder.forge.pace import PAUSES
from tests.forge.support import github_forge
from tests.support.forges.github import GitHub
from tests.support.forges.wire import Fault
from tests.support.forges.wire import Server as Web

Open = Callable[..., GitHubForge]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPe6d0nSDvAi5hHy5x4hNEuTr0ZyDQ3YbKUJnsEeZ{}"
TITLE = "flux-system-main-flux-system-./clusters/prod"
FLEET = Repository("acme", "fleet", description="Clusters of acme")
TOKENS = "Settings > Developer settings > Personal access tokens"


def key(number: int = 0, comment: str = "", **said: bool) -> DeployKey:
    return DeployKey(TITLE, f"{KEY.format('0y' + 'abcdefgh'[number])}{comment}", **said)


@pytest.fixture
def open_as(github: GitHub, request: pytest.FixtureRequest) -> Open:
    """The forge, with all rights or those of a token."""
    return lambda **said: github_forge(github, request, **said)


@pytest.fixture
def forge(open_as: Open) -> GitHubForge:
    return open_as()


@pytest.fixture
def hosted(forge: GitHubForge) -> Hosted:
    return forge.ensure_repository(FLEET).value


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that would have been waited between attempts."""
    waited: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", waited.append)
    return waited


def test_a_repository_is_made_with_what_flux_says_of_it(github: GitHub, forge_server: Web, hosted: Hosted) -> None:
    post = next(call for call in github.calls if call.method == "POST")

    said = {"name": "fleet", "description": "Clusters of acme", "private": True, "visibility": "private"}
    assert (str(post), post.body) == ("POST /orgs/acme/repos", said)
    assert hosted.git_url == f"https://{forge_server.host}/acme/fleet.git"
    assert hosted.sync_url == "ssh://git@localhost:22/acme/fleet"
    assert hosted.access.username == "acme"


def test_a_user_s_own_repository_is_made_by_that_user_alone(github: GitHub, open_as: Open) -> None:
    forge = open_as(token=github.token_of("ada"), personal=True, token_auth=True)

    made = forge.ensure_repository(Repository("Ada", "fleet", visibility="public"))

    assert (made.action, made.value.visibility, made.value.sync_url) == (Action.CREATED, "public", made.value.git_url)
    with pytest.raises(ForgeError, match=r"^the token belongs to ada, not to bob$"):
        forge.find_repository("bob", "fleet")
    with pytest.raises(UsageError, match=r"^GitHub has no internal repositories of users$"):
        forge.ensure_repository(Repository("ada", "other", visibility="internal"))


@pytest.mark.parametrize(
    ("host", "api", "writes"),
    [
        ("github.com", "https://api.github.com", 1.0),
        ("acme.ghe.com", "https://api.acme.ghe.com", 1.0),
        ("git.example.com/hub", "https://git.example.com/hub/api/v3", None),
    ],
)
def test_the_api_is_found_by_the_host_and_is_not_hurried_where_it_is_everybody_s(
    host: str, api: str, writes: float | None
) -> None:
    with opened(Login(Server(host, host), "t")) as forge:
        settings = forge.api.requester.kwargs

    assert (settings["base_url"], settings["seconds_between_writes"]) == (api, writes)


def test_a_forge_below_a_path_is_reached_there(github: GitHub, forge_server: Web, open_as: Open) -> None:
    forge_server.set_up(github, "/hub")

    hosted = open_as().ensure_repository(FLEET).value

    assert hosted.git_url == f"https://{forge_server.host}/acme/fleet.git"
    assert "/hub/" in hosted.git_url
    assert git.remote_tip(git.Repo(github.store.root), hosted.git_url, "main", hosted.access) is None


def test_tokens_of_apps_are_no_user_s(github: GitHub, open_as: Open) -> None:
    token = "ghs_installation"
    github.tokens[token] = github.tokens[github.token]

    assert open_as(token=token).ensure_repository(FLEET).value.access.username == "x-access-token"


def test_an_organisation_that_there_is_not_is_told_before_anything_is_made(forge: GitHubForge) -> None:
    with pytest.raises(ForgeError, match=r"^localhost:\d+ has no organisation nobody that this token may see$") as said:
        forge.ensure_repository(Repository("nobody", "fleet"))

    assert said.value.hint == "make it there first; for your own user, say --personal"


def test_a_renamed_repository_is_told_with_its_name(github: GitHub, forge: GitHubForge) -> None:
    github.rename(github.repository("acme", "fleet"), "flotte")

    with pytest.raises(ForgeError, match=r"^acme/fleet was renamed: it is acme/flotte now$") as said:
        forge.find_repository("acme", "fleet")

    assert said.value.hint == "give --owner=acme --repository=flotte"


def test_an_archived_repository_is_told(github: GitHub, forge: GitHubForge) -> None:
    github.repository("acme", "fleet").archived = True

    with pytest.raises(ForgeError, match=r"^acme/fleet on localhost:\d+ is archived: nothing can be pushed$"):
        forge.find_repository("acme", "fleet")


def test_a_repository_that_may_only_be_read_is_told(github: GitHub, open_as: Open) -> None:
    github.repository("acme", "fleet").collaborators["ada"] = "triage"

    with pytest.raises(ForgeError, match=r"may be read, but not written to$"):
        open_as(token=github.token_of("ada")).find_repository("acme", "fleet")


def test_a_name_that_is_taken_unseen_is_told(github: GitHub, open_as: Open) -> None:
    github.repository("acme", "fleet")
    github.organisations["acme"].makers.add("ada")

    with pytest.raises(ForgeError, match=r"^acme/fleet cannot be created: the name is taken, by a repository that"):
        open_as(token=github.token_of("ada")).ensure_repository(FLEET)


def test_single_sign_on_is_told_with_where_to_go(github: GitHub, forge: GitHubForge) -> None:
    github.repository("acme", "fleet")
    github.organisations["acme"].sign_on = True

    with pytest.raises(ForgeError, match=r"wants this token authorised for its sign-on$") as said:
        forge.find_repository("acme", "fleet")

    assert said.value.hint == "authorise it at https://github.com/orgs/acme/sso?authorization_request=A1"


def test_a_token_that_is_not_known_is_told_and_not_shown(open_as: Open) -> None:
    forge = open_as(token="open-sesame-17")

    with pytest.raises(ForgeError, match=r"^localhost:\d+ does not take this token$") as said:
        forge.find_repository("acme", "fleet")

    assert said.value.hint == f"export another one as GITHUB_TOKEN: {TOKENS} makes them"
    assert "open-sesame-17" not in repr(forge) + repr(said.value)


@pytest.mark.parametrize(
    ("scopes", "permissions", "hint"),
    [
        (("gist",), None, f"{TOKENS} makes one with repo; this one has gist"),
        ((), {"contents": "write"}, f"{TOKENS} gives a fine-grained one administration=write"),
    ],
)
def test_what_a_token_lacks_is_named(
    github: GitHub, open_as: Open, scopes: tuple[str, ...], permissions: dict[str, str] | None, hint: str
) -> None:
    forge = open_as(token=github.token_of("keeper", *scopes, permissions=permissions))

    with pytest.raises(ForgeError, match=r"^acme/fleet cannot be created: the token has too few scopes$") as said:
        forge.ensure_repository(FLEET)

    assert said.value.hint == hint


def test_who_may_make_no_repositories_is_told(github: GitHub, open_as: Open) -> None:
    with pytest.raises(ForgeError, match=r"^acme/fleet cannot be created: You need admin access") as said:
        open_as(token=github.token_of("ada")).ensure_repository(FLEET)

    assert said.value.hint == "the token's user lacks the permission"


def test_a_deploy_key_is_made_once_and_a_comment_makes_no_other(forge: GitHubForge, hosted: Hosted) -> None:
    nothing = forge.find_deploy_key(hosted, TITLE)

    actions = [forge.ensure_deploy_key(hosted, key(0, comment)).action for comment in ("", " of a cluster", "\n")]

    assert nothing is None
    assert actions == [Action.CREATED, Action.UNCHANGED, Action.UNCHANGED]
    assert forge.find_deploy_key(hosted, TITLE) == key()


@pytest.mark.parametrize("other", [key(1), key(read_only=False)])
def test_a_key_of_our_title_that_opens_something_else_is_replaced_and_others_are_left(
    github: GitHub, forge: GitHubForge, hosted: Hosted, other: DeployKey
) -> None:
    for number in range(2, 102):  # ours is on the second page
        forge.api.send("POST", "/repos/acme/fleet/keys", {"title": "theirs", "key": f"ssh-ed25519 AA{number}"})
    forge.ensure_deploy_key(hosted, key())

    assert forge.ensure_deploy_key(hosted, other).action is Action.UPDATED

    inside = github.find("acme/fleet")
    assert inside
    keys = [(each["title"], each["read_only"]) for each in inside.keys.values()]
    assert sorted(set(keys)) == [(TITLE, other.read_only), ("theirs", False)]
    assert len(keys) == 101


def test_an_organisation_that_forbids_deploy_keys_is_told(github: GitHub, forge: GitHubForge, hosted: Hosted) -> None:
    github.organisations["acme"].deploy_keys = False

    with pytest.raises(ForgeError, match=r"^the organisation forbids deploy keys: Deploy keys are disabled") as said:
        forge.ensure_deploy_key(hosted, key())

    assert said.value.hint.endswith("or use --token-auth")


@pytest.mark.parametrize(
    ("has", "asked", "action", "then"),
    [
        (None, None, Action.CREATED, "maintain"),
        (None, Permission.PUSH, Action.CREATED, "push"),
        ("pull", None, Action.UNCHANGED, "pull"),
        ("pull", Permission.PUSH, Action.UPDATED, "push"),
        ("admin", Permission.PUSH, Action.UNCHANGED, "admin"),
    ],
)
def test_a_team_gets_what_it_lacks_and_nothing_is_taken_from_it(
    github: GitHub,
    forge: GitHubForge,
    has: str | None,
    asked: Permission | None,
    action: Action,
    then: str,
) -> None:
    hosted = forge.ensure_repository(FLEET).value
    team, inside = github.team("acme", "devs"), github.find("acme/fleet")
    assert inside
    if has:
        team.repositories[inside.id] = has

    actions = [
        forge.find_team("acme", "fleet", "devs", asked),
        *(forge.ensure_team(hosted, "devs", asked) for _ in "12"),
    ]

    assert actions == [action, action, Action.UNCHANGED]
    assert team.repositories[inside.id] == then


def test_a_team_that_there_is_not_is_told_before_there_is_a_repository(forge: GitHubForge) -> None:
    with pytest.raises(ForgeError, match=r"^acme has no team `ghosts`$"):
        forge.find_team("acme", "fleet", "ghosts", None)


@pytest.mark.parametrize(
    ("faults", "waited"),
    [
        ([Fault("GET", 502), Fault("GET", 503)], [1.0]),
        ([Fault("GET", 429, {"Retry-After": "7"})], [7.0]),
        ([Fault("GET", None)], []),
        (
            [
                Fault(
                    "POST .*/repos", 403, {"Retry-After": "3"}, {"message": "You have exceeded a secondary rate limit"}
                )
            ],
            [3.0],
        ),
    ],
)
def test_a_busy_server_is_asked_again_as_late_as_it_says(
    forge_server: Web, forge: GitHubForge, waits: list[float], faults: list[Fault], waited: list[float]
) -> None:
    forge_server.faults = [replace(fault) for fault in faults]

    assert forge.ensure_repository(FLEET).action is Action.CREATED

    assert waits == waited


def test_whoever_has_to_wait_too_long_is_told_for_how_long(
    forge_server: Web, forge: GitHubForge, waits: list[float]
) -> None:
    forge_server.faults = [Fault("GET", 429, {"Retry-After": "90"}, times=9)]

    with pytest.raises(ForgeError, match=r"^GitHub has had too many requests with this token$") as said:
        forge.find_repository("acme", "fleet")

    assert said.value.hint == "it asks to wait 90 seconds; then run this again"
    assert waits == [90.0]


def test_an_hour_s_requests_are_not_waited_for(forge_server: Web, forge: GitHubForge, waits: list[float]) -> None:
    spent = {"message": "API rate limit exceeded for user ID 1."}
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "4102444800"}
    forge_server.faults = [Fault("GET", 403, headers, spent)]

    with pytest.raises(ForgeError, match=r"^GitHub has had too many requests with this token$"):
        forge.find_repository("acme", "fleet")

    assert waits == []


def test_a_post_of_which_the_answer_is_lost_is_not_repeated(
    github: GitHub, forge_server: Web, forge: GitHubForge
) -> None:
    forge_server.faults = [Fault("POST", None, done=True)]

    with pytest.raises(ForgeError, match=r"^localhost:\d+ cannot be reached: ") as said:
        forge.ensure_repository(FLEET)

    assert said.value.hint == "it may have been done: run this again"
    assert forge.ensure_repository(FLEET).action is Action.UNCHANGED
    assert [str(call) for call in github.calls if call.method == "POST"] == ["POST /orgs/acme/repos"]


def test_who_is_no_github_is_told(forge_server: Web, forge: GitHubForge) -> None:
    forge_server.faults = [Fault("GET", 200, data="<html>")]

    with pytest.raises(ForgeError, match=r"GET /repos/acme/fleet: the answer is no JSON$"):
        forge.find_repository("acme", "fleet")


def test_another_server_is_not_followed(forge_server: Web, forge: GitHubForge) -> None:
    forge_server.faults = [Fault("GET", 301, {"Location": "https://elsewhere.invalid/repositories/1"}, {})]

    with pytest.raises(ForgeError, match=r"^localhost:\d+ sends us to another server$"):
        forge.find_repository("acme", "fleet")


def test_a_certificate_of_an_authority_that_is_not_known_is_told(github: GitHub, forge_server: Web) -> None:
    with opened(Login(Server(forge_server.host, "h"), github.token)) as forge, pytest.raises(ForgeError) as said:
        forge.find_repository("acme", "fleet")

    assert said.value.message.startswith(f"{forge_server.host} cannot be trusted: ")
    assert said.value.hint.startswith("--ca-file names the authority that signed its certificate")


def test_a_file_without_certificates_is_told(forge_server: Web) -> None:
    login = Login(Server("h", "h"), "t", forge_server.authority.with_name("authority.key"))

    with pytest.raises(UsageError, match=r"authority\.key: it holds no certificates$"), opened(login):
        pass


def test_nobody_there_is_told_soon(waits: list[float]) -> None:
    with opened(Login(Server("localhost:1", "h"), "a-token")) as forge, pytest.raises(ForgeError) as said:
        forge.find_repository("acme", "fleet")

    assert said.value.message == "localhost:1 cannot be reached: Connection refused"
    assert len(waits) < len(PAUSES)
