"""What only Gitea does; what it does as every forge is in test_contract.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scaffolder.errors import ForgeError, UsageError
from scaffolder.forge import http
from scaffolder.forge.base import Action, DeployKey, Permission, Repository
from scaffolder.forge.gitea import GiteaForge
from tests.forge.support import gitea_forge
from tests.support.gitea import Gitea

Open = Callable[..., GiteaForge]
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPe6d0nSDvAi5hHy5x4hNEuTr0ZyDQ3YbKUJnsEeZ{}"
TITLE = "flux-system-main-flux-system-./clusters/prod"


def key(number: int = 0, comment: str = "", **said: bool) -> DeployKey:
    return DeployKey(TITLE, f"{KEY.format('0y' + 'abcdefgh'[number])}{comment}", **said)


@pytest.fixture
def opened(gitea: Gitea, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Open:
    """The forge, with all rights or those of a token."""
    monkeypatch.setenv("no_proxy", "localhost")
    return lambda **said: gitea_forge(gitea, request, **said)


@pytest.fixture
def forge(opened: Open) -> GiteaForge:
    return opened()


@pytest.fixture
def fleet(gitea: Gitea) -> Repository:
    """A repository that is missing yet, of an organisation that is there."""
    return Repository(gitea.organisation(), "fleet", description="Clusters of acme")


def test_a_repository_is_empty_and_is_described_and_clusters_find_it_by_ssh(
    gitea: Gitea, forge: GiteaForge, fleet: Repository
) -> None:
    hosted = forge.ensure_repository(replace(fleet, branch="trunk")).value

    made = gitea.done("GET", f"repos/{fleet.owner}/fleet")
    assert (made["empty"], made["default_branch"], made["description"]) == (True, "trunk", "Clusters of acme")
    assert hosted.git_url == made["clone_url"] == f"https://{gitea.host}/{fleet.owner}/fleet.git"
    assert hosted.sync_url == f"ssh://git@{gitea.ssh}/{fleet.owner}/fleet"


def test_a_user_s_own_repository_is_made_by_that_user_alone(gitea: Gitea, opened: Open) -> None:
    user, other = gitea.user(), gitea.user()
    forge = opened(token=gitea.token_of(user), personal=True, token_auth=True)

    made = forge.ensure_repository(Repository(user, "fleet"))

    assert (made.action, made.value.sync_url) == (Action.CREATED, made.value.git_url)
    with pytest.raises(ForgeError, match=rf"^the token belongs to {user}, not to {other}$"):
        forge.find_repository(other, "fleet")


def test_gitea_has_no_internal_repositories(forge: GiteaForge, fleet: Repository) -> None:
    with pytest.raises(UsageError, match=r"^Gitea has no internal repositories$"):
        forge.ensure_repository(replace(fleet, visibility="internal"))


def test_an_organisation_that_there_is_not_is_told_before_anything_is_made(gitea: Gitea, forge: GiteaForge) -> None:
    with pytest.raises(ForgeError, match=rf"^{gitea.host} has no organisation nobody that this token may see$") as said:
        forge.ensure_repository(Repository("nobody", "fleet"))

    assert said.value.hint == "make it there first; for your own user, say --personal"


def test_a_renamed_repository_is_told_with_its_name(gitea: Gitea, forge: GiteaForge, fleet: Repository) -> None:
    forge.ensure_repository(fleet)
    gitea.done("PATCH", f"repos/{fleet.owner}/fleet", {"name": "flotte"})

    with pytest.raises(ForgeError, match=rf"/fleet was renamed: it is {fleet.owner}/flotte now$") as said:
        forge.find_repository(fleet.owner, "fleet")

    assert said.value.hint == f"give --owner={fleet.owner} --repository=flotte"


def test_an_archived_repository_is_told(gitea: Gitea, forge: GiteaForge, fleet: Repository) -> None:
    forge.ensure_repository(fleet)
    gitea.done("PATCH", f"repos/{fleet.owner}/fleet", {"archived": True})

    with pytest.raises(ForgeError, match=r"is archived: nothing can be pushed$"):
        forge.ensure_repository(fleet)


def test_a_repository_that_may_only_be_read_is_told_before_anything_is_pushed(
    gitea: Gitea, opened: Open, fleet: Repository
) -> None:
    opened().ensure_repository(fleet)
    user = gitea.user()
    gitea.team(fleet.owner, "readers", "read", user)
    gitea.done("PUT", f"repos/{fleet.owner}/fleet/teams/readers")

    with pytest.raises(ForgeError, match=r"/fleet on localhost:\d+ may be read, but not written to$"):
        opened(token=gitea.token_of(user)).find_repository(fleet.owner, "fleet")


def test_a_name_that_is_taken_unseen_is_told(gitea: Gitea, opened: Open, fleet: Repository) -> None:
    opened().ensure_repository(fleet)
    user = gitea.user()
    units = {"repo.code": "none", "repo.wiki": "read"}
    body = {"name": "makers", "permission": "read", "units_map": units, "can_create_org_repo": True}
    made = gitea.done("POST", f"orgs/{fleet.owner}/teams", body)
    gitea.done("PUT", f"teams/{made['id']}/members/{user}")

    with pytest.raises(ForgeError, match=r"fleet cannot be created: the name is taken, by a repository that"):
        opened(token=gitea.token_of(user)).ensure_repository(fleet)


def test_who_may_make_no_repositories_is_told(gitea: Gitea, opened: Open, fleet: Repository) -> None:
    forge = opened(token=gitea.token_of(gitea.user()))

    with pytest.raises(ForgeError, match=r"/fleet cannot be created: \S.*") as said:
        forge.ensure_repository(fleet)

    assert said.value.hint == "the token's user lacks the permission"


def test_a_token_that_is_not_known_is_told_and_not_shown(opened: Open, fleet: Repository) -> None:
    forge = opened(token="open-sesame-17")

    with pytest.raises(ForgeError, match=r"^localhost:\d+ does not take this token$") as said:
        forge.find_repository(fleet.owner, fleet.name)

    assert said.value.hint.startswith("export another one as GITEA_TOKEN")
    assert "open-sesame-17" not in repr(forge) + repr(said.value)


@pytest.mark.parametrize(
    ("scopes", "what", "missing"),
    [
        (["read:user"], "read", "read:repository"),
        (["read:repository"], "read", "read:organization"),
        (["read:repository", "read:organization"], "created", "write:organization"),
    ],
)
def test_the_scope_that_a_token_lacks_is_named(
    gitea: Gitea, opened: Open, fleet: Repository, scopes: list[str], what: str, missing: str
) -> None:
    user = gitea.user()
    gitea.team(fleet.owner, "makers", "admin", user)
    forge = opened(token=gitea.token_of(user, *scopes))

    with pytest.raises(ForgeError, match=rf"cannot be {what}: the token has too few scopes$") as said:
        forge.ensure_repository(fleet)

    assert said.value.hint == f"Settings > Applications makes a token with {missing}"


def test_a_deploy_key_is_made_once_and_a_comment_makes_no_other(forge: GiteaForge, fleet: Repository) -> None:
    hosted = forge.ensure_repository(fleet).value
    nothing = forge.find_deploy_key(hosted, TITLE)

    actions = [forge.ensure_deploy_key(hosted, key(0, comment)).action for comment in ("", " of a cluster", "\n")]

    assert nothing is None
    assert actions == [Action.CREATED, Action.UNCHANGED, Action.UNCHANGED]
    assert forge.find_deploy_key(hosted, TITLE) == key()


@pytest.mark.parametrize("other", [key(1), key(read_only=False)])
def test_a_key_of_our_title_that_opens_something_else_is_replaced_and_others_are_left(
    gitea: Gitea, forge: GiteaForge, fleet: Repository, other: DeployKey
) -> None:
    hosted = forge.ensure_repository(fleet).value
    theirs = DeployKey("theirs", KEY.format("0yz"))
    for each in (theirs, key()):
        forge.ensure_deploy_key(hosted, each)

    assert forge.ensure_deploy_key(hosted, other).action is Action.UPDATED

    keys = gitea.done("GET", f"repos/{fleet.owner}/fleet/keys")
    assert {each["title"]: each["read_only"] for each in keys} == {"theirs": True, TITLE: other.read_only}


def test_a_key_on_the_second_page_is_found(gitea: Gitea, forge: GiteaForge, fleet: Repository) -> None:
    hosted = forge.ensure_repository(fleet).value
    letters = [first + second for first in "ABCDEFGH" for second in "abcdefgh"][:60]
    for letter in letters:
        body = {"title": letter, "key": KEY.format(f"1{letter}"), "read_only": True}
        gitea.done("POST", f"repos/{fleet.owner}/fleet/keys", body)

    found = [forge.find_deploy_key(hosted, title) for title in (letters[0], letters[-1])]

    assert [each and each.title for each in found] == [letters[0], letters[-1]]


def test_a_team_is_given_the_repository_once(gitea: Gitea, forge: GiteaForge, fleet: Repository) -> None:
    hosted = forge.ensure_repository(fleet).value
    gitea.team(fleet.owner, "devs")

    actions = [forge.ensure_team(hosted, "devs", Permission.MAINTAIN) for _ in range(2)]

    assert actions == [Action.CREATED, Action.UNCHANGED]
    teams = gitea.done("GET", f"repos/{fleet.owner}/fleet/teams")
    assert {each["name"] for each in teams} == {"Owners", "devs"}


@pytest.mark.parametrize(
    ("team", "permission", "said"),
    [
        ("ghosts", None, r"^\S+ has no team `ghosts`$"),
        ("readers", Permission.PUSH, r"may read, which is less than push$"),
    ],
)
def test_a_team_that_cannot_be_is_told_before_there_is_a_repository(
    gitea: Gitea, forge: GiteaForge, fleet: Repository, team: str, permission: Permission | None, said: str
) -> None:
    gitea.team(fleet.owner, "readers", "read")

    with pytest.raises(ForgeError, match=said):
        forge.find_team(fleet.owner, fleet.name, team, permission)


def test_a_certificate_of_an_authority_that_is_not_known_is_told(gitea: Gitea, opened: Open) -> None:
    forge = opened()

    with http.opened(forge.api.base, {}, token="") as api, pytest.raises(ForgeError) as said:
        replace(forge, api=api).find_repository("acme", "fleet")

    assert said.value.message.startswith(f"{gitea.host} cannot be trusted: ")
    assert said.value.hint.startswith("--ca-file names the authority that signed its certificate")


def test_a_file_without_certificates_is_told(gitea: Gitea) -> None:
    settings = gitea.work / "app.ini"

    with (
        pytest.raises(UsageError, match=r"app\.ini: it holds no certificates$"),
        http.opened("", {}, token="", ca_file=settings),
    ):
        pass
