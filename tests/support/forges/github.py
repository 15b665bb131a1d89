"""GitHub, as far as we use it: its API, and git over HTTPS."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.forges import github_changes, github_contents, github_state
from tests.support.forges.described import Description
from tests.support.forges.github_shapes import Refused, of_repository, of_user
from tests.support.forges.github_state import LEVELS, Repository, Token, World
from tests.support.forges.store import Store
from tests.support.forges.transport import Opening
from tests.support.forges.wire import Answer, Asked, Call, Router, Server, serving

API = "/api/v3"
REFUSAL = """\
error: GH006: Protected branch update failed for refs/heads/main.
error: Changes must be made through a pull request."""
NOT_FOUND = Answer(404, {"message": "Not Found", "status": "404"})
ALLOWED = {
    ("GET /repositories/{id}", ""): "where renamed repositories are sent to; the official description leaves it out",
    (
        "GET /repos/{owner}/{repo}/commits/{ref}/check-runs",
        "< check_runs/*/conclusion",
    ): "null while a check runs: nullable, but its list of values lacks it",
}
DESCRIBED = Path(__file__).with_name("github.json")

View = Callable[[World, Token, Asked], Answer]


def user(_world: World, token: Token, _asked: Asked) -> Answer:
    if token.scopes is None and not token.permissions:  # as an app's
        raise Refused(403, "Resource not accessible by integration")
    return Answer(200, of_user(token.user) | {"user_view_type": "private"})


def organisation(world: World, _token: Token, asked: Asked) -> Answer:
    found = world.organisations.get(asked.names["org"].lower())
    return Answer(200, {"login": found.login, "type": "Organization"}) if found else NOT_FOUND


def repository(world: World, token: Token, asked: Asked) -> Answer:
    full = f"{asked.names['owner']}/{asked.names['repo']}".lower()
    if world.find(full) is None and full in world.moved:
        return Answer(
            301, {"message": "Moved Permanently"}, {"Location": f"{asked.root}/repositories/{world.moved[full]}"}
        )
    return told(world, token, asked, reached(world, token, asked))


def told(world: World, token: Token, asked: Asked, found: Repository, status: int = 200) -> Answer:
    """A repository, and where git finds it."""
    url = f"{asked.root.removesuffix(API)}/{found.full}.git"
    return Answer(status, of_repository(world, token.user, found) | {"clone_url": url})


def repository_by_number(world: World, token: Token, asked: Asked) -> Answer:
    return told(world, token, asked, world.repositories[int(asked.names["id"])])


def edited(world: World, token: Token, asked: Asked) -> Answer:
    found = reached(world, token, asked, "admin")
    found.settings.update({name: value for name, value in asked.body.items() if name in found.settings})
    found.description = asked.body.get("description", found.description)
    return told(world, token, asked, found)


def created_for_organisation(world: World, token: Token, asked: Asked) -> Answer:
    organisation = world.organisations.get(asked.names["org"].lower())
    if organisation is None:
        return NOT_FOUND
    if token.user not in organisation.owners | organisation.makers:
        raise Refused(403, "You need admin access to the organization before adding a repository to it.")
    return created(world, token, asked, organisation.login)


def created_for_user(world: World, token: Token, asked: Asked) -> Answer:
    return created(world, token, asked, token.user)


def created(world: World, token: Token, asked: Asked, owner: str) -> Answer:
    said = asked.body
    if world.find(f"{owner}/{said['name']}"):
        error = {
            "resource": "Repository",
            "code": "custom",
            "field": "name",
            "message": "name already exists on this account",
        }
        raise Refused(422, "Repository creation failed.", [error])
    visibility = said.get("visibility", "private" if said.get("private") else "public")
    made = world.repository(owner, said["name"], visibility, said.get("description"))
    if token.user != owner:
        made.collaborators[token.user] = "admin"
    return told(world, token, asked, made, 201)


def keys(world: World, token: Token, asked: Asked) -> Answer:
    return asked.page(list(reached(world, token, asked, "admin").keys.values()))


def actions(world: World, token: Token, asked: Asked) -> Answer:
    return Answer(200, {"enabled": reached(world, token, asked, "admin").actions, "sha_pinning_required": False})


def key_added(world: World, token: Token, asked: Asked) -> Answer:
    found = reached(world, token, asked, "admin")
    said = {"title": "", "read_only": False, **asked.body}
    plain = " ".join(said["key"].split()[:2])
    if not found.personal and not world.organisations[found.owner.lower()].deploy_keys:
        raise Refused(422, "Deploy keys are disabled for this repository")
    if any(each["key"] == plain for other in world.repositories.values() for each in other.keys.values()):
        raise Refused(
            422,
            "Validation Failed",
            [{"resource": "PublicKey", "code": "custom", "field": "key", "message": "key is already in use"}],
        )
    number = next(world.numbers)
    found.keys[number] = {**said, "key": plain, "id": number, "url": "", "verified": True, "created_at": ""}
    return Answer(201, found.keys[number])


def key_deleted(world: World, token: Token, asked: Asked) -> Answer:
    return (
        Answer(204) if reached(world, token, asked, "admin").keys.pop(int(asked.names["key_id"]), None) else NOT_FOUND
    )


def team_of(world: World, token: Token, asked: Asked) -> github_state.Team:
    organisation = world.organisations.get(asked.names["org"].lower())
    found = organisation.teams.get(asked.names["team_slug"]) if organisation else None
    if found is None or (organisation and token.user not in organisation.owners | found.members):
        raise Refused(404, "Not Found")
    return found


def team(world: World, token: Token, asked: Asked) -> Answer:
    return Answer(200, {"slug": team_of(world, token, asked).slug})


def team_repository(world: World, token: Token, asked: Asked) -> Answer:
    found, inside = team_of(world, token, asked), reached(world, token, asked)
    if inside.id not in found.repositories:
        return NOT_FOUND
    if "repository+json" not in asked.headers.get("Accept", ""):
        return Answer(204)
    level = LEVELS.index(found.repositories[inside.id])
    may = {each: LEVELS.index(each) <= level for each in LEVELS}
    return Answer(200, of_repository(world, token.user, inside) | {"permissions": may, "role_name": LEVELS[level]})


def team_given(world: World, token: Token, asked: Asked) -> Answer:
    found, inside = team_of(world, token, asked), reached(world, token, asked, "admin")
    found.repositories[inside.id] = asked.body["permission"]
    return Answer(204)


def reached(world: World, token: Token, asked: Asked, level: str = "pull") -> Repository:
    """The repository in the path, where this token may do what is asked; else GitHub knows of nothing."""
    found = world.find(f"{asked.names['owner']}/{asked.names['repo']}")
    if found is None or world.level(token.user, found) < 0:
        raise Refused(404, "Not Found")
    if not found.personal and world.organisations[found.owner.lower()].sign_on:
        url = f"https://github.com/orgs/{found.owner}/sso?authorization_request=A1"
        raise Refused(
            403,
            "Resource protected by organization SAML enforcement.",
            headers={"X-GitHub-SSO": f"required; url={url}"},
        )
    if world.level(token.user, found) < LEVELS.index(level):
        raise Refused(
            404 if level == "admin" else 403,
            "Not Found" if level == "admin" else "Must have write access to Repository.",
        )
    if found.archived and asked.method != "GET":
        raise Refused(403, "Repository was archived so is read-only.")
    return found


@dataclass(frozen=True)
class Need:
    """What a token has to have: one of these scopes, or this permission."""

    scopes: tuple[str, ...]
    permission: tuple[str, str]


READ, WRITE, ADMINISTER = (
    Need(("repo",), said) for said in (("metadata", "read"), ("contents", "write"), ("administration", "write"))
)
ROUTES: dict[str, tuple[View, Need | None]] = {
    "GET /user": (user, None),
    "GET /orgs/{org}": (organisation, None),
    "POST /orgs/{org}/repos": (created_for_organisation, ADMINISTER),
    "POST /user/repos": (created_for_user, ADMINISTER),
    "GET /repositories/{id}": (repository_by_number, READ),
    "GET /repos/{owner}/{repo}": (repository, READ),
    "PATCH /repos/{owner}/{repo}": (edited, ADMINISTER),
    "GET /repos/{owner}/{repo}/actions/permissions": (actions, Need(("repo",), ("administration", "read"))),
    "GET /repos/{owner}/{repo}/keys": (keys, Need(("repo",), ("administration", "read"))),
    "POST /repos/{owner}/{repo}/keys": (key_added, ADMINISTER),
    "DELETE /repos/{owner}/{repo}/keys/{key_id}": (key_deleted, ADMINISTER),
    "GET /orgs/{org}/teams/{team_slug}": (team, Need(("read:org", "admin:org", "repo"), ("members", "read"))),
    "GET /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}": (team_repository, READ),
    "PUT /orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}": (team_given, ADMINISTER),
    **{
        key: (github_changes.within(reached, view, level), {"pull": READ, "push": WRITE, "admin": ADMINISTER}[level])
        for key, (view, level) in {**github_changes.ROUTES, **github_contents.ROUTES}.items()
    },
}


class GitHub(World):
    """`calls` are what the API was asked, in its order."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._api = Router(
            API,
            {key: self._guarded(*said) for key, said in ROUTES.items()},
            described(),
            frozenset({"ref", "branch", "path"}),
        )
        self._graphql = Router("/api", {"POST /graphql": self._guarded(github_changes.graphql, None)})
        self.routers = [self._api, self._graphql]

    @property
    def calls(self) -> list[Call]:
        return [call for router in self.routers for call in router.calls]

    def open(self, _user: str, password: str, full: str) -> Opening | None:
        token = self.tokens.get(password)
        if token is None:
            return None
        found = self.find(full)
        level = self.level(token.user, found) if found else -1
        if found is None or level < 0 or not _may(token, READ):
            return Opening(token.user, None)
        write = level >= LEVELS.index("push") and not found.archived and _may(token, WRITE)
        return Opening(token.user, found.bare, write, self.blocked(token.user, found), REFUSAL)

    def _guarded(self, view: View, need: Need | None) -> Callable[[Asked], Answer]:
        def answer(asked: Asked) -> Answer:
            kind, _, said = asked.headers.get("Authorization", "").partition(" ")
            if kind == "Basic":
                said = base64.b64decode(said).decode().partition(":")[2]
            token = self.tokens.get(said)
            if token is None:
                return Answer(401, {"message": "Bad credentials", "status": "401"})
            told = _told(token, need)
            if need and not _may(token, need):
                fine = token.scopes is None
                return Answer(
                    403 if fine else 404,
                    {"message": "Resource not accessible by personal access token" if fine else "Not Found"},
                    told,
                )
            try:
                made = view(self, token, asked)
            except Refused as error:
                return Answer(error.status, {"message": error.said, "errors": error.errors}, {**told, **error.headers})
            return Answer(made.status, made.data, {**told, **made.headers})

        return answer


def _may(token: Token, need: Need) -> bool:
    if token.scopes is not None:
        return bool(set(need.scopes) & set(token.scopes))
    name, level = need.permission
    return name == "metadata" or token.permissions.get(name) in {level, "write"}


def _told(token: Token, need: Need | None) -> Mapping[str, str]:
    """The headers by which GitHub says what a token has, and what would do."""
    rate = {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4999", "X-RateLimit-Reset": "4102444800"}
    if token.scopes is None:
        return {**rate, **({"X-Accepted-GitHub-Permissions": "=".join(need.permission)} if need else {})}
    accepted = ", ".join(need.scopes) if need else ""
    return {**rate, "X-OAuth-Scopes": ", ".join(token.scopes), "X-Accepted-OAuth-Scopes": accepted}


_described: list[Description] = []  # read once


def described() -> Description:
    if not _described:
        document: dict[str, Any] = json.loads(DESCRIBED.read_text(encoding="utf-8"))
        _described.append(Description(document, ALLOWED))
    return _described[0]


@pytest.fixture
def github(
    forge_server: Server, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[GitHub]:
    """A GitHub of this test's own, with the organisation acme."""
    monkeypatch.setenv("no_proxy", "localhost")
    made = GitHub(Store(tmp_path_factory.mktemp("github")))
    made.organisation("acme")
    with serving(forge_server, made):
        yield made
