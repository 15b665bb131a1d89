"""A GitLab, as far as we use it: users, groups, projects, their keys, tokens, branches and rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.support.forges.described import Description
from tests.support.forges.store import Bare, Store
from tests.support.forges.transport import Opening
from tests.support.forges.wire import Answer, Asked, Call, Router, Server

ADMIN, TOKEN = "keeper", "glpat-keeper-open-sesame"
GUEST, DEVELOPER, MAINTAINER, OWNER = 10, 30, 40, 50
LEVELS = {0: "No one", 30: "Developers + Maintainers", 40: "Maintainers", 60: "Instance admins"}
VISIBILITIES = ("private", "internal", "public")
REFUSAL = "GitLab: You are not allowed to push code to protected branches on this project."
NAME = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*")

# What the official description lacks, from docs.gitlab.com/api: `METHOD /path` -> the names in its body.
BEYOND = {
    "GET /user": "",
    "GET /users": "",
    "GET /users/{id}/projects": "",
    "GET /users/{id}/project_deploy_keys": "",
    "GET /groups/{id}": "",
    "GET /groups/{id}/projects": "",
    "POST /groups": "name path parent_id visibility description",
    "GET /projects/{id}/members/all/{user_id}": "",
    "POST /projects/{id}/share": "group_id group_access expires_at",
    "DELETE /projects/{id}/share/{group_id}": "",
    "GET /projects/{id}/deploy_tokens": "",
    "POST /projects/{id}/deploy_tokens": "name scopes expires_at username",
    "DELETE /projects/{id}/deploy_tokens/{token_id}": "",
    "GET /projects/{id}/labels/{name}": "",
    "POST /projects/{id}/labels": "name color description priority",
    "GET /projects/{id}/repository/archive.tar.gz": "",
    "GET /projects/{id}/approval_rules": "",
    "POST /projects/{id}/approval_rules": "name approvals_required rule_type user_ids group_ids",
    "PUT /projects/{id}/approval_rules/{rule_id}": "name approvals_required user_ids group_ids",
}

ALLOWED = {
    ("GET /projects/{id}/repository/branches/{branch}", ""): "the description takes the name of a branch for a number"
}


class RefusedError(Exception):
    """What GitLab answers instead."""

    def __init__(self, status: int, said: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(said)
        self.answer = Answer(status, said if isinstance(said, dict) else {"message": said}, headers or {})


def description(beside: Iterable[str] = ()) -> Description:
    """`beside` are routes that are not held against it."""
    document = json.loads(Path(__file__).with_name("gitlab.json").read_text(encoding="utf-8"))
    for key, names in BEYOND.items():
        method, path = key.split()
        variables = [
            {"name": name, "in": "path", "required": True, "schema": {}} for name in re.findall(r"{(\w+)}", path)
        ]
        operation: dict[str, Any] = {"parameters": variables, "responses": {"default": {"description": ""}}}
        if names:
            schema = {"type": "object", "properties": {name: {} for name in names.split()}}
            operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
        document["paths"].setdefault(path, {})[method.lower()] = operation
    # it asks for what belongs to another action: what is moved has a `previous_path`, what is changed a `content`
    commits = document["components"]["schemas"]["postApiV4ProjectsIdRepositoryCommits"]["properties"]
    commits["actions"]["items"]["required"] = ["action", "file_path"]
    allowed = {**ALLOWED, **{(key, ""): "scaffolder never asks it" for key in beside}}
    return Description(document, allowed, answers=False)


@dataclass
class Project:
    """`data` is what the API says of it; the rest it says elsewhere."""

    data: dict[str, Any]
    bare: Bare
    members: dict[str, int] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=dict)
    keys: dict[int, bool] = field(default_factory=dict)  # number -> whether it may push
    tokens: dict[int, dict[str, Any]] = field(default_factory=dict)
    protected: dict[str, dict[str, Any]] | None = None  # None until there is a first branch
    labels: dict[str, dict[str, Any]] = field(default_factory=dict)
    approvals: dict[int, dict[str, Any]] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    pipelines: dict[str, str] = field(default_factory=dict)  # commit -> status

    @property
    def full(self) -> str:
        return str(self.data["path_with_namespace"])


@dataclass(frozen=True)
class Who:
    """Of a token."""

    user: str
    scopes: tuple[str, ...]


Handle = Callable[["GitLab", Asked, str], Answer]
ROUTES: dict[str, Handle] = {}


def route(key: str) -> Callable[[Handle], Handle]:
    """Makes a function what answers `METHOD /path`."""

    def known(handle: Handle) -> Handle:
        ROUTES[key] = handle
        return handle

    return known


class GitLab:
    """One, with a keeper who may do everything.

    Args:
        server: where it will be.
        folder: where its repositories are.
        paid: whether its licence has approvals and code owners.
        beside: what it answers beside all that scaffolder asks, as ROUTES has it.
    """

    def __init__(
        self, server: Server, folder: Path, *, paid: bool = True, beside: Mapping[str, Handle] | None = None
    ) -> None:
        self.server = server
        self.paid = paid
        self.store = Store(folder)
        self.numbers = count(100)
        self.users: dict[str, int] = {}
        self.tokens: dict[str, Who] = {}
        self.groups: dict[int, dict[str, Any]] = {}
        self.members: dict[int, dict[str, int]] = {}  # of groups
        self.projects: dict[int, Project] = {}
        self.moved: dict[str, int] = {}
        self.keys: dict[int, dict[str, Any]] = {}
        self.usual: dict[str, Any] = {
            "only_allow_merge_if_pipeline_succeeds": False,
            "remove_source_branch_after_merge": True,
            "builds_access_level": "enabled",
        }
        self.user(ADMIN, TOKEN)
        handlers = {key: self._handler(handle) for key, handle in {**ROUTES, **(beside or {})}.items()}
        self.routers = [Router("/api/v4", handlers, description(beside or ()))]

    @property
    def calls(self) -> list[Call]:
        return self.routers[0].calls

    # what tests do by hand

    def user(self, name: str = "", token: str = "", scopes: tuple[str, ...] = ("api",)) -> str:
        """A user; a token of theirs beside, if one is said."""
        number = self.users.setdefault(name, next(self.numbers)) if name else next(self.numbers)
        self.users[name := name or f"user-{number}"] = number
        if token:
            self.tokens[token] = Who(name, scopes)
        return name

    def group(self, full: str = "", visibility: str = "private", **members: int) -> int:
        """A group, and those above it; its number."""
        number = next(self.numbers)
        full = full or f"group-{number}"
        above, _, path = full.rpartition("/")
        parent = (self.group_at(above) or {"id": self.group(above, visibility)})["id"] if above else None
        data = {"id": number, "path": path, "name": path, "full_path": full, "parent_id": parent}
        self.groups[number] = {**data, "visibility": visibility}
        self.members[number] = {**members}
        return number

    def project(self, full: str, **said: Any) -> Project:
        """A project of a group or user that is there."""
        owner, _, path = full.rpartition("/")
        data = {
            "id": next(self.numbers),
            "name": path,
            "path": path,
            "path_with_namespace": full,
            "description": None,
            "visibility": "private",
            "default_branch": "main",
            "archived": False,
            "namespace": {"full_path": owner},
            **self.usual,
            **said,
        }
        made = Project(data, self.store.create(full, data["default_branch"]))
        self.projects[data["id"]] = made
        return made

    def rename(self, full: str, now: str) -> None:
        project = self.at(full)
        self.moved[full.lower()] = project.data["id"]
        self.store.rename(full, now)
        project.data |= {"path_with_namespace": now, "path": now.rpartition("/")[2]}
        project.bare = self.store.find(now) or project.bare

    def at(self, full: str) -> Project:
        return next(each for each in self.projects.values() if each.full.lower() == full.lower())

    def group_at(self, full: str) -> dict[str, Any] | None:
        return next((each for each in self.groups.values() if each["full_path"].lower() == full.lower()), None)

    # who may what

    def level(self, project: Project, user: str) -> int:
        """The most that a user may: by the owner, as a member, or by a group that shares it."""
        owner = project.full.rpartition("/")[0]
        if user == ADMIN or owner.lower() == user.lower():
            return OWNER
        shared = [min(most, self.of_group(number, user)) for number, most in project.shares.items()]
        group = self.group_at(owner)
        return max([project.members.get(user, 0), self.of_group(group["id"], user) if group else 0, *shared])

    def of_group(self, number: int, user: str) -> int:
        group = self.groups[number]
        above = self.of_group(group["parent_id"], user) if group["parent_id"] else 0
        return max(OWNER if user == ADMIN else 0, above, self.members[number].get(user, 0))

    def may_push(self, project: Project, branch: str, user: str) -> bool:
        level = self.level(project, user)
        rule = self.protected(project).get(branch)
        least = [each["access_level"] for each in rule["push_access_levels"]] if rule else [DEVELOPER]
        return any(0 < each <= level for each in least)

    def protected(self, project: Project) -> dict[str, dict[str, Any]]:
        """The rules; GitLab makes the first by itself, when there is a default branch."""
        if project.protected is None and project.data["default_branch"] in project.bare.branches():
            project.protected = {project.data["default_branch"]: self.rule({"name": project.data["default_branch"]})}
        return project.protected or {}

    def rule(self, said: Mapping[str, Any]) -> dict[str, Any]:
        def levels(name: str) -> list[dict[str, Any]]:
            level = said.get(f"{name}_access_level", MAINTAINER)
            if level not in LEVELS:
                raise RefusedError(400, {"error": f"{name}_access_level does not have a valid value"})
            return [{"id": next(self.numbers), "access_level": level, "access_level_description": LEVELS[level]}]

        made = {
            "id": next(self.numbers),
            "name": said["name"],
            "push_access_levels": levels("push"),
            "merge_access_levels": levels("merge"),
            "allow_force_push": bool(said.get("allow_force_push")),
        }
        owners = {"code_owner_approval_required": bool(said.get("code_owner_approval_required"))} if self.paid else {}
        return {**made, **owners}

    def open(self, user: str, password: str, full: str) -> Opening | None:
        project = next((each for each in self.projects.values() if each.full.lower() == full.lower()), None)
        if password not in self.tokens:
            tokens = project.tokens.values() if project else ()
            lent = any((each["username"], each["token"]) == (user, password) for each in tokens)
            return Opening(user, project.bare, write=False) if lent and project else None
        who = self.tokens[password]
        if project is None or not self.level(project, who.user):
            return Opening(who.user, None)
        write = self.level(project, who.user) >= DEVELOPER and bool({"api", "write_repository"} & {*who.scopes})
        blocked = tuple(name for name in self.protected(project) if not self.may_push(project, name, who.user))
        return Opening(who.user, project.bare, write and not project.data["archived"], blocked, REFUSAL)

    # how it answers

    def _handler(self, handle: Handle) -> Callable[[Asked], Answer]:
        def answer(asked: Asked) -> Answer:
            try:
                return handle(self, asked, self._user(asked))
            except RefusedError as error:
                return error.answer

        return answer

    def _user(self, asked: Asked) -> str:
        who = self.tokens.get(asked.headers.get("Private-Token", ""))
        if who is None:
            raise RefusedError(401, "401 Unauthorized")
        scope = "api read_api" if asked.method == "GET" else "api"
        if not {*scope.split()} & {*who.scopes}:
            said = "The request requires higher privileges than provided by the access token."
            raise RefusedError(403, {"error": "insufficient_scope", "error_description": said, "scope": scope})
        return who.user

    def found(self, asked: Asked, user: str, least: int = GUEST) -> Project:
        """The project of a path, for one who may see it and has at least a level."""
        said, missing = asked.names["id"], RefusedError(404, "404 Project Not Found")
        matches = [each for each in self.projects.values() if said == str(each.data["id"])]
        matches += [each for each in self.projects.values() if each.full.lower() == said.lower()]
        if not matches and said.lower() in self.moved:
            if asked.method != "GET":
                raise RefusedError(405, "Non GET methods are not allowed for moved projects")
            now = asked.path.replace(f"/projects/{quote(said, safe='')}", f"/projects/{self.moved[said.lower()]}")
            raise RefusedError(302, "This resource has been moved temporarily", {"Location": asked.root + now})
        if not matches or not (self.level(matches[0], user) or matches[0].data["visibility"] != "private"):
            raise missing
        if self.level(matches[0], user) < least and least > GUEST:
            raise RefusedError(403, "403 Forbidden")
        return matches[0]

    def group_of(self, asked: Asked, user: str) -> dict[str, Any]:
        said = asked.names["id"]
        found = self.groups.get(int(said)) if said.isdecimal() else self.group_at(said)
        if not found or not (self.of_group(found["id"], user) or found["visibility"] != "private"):
            raise RefusedError(404, "404 Group Not Found")
        return found

    def told(self, asked: Asked, project: Project, user: str) -> dict[str, Any]:
        """A project, as the API says it to somebody."""
        owner = self.group_at(project.full.rpartition("/")[0])
        levels = {
            "project_access": project.members.get(user),
            "group_access": (self.of_group(owner["id"], user) if owner and user != ADMIN else 0) or None,
        }
        shares = [
            {
                "group_id": number,
                "group_name": self.groups[number]["name"],
                "group_full_path": self.groups[number]["full_path"],
                "group_access_level": level,
                "expires_at": None,
            }
            for number, level in project.shares.items()
        ]
        host = asked.root.removesuffix("/api/v4")
        return {
            **project.data,
            "empty_repo": not project.bare.branches(),
            "web_url": f"{host}/{project.full}",
            "http_url_to_repo": f"{host}/{project.full}.git",
            "shared_with_groups": shares,
            "permissions": {name: level and {"access_level": level} for name, level in levels.items()},
        }


def given(asked: Asked, *needed: str) -> dict[str, Any]:
    """What is said in the query and in the body, which GitLab takes for the same."""
    said = {**asked.query, **(asked.body or {})}
    missing = [name for name in needed if said.get(name) in (None, "")]
    if missing:
        raise RefusedError(400, {"error": ", ".join(f"{name} is missing" for name in missing)})
    return said


def taken(*names: str) -> RefusedError:
    return RefusedError(400, {"message": {name: ["has already been taken"] for name in names}})
