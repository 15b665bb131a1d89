"""What only GitLab does, on the fake one; what it does as every forge is in test_contract.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from scaffolder.errors import ForgeError, UsageError
from scaffolder.forge.base import Action, DeployKey, Hosted, Permission, Repository
from scaffolder.forge.gitlab import GitlabForge, keys, session
from scaffolder.git.credentials import Access
from scaffolder.git.remote import contact
from tests.forge.support import gitlab_forge
from tests.support.forges.gitlab import TOKEN, GitLab
from tests.support.forges.wire import Fault, serving

Open = Callable[..., GitlabForge]
FLEET = Repository("acme/platform", "Fleet", description="Clusters of acme")
PATH = "/projects/acme%2Fplatform%2FFleet"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPe6d0nSDvAi5hHy5x4hNEuTr0ZyDQ3YbKUJnsEeZ{}"
TITLE = "flux-system-main-flux-system-./clusters/prod"


def key(letter: str = "a", **said: bool) -> DeployKey:
    return DeployKey(TITLE, KEY.format("0y" + letter), **said)


@pytest.fixture
def opened(gitlab: GitLab, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Open:
    """The forge, with all rights or those of a token; pauses take no time."""
    monkeypatch.setenv("no_proxy", "localhost")
    monkeypatch.setattr(session.Session.__init__, "__defaults__", (lambda _seconds: None,))
    return lambda **said: gitlab_forge(gitlab, request, **said)


@pytest.fixture
def forge(gitlab: GitLab, opened: Open) -> GitlabForge:
    gitlab.group("acme", "internal")
    return opened()


@pytest.fixture
def hosted(forge: GitlabForge) -> Hosted:
    return forge.ensure_repository(FLEET).value


def calls(gitlab: GitLab) -> list[str]:
    return [str(each) for each in gitlab.calls]


def test_a_repository_is_made_in_nested_groups_of_which_the_missing_ones_are_made_as_open_as_it_is(
    gitlab: GitLab, forge: GitlabForge
) -> None:
    made = forge.ensure_repository(replace(FLEET, owner="acme/platform/eu", visibility="internal", branch="trunk"))

    project = gitlab.at("acme/platform/eu/Fleet").data
    assert (project["name"], project["path"], project["default_branch"]) == ("Fleet", "Fleet", "trunk")
    assert project["description"] == "Clusters of acme"
    groups = {each["full_path"]: each["visibility"] for each in gitlab.groups.values()}
    assert groups == {"acme": "internal", "acme/platform": "internal", "acme/platform/eu": "internal"}
    assert made.value.git_url == f"https://{gitlab.server.host}/acme/platform/eu/Fleet.git"
    assert made.value.sync_url == "ssh://git@ssh.example.com/acme/platform/eu/Fleet"


def test_it_is_asked_for_once_where_it_is_there_and_no_more_than_needed_where_not(
    gitlab: GitLab, forge: GitlabForge
) -> None:
    gitlab.group("acme/platform")
    forge.ensure_repository(FLEET)
    assert calls(gitlab) == [f"GET {PATH}", "GET /groups/acme%2Fplatform?with_projects=False", "POST /projects"]
    gitlab.calls.clear()

    forge.ensure_repository(FLEET)

    assert calls(gitlab) == [f"GET {PATH}"]


def test_only_a_group_at_the_top_has_to_be_there(forge: GitlabForge) -> None:
    with pytest.raises(ForgeError, match=r"^localhost:\d+ has no group nobody that this token may see$") as said:
        forge.find_repository("nobody/platform", "fleet")

    assert said.value.hint == "make it there first; for your own user, say --personal"


def test_a_user_s_own_repository_is_made_by_that_user_alone(gitlab: GitLab, opened: Open) -> None:
    gitlab.user("ada", "glpat-of-ada")
    forge = opened(token="glpat-of-ada", personal=True, token_auth=True)

    made = forge.ensure_repository(Repository("ada", "fleet", visibility="public"))

    assert (made.action, made.value.visibility, made.value.sync_url) == (Action.CREATED, "public", made.value.git_url)
    with pytest.raises(ForgeError, match=r"^the token belongs to ada, not to eve$"):
        forge.find_repository("eve", "fleet")


def test_a_renamed_repository_is_told_with_its_name(gitlab: GitLab, forge: GitlabForge, hosted: Hosted) -> None:
    gitlab.rename("acme/platform/Fleet", "acme/platform/flotte")

    with pytest.raises(ForgeError, match=r"/Fleet was renamed: it is acme/platform/flotte now$") as said:
        forge.find_repository(hosted.owner, hosted.name)

    assert said.value.hint == "give --owner=acme/platform --repository=flotte"


def test_capital_letters_are_another_way_to_say_the_same(gitlab: GitLab, forge: GitlabForge, hosted: Hosted) -> None:
    gitlab.moved["acme/platform/fleet"] = gitlab.at("acme/platform/Fleet").data["id"]

    assert forge.find_repository("acme/Platform", "fleet") == hosted


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"archived": True}, "is archived"),
        ({"mirror": True}, "mirrors another repository"),
        ({"marked_for_deletion_on": "2026-12-01"}, "is going to be deleted"),
    ],
)
def test_what_cannot_be_pushed_to_is_told(
    gitlab: GitLab, forge: GitlabForge, hosted: Hosted, state: dict[str, object], said: str
) -> None:
    gitlab.at(f"{hosted.owner}/{hosted.name}").data |= state

    with pytest.raises(ForgeError, match=rf"/Fleet on localhost:\d+ {said}: nothing can be pushed$"):
        forge.find_repository(hosted.owner, hosted.name)


def test_a_reader_is_told_before_anything_is_pushed_unless_an_invited_group_lets_them_write(
    gitlab: GitLab, opened: Open
) -> None:
    gitlab.user("ada", "glpat-of-ada")
    gitlab.group("acme", ada=20)
    project = gitlab.project("acme/fleet")
    forge = opened(token="glpat-of-ada")

    with pytest.raises(ForgeError, match=r"^acme/fleet on localhost:\d+ may be read, but not written to$"):
        forge.find_repository("acme", "fleet")

    project.shares[gitlab.group("devs", ada=50)] = 30
    assert forge.find_repository("acme", "fleet")


@pytest.mark.parametrize(
    ("there", "seen", "said"),
    [
        ("fleet", False, "the name is taken, by a repository that this token may not see"),
        ("flotte", True, "acme/flotte has this name"),
    ],
)
def test_a_name_that_is_taken_is_told_with_by_what(
    gitlab: GitLab, opened: Open, monkeypatch: pytest.MonkeyPatch, there: str, *, seen: bool, said: str
) -> None:
    gitlab.group("acme")
    gitlab.project(f"acme/{there}", name="fleet")
    forge = opened()
    if not seen:
        monkeypatch.setattr(gitlab, "level", lambda _project, _user: 0)

    with pytest.raises(ForgeError, match=rf"^acme/fleet cannot be created: {said}$"):
        forge.ensure_repository(Repository("acme", "fleet"))


def test_gitlab_s_own_words_are_told_in_one_line(forge: GitlabForge) -> None:
    with pytest.raises(ForgeError) as said:
        forge.ensure_repository(Repository("acme", "fleet", visibility="public"))

    assert said.value.message == (
        "acme/fleet cannot be created: visibility_level public is not allowed in a internal group."
    )


@pytest.mark.parametrize(
    ("scopes", "what", "missing"),
    [(("read_repository",), "read", "api or read_api"), (("read_api",), "created", "api")],
)
def test_the_scope_that_a_token_lacks_is_named(
    gitlab: GitLab, opened: Open, scopes: tuple[str, ...], what: str, missing: str
) -> None:
    gitlab.user("ada", "glpat-of-ada", scopes)
    gitlab.group("acme", ada=50)

    with pytest.raises(ForgeError, match=rf"^acme/fleet cannot be {what}: the token has too few scopes$") as said:
        opened(token="glpat-of-ada").ensure_repository(Repository("acme", "fleet"))

    assert said.value.hint == f"Preferences > Access tokens makes a token with the scope {missing}"


def test_a_token_that_is_not_known_is_told_and_not_shown(gitlab: GitLab, opened: Open) -> None:
    forge = opened(token="open-sesame-17")
    said = {"error": "invalid_token", "error_description": "Token open-sesame-17 is expired. You can do nothing."}

    with pytest.raises(ForgeError, match=r"^localhost:\d+ does not take this token$") as plain:
        forge.find_repository("acme", "fleet")
    gitlab.server.faults.append(Fault("GET", 401, data=said))
    with pytest.raises(ForgeError, match=r" does not take this token: Token \*\*\* is expired$"):
        forge.find_repository("acme", "fleet")

    assert plain.value.hint.startswith("export another one as GITLAB_TOKEN")
    assert "open-sesame-17" not in repr(forge) + repr(plain.value)


def test_a_busy_server_is_waited_for_and_a_broken_connection_is_tried_again(gitlab: GitLab, forge: GitlabForge) -> None:
    gitlab.server.faults += [
        Fault("GET /api/v4/projects", 429, {"Retry-After": "7"}),
        Fault("GET /api/v4/projects"),
        Fault("POST /api/v4/projects", 429),
    ]

    assert forge.ensure_repository(FLEET).action is Action.CREATED


@pytest.mark.parametrize(
    ("fault", "message", "hint"),
    [
        (Fault("GET", 429, {"Retry-After": "3600"}), "too many requests (429)", "it asks to wait 3600 seconds"),
        (Fault("GET", 502, times=9), "BAD GATEWAY (502)", "run this again later"),
        (Fault("GET", times=9), "cannot be reached: ", "check --hostname, network and proxy"),
        (Fault("POST /api/v4/projects", done=True), "cannot be reached: ", "it may have been done: run this again"),
        (Fault("GET", 302, {"Location": "https://evil.example/"}), "sends us to https://evil.example", "if that is"),
        (Fault("GET", 200, data=[1]), "the answer is not GitLab's", "is --hostname right?"),
    ],
)
def test_what_does_not_pass_is_one_line_and_nothing_is_done_twice(
    gitlab: GitLab, forge: GitlabForge, fault: Fault, message: str, hint: str
) -> None:
    gitlab.server.faults.append(replace(fault))

    with pytest.raises(ForgeError) as said:
        forge.ensure_repository(FLEET)

    assert message in said.value.message
    assert said.value.hint.startswith(hint)
    gitlab.server.faults.clear()
    assert len([each for each in calls(gitlab) if each == "POST /projects"]) == int(fault.done)
    forge.ensure_repository(FLEET)
    assert [each.full for each in gitlab.projects.values()] == ["acme/platform/Fleet"]


def test_a_server_below_a_path_is_found_there(gitlab: GitLab, request: pytest.FixtureRequest, opened: Open) -> None:
    del opened
    gitlab.group("acme")
    with serving(gitlab.server, gitlab, "/git"):
        made = gitlab_forge(gitlab, request).ensure_repository(Repository("acme", "fleet")).value

        assert made.git_url.endswith("/git/acme/fleet.git")
        assert contact(None, made.access, made.git_url, "ls-remote", made.git_url).out == ""


def test_a_certificate_that_is_not_known_is_told_and_a_file_without_any(gitlab: GitLab, forge: GitlabForge) -> None:
    library = session.library(gitlab.server.host, TOKEN, None)
    stranger = replace(forge, api=replace(forge.api, library=library))

    with pytest.raises(ForgeError, match=r"^localhost:\d+ cannot be trusted: unable to get local issuer") as said:
        stranger.find_repository("acme", "fleet")

    assert said.value.hint.startswith("--ca-file names the authority that signed its certificate")
    empty = gitlab.server.authority.with_name("empty.pem")
    empty.write_text("nothing\n")
    with pytest.raises(UsageError, match=r"empty\.pem: it holds no certificates$"):
        session.library(gitlab.server.host, TOKEN, empty)


def test_a_deploy_key_is_made_once_and_replaced_where_it_opens_something_else(
    forge: GitlabForge, hosted: Hosted
) -> None:
    forge.ensure_deploy_key(hosted, DeployKey("theirs", KEY.format("0yz")))

    wanted = [key(), replace(key(), key=f"{key().key} a comment"), key("b"), key("b", read_only=False)]
    actions = [forge.ensure_deploy_key(hosted, each).action for each in wanted]

    assert actions == [Action.CREATED, Action.UNCHANGED, Action.UPDATED, Action.UPDATED]
    assert forge.find_deploy_key(hosted, TITLE) == key("b", read_only=False)
    assert forge.find_deploy_key(hosted, "theirs")
    assert forge.find_deploy_key(hosted, "nobody's") is None


def test_a_key_that_another_project_has_is_enabled(gitlab: GitLab, forge: GitlabForge, hosted: Hosted) -> None:
    other = forge.ensure_repository(replace(FLEET, name="other")).value
    forge.ensure_deploy_key(other, replace(key(), title="of the other"))
    wanted = key(read_only=False)

    actions = [forge.ensure_deploy_key(hosted, wanted).action for _ in range(2)]

    assert actions == [Action.CREATED, Action.UNCHANGED]
    assert set(gitlab.at("acme/platform/Fleet").keys.values()) == {True}
    assert set(gitlab.at("acme/platform/other").keys.values()) == {False}


def test_a_key_on_the_second_page_is_found(gitlab: GitLab, forge: GitlabForge, hosted: Hosted) -> None:
    project = gitlab.at("acme/platform/Fleet")
    for number in range(120):
        gitlab.keys[number] = {"id": number, "title": f"key-{number}", "key": KEY.format(number)}
        project.keys[number] = False

    assert forge.find_deploy_key(hosted, "key-119")


def test_a_group_shares_the_repository_and_is_never_given_less(
    gitlab: GitLab, forge: GitlabForge, hosted: Hosted
) -> None:
    devs = gitlab.group("people/devs")
    levels = [Permission.PUSH, Permission.PUSH, None, Permission.PULL]

    foreseen = forge.find_team("acme/platform", "missing", "people/devs", None)
    actions = [forge.ensure_team(hosted, "people/devs", each) for each in levels]

    assert foreseen is Action.CREATED
    assert actions == [Action.CREATED, Action.UNCHANGED, Action.UPDATED, Action.UNCHANGED]
    assert gitlab.at("acme/platform/Fleet").shares == {devs: 40}


@pytest.mark.parametrize(
    ("team", "said"),
    [
        ("ghosts", r"^localhost:\d+ has no group `ghosts` that this token may see$"),
        ("acme", r"^the group `acme` has what lies in it already$"),
    ],
)
def test_a_group_that_cannot_share_is_told_before_there_is_a_repository(
    forge: GitlabForge, team: str, said: str
) -> None:
    with pytest.raises(ForgeError, match=said):
        forge.find_team("acme/platform", "fleet", team, None)


def test_a_deploy_token_reads_and_a_new_one_ends_the_old(gitlab: GitLab, forge: GitlabForge, hosted: Hosted) -> None:
    first, second = (keys.lend(forge.api, hosted, TITLE) for _ in range(2))

    assert second.username.startswith("gitlab+deploy-token-")
    assert keys.works(forge.api, hosted, TITLE, second.username)
    assert not keys.works(forge.api, hosted, TITLE, first.username)
    opens = Access(second.username, second.password, gitlab.server.authority)
    assert contact(None, opens, hosted.git_url, "ls-remote", hosted.git_url).out == ""
    assert len(gitlab.at("acme/platform/Fleet").tokens) == 1
