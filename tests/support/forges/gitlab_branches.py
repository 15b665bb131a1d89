"""What the fake GitLab answers about branches, who may push to them, approvals and labels."""

from __future__ import annotations

from tests.support.forges.gitlab_state import DEVELOPER, MAINTAINER, GitLab, RefusedError, given, route
from tests.support.forges.wire import Answer, Asked

MISSING = RefusedError(404, "404 Not found")


@route("GET /projects/{id}/repository/branches/{branch}")
def branch(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, name = lab.found(asked, user), asked.names["branch"]
    tip = found.bare.tip(name)
    if tip is None:
        raise RefusedError(404, "404 Branch Not Found")
    rights = {"protected": name in lab.protected(found), "can_push": lab.may_push(found, name, user)}
    default = name == found.data["default_branch"]
    return Answer(200, {"name": name, "commit": {"id": tip}, "default": default, **rights})


@route("GET /projects/{id}/protected_branches/{name}")
def rule(lab: GitLab, asked: Asked, user: str) -> Answer:
    found = lab.protected(lab.found(asked, user, DEVELOPER)).get(asked.names["name"])
    if found is None:
        raise MISSING
    return Answer(200, found)


@route("POST /projects/{id}/protected_branches")
def new_rule(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, said = lab.found(asked, user, MAINTAINER), given(asked, "name")
    rules = lab.protected(found)
    if said["name"] in rules:
        raise RefusedError(409, f"Protected branch '{said['name']}' already exists")
    found.protected = {**rules, said["name"]: lab.rule(said)}
    return Answer(201, found.protected[said["name"]])


@route("PATCH /projects/{id}/protected_branches/{name}")
def change_rule(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, said = lab.protected(lab.found(asked, user, MAINTAINER)).get(asked.names["name"]), given(asked)
    if found is None or ("code_owner_approval_required" in said and not lab.paid):
        raise MISSING
    found |= said
    return Answer(200, found)


@route("DELETE /projects/{id}/protected_branches/{name}")
def end_rule(lab: GitLab, asked: Asked, user: str) -> Answer:
    found = lab.found(asked, user, MAINTAINER)
    rules = dict(lab.protected(found))
    if rules.pop(asked.names["name"], None) is None:
        raise MISSING
    found.protected = rules
    return Answer(204)


@route("GET /projects/{id}/approval_rules")
def approvals(lab: GitLab, asked: Asked, user: str) -> Answer:
    found = lab.found(asked, user, DEVELOPER)
    if not lab.paid:
        raise MISSING
    return asked.page(list(found.approvals.values()), 20)


@route("POST /projects/{id}/approval_rules")
def new_approvals(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, said = lab.found(asked, user, MAINTAINER), given(asked, "name", "approvals_required")
    if any(each["rule_type"] == said.get("rule_type") == "any_approver" for each in found.approvals.values()):
        raise RefusedError(400, {"message": {"rule_type": ["any-approver for the project already exists"]}})
    number = next(lab.numbers)
    found.approvals[number] = {"rule_type": "regular", **said, "id": number}
    return Answer(201, found.approvals[number])


@route("PUT /projects/{id}/approval_rules/{rule_id}")
def change_approvals(lab: GitLab, asked: Asked, user: str) -> Answer:
    found = lab.found(asked, user, MAINTAINER).approvals[int(asked.names["rule_id"])]
    found |= given(asked)
    return Answer(200, found)


@route("GET /projects/{id}/labels/{name}")
def label(lab: GitLab, asked: Asked, user: str) -> Answer:
    found = lab.found(asked, user).labels.get(asked.names["name"])
    if found is None:
        raise RefusedError(404, "404 Label Not Found")
    return Answer(200, found)


@route("POST /projects/{id}/labels")
def new_label(lab: GitLab, asked: Asked, user: str) -> Answer:
    found, said = lab.found(asked, user, DEVELOPER), given(asked, "name", "color")
    if said["name"] in found.labels:
        raise RefusedError(409, "Label already exists")
    if not said["color"].startswith("#"):
        raise RefusedError(400, {"message": {"color": ["must be a valid color code"]}})
    found.labels[said["name"]] = {"id": next(lab.numbers), **said}
    return Answer(201, found.labels[said["name"]])
