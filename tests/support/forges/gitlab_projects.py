"""What the fake GitLab answers about users, groups and projects, and what opens them."""

from __future__ import annotations

from typing import Any

from tests.support.forges.gitlab_state import (
    MAINTAINER,
    NAME,
    VISIBILITIES,
    GitLab,
    RefusedError,
    given,
    route,
    taken,
)
from tests.support.forges.wire import Answer, Asked

ISSUES = {"ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"}
SCOPES = {"read_repository", "read_registry", "write_registry"}


@route("GET /user")
def user(lab: GitLab, _asked: Asked, user: str) -> Answer:
    return Answer(200, {"id": lab.users[user], "username": user})


@route("GET /users")
def users(lab: GitLab, asked: Asked, _user: str) -> Answer:
    found = [{"id": number, "username": name} for name, number in lab.users.items()]
    return asked.page([each for each in found if each["username"] == asked.query.get("username", each["username"])])


@route("GET /users/{id}/projects")
def projects_of_user(lab: GitLab, asked: Asked, user: str) -> Answer:
    return _listed(lab, asked, user, asked.names["id"])


@route("GET /users/{id}/project_deploy_keys")
def keys_of_user(lab: GitLab, asked: Asked, user: str) -> Answer:
    seen = {key for each in lab.projects.values() if lab.level(each, user) >= MAINTAINER for key in each.keys}
    return asked.page([lab.keys[number] for number in seen])


@route("GET /groups/{id}")
def group(lab: GitLab, asked: Asked, user: str) -> Answer:
    return Answer(200, lab.group_of(asked, user))


@route("GET /groups/{id}/projects")
def projects_of_group(lab: GitLab, asked: Asked, user: str) -> Answer:
    return _listed(lab, asked, user, lab.group_of(asked, user)["full_path"])


def _listed(lab: GitLab, asked: Asked, user: str, owner: str) -> Answer:
    of_owner = [each for each in lab.projects.values() if each.full.rpartition("/")[0] == owner]
    seen = [each for each in of_owner if lab.level(each, user) and asked.query["search"].lower() in each.data["name"]]
    return asked.page([lab.told(asked, each, user) for each in seen], 20)


@route("POST /groups")
def new_group(lab: GitLab, asked: Asked, user: str) -> Answer:
    said = given(asked, "name", "path")
    parent = lab.groups.get(said.get("parent_id", 0))
    if parent is None or lab.of_group(parent["id"], user) < MAINTAINER:
        raise RefusedError(403, "403 Forbidden")
    _refuse_openness(said, parent)
    full = f"{parent['full_path']}/{said['path']}"
    if lab.group_at(full) or not NAME.fullmatch(said["path"]):
        raise RefusedError(400, 'Failed to save group {:path=>["has already been taken"]}')
    return Answer(201, lab.groups[lab.group(full, said.get("visibility", "private"))])


@route("POST /projects")
def new_project(lab: GitLab, asked: Asked, user: str) -> Answer:
    said = given(asked)
    if not said.get("name") and not said.get("path"):
        missing = "name, path are missing, at least one parameter must be provided"
        raise RefusedError(400, {"error": missing})
    name = said.get("name") or said["path"]
    path = said.get("path") or name.lower()
    owner = user
    if number := said.get("namespace_id"):
        group = lab.groups.get(number)
        if group is None or lab.of_group(number, user) < MAINTAINER:
            raise RefusedError(400, {"message": {"namespace": ["is not valid"]}})
        _refuse_openness(said, group)
        owner = group["full_path"]
    siblings = [each for each in lab.projects.values() if each.full.rpartition("/")[0].lower() == owner.lower()]
    if any(each.data["path"].lower() == path.lower() for each in siblings):
        raise taken("project_namespace.name", "name", "path")
    if any(each.data["name"] == name for each in siblings):
        raise taken("project_namespace.name", "name")
    own = {each: said[each] for each in ("description", "visibility", "default_branch") if said.get(each)}
    made = lab.project(f"{owner}/{path}", **{"name": name, **own})
    return Answer(201, lab.told(asked, made, user))


def _refuse_openness(said: dict[str, Any], group: dict[str, Any]) -> None:
    wanted, most = said.get("visibility", "private"), group["visibility"]
    if wanted not in VISIBILITIES:
        raise RefusedError(400, {"error": "visibility does not have a valid value"})
    if VISIBILITIES.index(wanted) > VISIBILITIES.index(most):
        raise RefusedError(400, {"message": {"visibility_level": [f"{wanted} is not allowed in a {most} group."]}})


@route("GET /projects/{id}")
def project(lab: GitLab, asked: Asked, user: str) -> Answer:
    return Answer(200, lab.told(asked, lab.found(asked, user), user))


@route("PUT /projects/{id}")
def change_project(lab: GitLab, asked: Asked, user: str) -> Answer:
    found = lab.found(asked, user, MAINTAINER)
    found.data |= given(asked)
    return Answer(200, lab.told(asked, found, user))


@route("GET /projects/{id}/members/all/{user_id}")
def member(lab: GitLab, asked: Asked, user: str) -> Answer:
    found = lab.found(asked, user)
    name = next(name for name, number in lab.users.items() if str(number) == asked.names["user_id"])
    if not lab.level(found, name):
        raise RefusedError(404, "404 Not found")
    return Answer(200, {"id": lab.users[name], "username": name, "access_level": lab.level(found, name)})


@route("POST /projects/{id}/share")
def share(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, said = lab.found(asked, user, MAINTAINER), given(asked, "group_id", "group_access")
    if said["group_id"] in found.shares:
        raise RefusedError(409, "already shared with this group")
    if said["group_access"] not in {10, 20, 30, 40, 50}:
        raise RefusedError(400, {"error": "group_access does not have a valid value"})
    found.shares[said["group_id"]] = said["group_access"]
    return Answer(201, {"project_id": found.data["id"], **said})


@route("DELETE /projects/{id}/share/{group_id}")
def unshare(lab: GitLab, asked: Asked, user: str) -> Answer:
    shares = lab.found(asked, user, MAINTAINER).shares
    if shares.pop(int(asked.names["group_id"]), None) is None:
        raise RefusedError(404, "404 Group Link Not Found")
    return Answer(204)


@route("GET /projects/{id}/deploy_keys")
def keys(lab: GitLab, asked: Asked, user: str) -> Answer:
    found = lab.found(asked, user, MAINTAINER)
    return asked.page([{**lab.keys[number], "can_push": push} for number, push in found.keys.items()], 20)


@route("POST /projects/{id}/deploy_keys")
def new_key(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, said = lab.found(asked, user, MAINTAINER), given(asked, "title", "key")
    material = said["key"].split()[:2]
    if len(material) < 2 or material[0] not in ISSUES:
        raise RefusedError(400, {"message": {"key": ["is invalid"]}})
    if any(each["key"].split()[:2] == material for each in lab.keys.values()):
        raise taken("deploy_key.fingerprint_sha256")
    number = next(lab.numbers)
    lab.keys[number] = {"id": number, "title": said["title"], "key": said["key"].strip(), "expires_at": None}
    found.keys[number] = bool(said.get("can_push"))
    return Answer(201, {**lab.keys[number], "can_push": found.keys[number]})


@route("POST /projects/{id}/deploy_keys/{key_id}/enable")
def enable_key(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, number = lab.found(asked, user, MAINTAINER), int(asked.names["key_id"])
    if number not in lab.keys:
        raise RefusedError(404, "404 Not Found")
    found.keys.setdefault(number, False)
    return Answer(201, {**lab.keys[number], "can_push": found.keys[number]})


@route("PUT /projects/{id}/deploy_keys/{key_id}")
def change_key(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, number = lab.found(asked, user, MAINTAINER), int(asked.names["key_id"])
    found.keys[number] = given(asked)["can_push"]
    return Answer(200, {**lab.keys[number], "can_push": found.keys[number]})


@route("DELETE /projects/{id}/deploy_keys/{key_id}")
def end_key(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, number = lab.found(asked, user, MAINTAINER), int(asked.names["key_id"])
    if found.keys.pop(number, None) is None:
        raise RefusedError(404, "404 Deploy Key Not Found")
    if not any(number in each.keys for each in lab.projects.values()):
        del lab.keys[number]
    return Answer(204)


@route("GET /projects/{id}/deploy_tokens")
def tokens(lab: GitLab, asked: Asked, user: str) -> Answer:
    found = lab.found(asked, user, MAINTAINER)
    every = asked.query.get("active", "").lower() != "true"
    return asked.page([{**each, "token": None} for each in found.tokens.values() if every or not each["revoked"]], 20)


@route("POST /projects/{id}/deploy_tokens")
def new_token(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, said = lab.found(asked, user, MAINTAINER), given(asked, "name", "scopes")
    if not set(said["scopes"]) <= SCOPES:
        raise RefusedError(400, {"error": "scopes does not have a valid value"})
    number = next(lab.numbers)
    username = said.get("username") or f"gitlab+deploy-token-{number}"
    until = f"{said['expires_at']}T00:00:00.000Z" if said.get("expires_at") else None
    own = {"id": number, "name": said["name"], "username": username, "scopes": said["scopes"], "expires_at": until}
    found.tokens[number] = {**own, "token": f"gldt-{number}-open-sesame", "revoked": False, "expired": False}
    return Answer(201, found.tokens[number])


@route("DELETE /projects/{id}/deploy_tokens/{token_id}")
def end_token(lab: GitLab, asked: Asked, user: str) -> Answer:
    found = lab.found(asked, user, MAINTAINER)
    if found.tokens.pop(int(asked.names["token_id"]), None) is None:
        raise RefusedError(404, "404 Deploy Token Not Found")
    return Answer(204)
