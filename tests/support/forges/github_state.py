"""What GitHub knows beside the content of repositories: people, organisations, and what is said about repositories."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.support.forges.store import Bare, Store

LEVELS = ("pull", "triage", "push", "maintain", "admin")
METHODS = {"merge": "allow_merge_commit", "squash": "allow_squash_merge", "rebase": "allow_rebase_merge"}


@dataclass
class Token:
    """`scopes` of a classic one; None: fine-grained, which may do what `permissions` say: name to read or write."""

    user: str
    scopes: tuple[str, ...] | None = ("repo", "admin:org")
    permissions: dict[str, str] = field(default_factory=dict)


@dataclass
class Team:
    slug: str
    members: set[str] = field(default_factory=set)
    repositories: dict[int, str] = field(default_factory=dict)  # number to permission


@dataclass
class Organisation:
    """`sign_on`: tokens have to be authorised for it."""

    login: str
    owners: set[str]
    makers: set[str] = field(default_factory=set)  # members who may make repositories
    teams: dict[str, Team] = field(default_factory=dict)
    deploy_keys: bool = True
    sign_on: bool = False


@dataclass
class Pull:
    """`unknown` is how often GitHub says yet that it does not know whether it can be merged."""

    number: int
    author: str
    head: str
    base: str
    title: str
    body: str
    commit: str
    draft: bool = False
    state: str = "open"
    merged: bool = False
    labels: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    reviews: list[tuple[str, str]] = field(default_factory=list)  # login, state
    auto_merge: str | None = None
    unknown: int = 1


@dataclass
class Repository:
    id: int
    owner: str
    name: str
    bare: Bare
    personal: bool
    visibility: str = "private"
    description: str | None = None
    archived: bool = False
    actions: bool = True
    collaborators: dict[str, str] = field(default_factory=dict)
    settings: dict[str, bool] = field(
        default_factory=lambda: {
            **dict.fromkeys(METHODS.values(), True),
            "allow_auto_merge": False,
            "delete_branch_on_merge": False,
        }
    )
    keys: dict[int, dict[str, Any]] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    protections: dict[str, dict[str, Any]] = field(default_factory=dict)
    pulls: dict[int, Pull] = field(default_factory=dict)
    statuses: dict[str, dict[str, str]] = field(default_factory=dict)  # commit to context to state
    runs: dict[str, dict[str, tuple[str, str | None]]] = field(
        default_factory=dict
    )  # ... to name to status, conclusion

    @property
    def full(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass
class World:
    """All of it. `keeper` is a user who owns every organisation, and `token` is theirs."""

    store: Store
    keeper: str = "keeper"
    token: str = "ghp_keeperkeeperkeeperkeeperkeeper000"
    tokens: dict[str, Token] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)  # a name that was, to what bears another one now
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.tokens[self.token] = Token(self.keeper)

    def token_of(self, user: str, *scopes: str, permissions: dict[str, str] | None = None) -> str:
        """A classic token with scopes, all unless some are said; or a fine-grained one with permissions."""
        made = f"{'ghp' if permissions is None else 'github_pat'}_{user}{next(self.numbers):030}"
        given = scopes or Token.scopes
        self.tokens[made] = Token(user, given if permissions is None else None, permissions or {})
        return made

    def organisation(self, login: str, *owners: str) -> Organisation:
        made = self.organisations[login.lower()] = Organisation(login, {self.keeper, *owners})
        return made

    def team(self, organisation: str, slug: str, *members: str) -> Team:
        made = self.organisations[organisation.lower()].teams[slug] = Team(slug, set(members))
        return made

    def repository(
        self, owner: str, name: str, visibility: str = "private", description: str | None = None
    ) -> Repository:
        """A new one, empty."""
        number = next(self.numbers)
        bare = self.store.create(f"{owner}/{name}")
        personal = owner.lower() not in self.organisations
        made = Repository(number, owner, name, bare, personal, visibility, description)
        self.repositories[number] = made
        return made

    def rename(self, repository: Repository, name: str) -> None:
        self.moved[repository.full.lower()] = repository.id
        self.store.rename(repository.full, f"{repository.owner}/{name}")
        repository.name = name
        repository.bare = self.store.find(repository.full) or repository.bare

    def find(self, full: str) -> Repository | None:
        return next((each for each in self.repositories.values() if each.full.lower() == full.lower()), None)

    def level(self, user: str, repository: Repository) -> int:
        """What somebody may do there: a place in LEVELS, -1 for nothing."""
        found = [repository.collaborators.get(user), "pull" if repository.visibility == "public" else None]
        if repository.personal:
            found.append("admin" if user.lower() == repository.owner.lower() else None)
        else:
            organisation = self.organisations[repository.owner.lower()]
            found.append("admin" if user in organisation.owners else None)
            mine = [team for team in organisation.teams.values() if user in team.members]
            found += [team.repositories.get(repository.id) for team in mine]
        return max(-1 if each is None else LEVELS.index(each) for each in found)

    def blocked(self, user: str, repository: Repository) -> tuple[str, ...]:
        """The branches that somebody may not push to."""
        admin = self.level(user, repository) == LEVELS.index("admin")
        return tuple(
            branch
            for branch, rules in repository.protections.items()
            if (rules["enforce_admins"] or not admin)
            and (rules["required_pull_request_reviews"] or rules["required_status_checks"] or rules["restrictions"])
        )
