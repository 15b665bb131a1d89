"""GitHub's branches, pull requests, checks and labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.support.forges.github_shapes import Refused, of_repository, of_user
from tests.support.forges.github_state import METHODS, Pull, Repository, Token, World
from tests.support.forges.wire import Answer, Asked

View = Callable[[World, Token, Asked, Repository], Answer]
Reach = Callable[[World, Token, Asked, str], Repository]
PASSED = frozenset({"success", "neutral", "skipped"})
SWITCHES = (
    "required_linear_history",
    "allow_force_pushes",
    "allow_deletions",
    "block_creations",
    "required_conversation_resolution",
    "lock_branch",
    "allow_fork_syncing",
)


def within(reached: Reach, view: View, level: str) -> Callable[[World, Token, Asked], Answer]:
    """Something that is asked of a repository, by somebody who may do so much there."""
    return lambda world, token, asked: view(world, token, asked, reached(world, token, asked, level))


def branch(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    name = asked.names["branch"]
    commit = inside.bare.tip(name)
    if commit is None:
        raise Refused(404, "Branch not found")
    return Answer(200, {"name": name, "protected": name in inside.protections, "commit": {"sha": commit}})


def protection(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    said = inside.protections.get(asked.names["branch"])
    if said is None:
        raise Refused(404, "Branch not protected")
    return Answer(200, of_protection(said))


def of_protection(said: dict[str, Any]) -> dict[str, Any]:
    """What was put, as GitHub gives it back: switches as objects, and no key for what is off."""
    made: dict[str, Any] = {name: {"enabled": bool(said.get(name))} for name in SWITCHES}
    made["enforce_admins"] = {"url": "", "enabled": bool(said["enforce_admins"])}
    if checks := said["required_status_checks"]:
        both = [{"context": each, "app_id": None} for each in checks["contexts"]]
        made["required_status_checks"] = {**checks, "checks": both}
    if reviews := said["required_pull_request_reviews"]:
        made["required_pull_request_reviews"] = {
            "dismiss_stale_reviews": False,
            "require_code_owner_reviews": False,
            **reviews,
        }
    if allowed := said["restrictions"]:
        made["restrictions"] = {
            "users": [{"login": each} for each in allowed["users"]],
            "teams": [{"slug": each} for each in allowed["teams"]],
            "apps": [{"slug": each} for each in allowed.get("apps", ())],
        }
    return made


def protected(world: World, token: Token, asked: Asked, inside: Repository) -> Answer:
    if inside.bare.tip(asked.names["branch"]) is None:
        raise Refused(404, "Branch not found")
    inside.protections[asked.names["branch"]] = asked.body
    return protection(world, token, asked, inside)


def label(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    found = next((each for each in inside.labels.values() if each["name"].lower() == asked.names["name"].lower()), None)
    if found is None:
        raise Refused(404, "Not Found")
    return Answer(200, found)


def label_made(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    if asked.body["name"].lower() in inside.labels:
        raise Refused(422, "Validation Failed", [{"resource": "Label", "code": "already_exists", "field": "name"}])
    inside.labels[asked.body["name"].lower()] = asked.body
    return Answer(201, asked.body)


def refuse_empty(inside: Repository) -> None:
    if not inside.bare.branches():
        raise Refused(409, "Git Repository is empty.")


def ref(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    refuse_empty(inside)
    commit = inside.bare.tip(asked.names["ref"].removeprefix("heads/"))
    if commit is None:
        raise Refused(404, "Not Found")
    return Answer(200, of_ref(f"refs/{asked.names['ref']}", commit))


def of_ref(name: str, commit: str) -> dict[str, Any]:
    return {"ref": name, "object": {"type": "commit", "sha": commit, "url": ""}}


def ref_deleted(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    name = asked.names["ref"].removeprefix("heads/")
    if inside.bare.tip(name) is None:
        raise Refused(422, "Reference does not exist")
    inside.bare.delete(name)
    return Answer(204)


def of_pull(world: World, token: Token, inside: Repository, pull: Pull, *, whole: bool = True) -> dict[str, Any]:
    commit = _commit(inside, pull)
    there = {"repo": of_repository(world, token.user, inside), "user": of_user(inside.owner)}
    auto = {"merge_method": pull.auto_merge.lower(), "enabled_by": of_user(pull.author)} if pull.auto_merge else None
    made = {
        "number": pull.number,
        "node_id": f"PR_{inside.id}_{pull.number}",
        "html_url": f"https://github.invalid/{inside.full}/pull/{pull.number}",
        "state": pull.state,
        "title": pull.title,
        "body": pull.body or None,
        "user": of_user(pull.author),
        "head": {"ref": pull.head, "sha": commit, "label": f"{inside.owner}:{pull.head}", **there},
        "base": {"ref": pull.base, "sha": inside.bare.tip(pull.base) or commit, **there},
        "labels": [inside.labels.get(each.lower(), {"name": each}) for each in pull.labels],
        "requested_reviewers": [of_user(each) for each in pull.people],
        "requested_teams": [{"slug": each} for each in pull.teams],
        "draft": pull.draft,
        "merged_at": "2026-01-01T00:00:00Z" if pull.merged else None,
        "auto_merge": auto,
    }
    if not whole:
        return made
    settled = pull.unknown <= 0 or pull.state != "open"
    pull.unknown -= 1
    fits = settled and pull.state == "open" and not inside.bare.conflicts(pull.base, pull.head)
    return made | {"merged": pull.merged, "mergeable": fits if settled else None, "mergeable_state": "unknown"}


def pulls(world: World, token: Token, asked: Asked, inside: Repository) -> Answer:
    state, head = asked.query.get("state", "open"), asked.query.get("head")
    found = [
        of_pull(world, token, inside, pull, whole=False)
        for pull in sorted(inside.pulls.values(), key=lambda pull: -pull.number)
        if state in {"all", pull.state} and head in {None, f"{inside.owner}:{pull.head}"}
    ]
    return asked.page(found)


def pull(world: World, token: Token, asked: Asked, inside: Repository) -> Answer:
    return Answer(200, of_pull(world, token, inside, _pull(asked, inside)))


def pull_opened(world: World, token: Token, asked: Asked, inside: Repository) -> Answer:
    said = asked.body | {"head": asked.body["head"].removeprefix(f"{inside.owner}:")}
    for name in ("head", "base"):
        if inside.bare.tip(said[name]) is None:
            raise Refused(422, "Validation Failed", [{"resource": "PullRequest", "field": name, "code": "invalid"}])
    if not inside.bare.ahead(said["base"], said["head"]):
        message = f"No commits between {said['base']} and {said['head']}"
        raise Refused(422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": message}])
    if any(
        each.state == "open" and (each.head, each.base) == (said["head"], said["base"])
        for each in inside.pulls.values()
    ):
        message = f"A pull request already exists for {inside.owner}:{said['head']}."
        raise Refused(422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": message}])
    number = len(inside.pulls) + 1
    commit = inside.bare.tip(said["head"]) or ""
    made = Pull(
        number,
        token.user,
        said["head"],
        said["base"],
        said["title"],
        said.get("body") or "",
        commit,
        said.get("draft", False),
    )
    inside.pulls[number] = made
    return Answer(201, of_pull(world, token, inside, made))


def pull_edited(world: World, token: Token, asked: Asked, inside: Repository) -> Answer:
    found = _pull(asked, inside)
    found.commit = _commit(inside, found)
    for name, value in asked.body.items():
        setattr(found, name, value)
    return Answer(200, of_pull(world, token, inside, found))


def merged(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    found, said = _pull(asked, inside), {"merge_method": "merge", **(asked.body or {})}
    if said.get("sha", found.commit) != _commit(inside, found):
        raise Refused(409, "Head branch was modified. Review and try the merge again.")
    if found.state != "open" or found.draft or inside.bare.conflicts(found.base, found.head):
        raise Refused(405, "Pull Request is not mergeable")
    if not inside.settings[METHODS[said["merge_method"]]]:
        raise Refused(405, f"{said['merge_method'].capitalize()} merges are not allowed on this repository.")
    if lacks := _lacks(inside, found):
        raise Refused(405, lacks)
    return Answer(
        200,
        {
            "sha": merge(inside, found, said["merge_method"]),
            "merged": True,
            "message": "Pull Request successfully merged",
        },
    )


def merge(inside: Repository, found: Pull, method: str) -> str:
    found.commit = _commit(inside, found)
    made = inside.bare.merge(found.base, found.head, f"{found.title} (#{found.number})", squash=method != "merge")
    found.state, found.merged = "closed", True
    if inside.settings["delete_branch_on_merge"]:
        inside.bare.delete(found.head)
    return made


def _lacks(inside: Repository, found: Pull) -> str:
    """What the branch's rules still ask for."""
    rules = inside.protections.get(found.base)
    if rules is None:
        return ""
    commit = _commit(inside, found)
    passed = {name for name, state in inside.statuses.get(commit, {}).items() if state == "success"}
    passed |= {name for name, (_, conclusion) in inside.runs.get(commit, {}).items() if conclusion in PASSED}
    missing = set((rules["required_status_checks"] or {}).get("contexts", ())) - passed
    if missing:
        return f'Required status check "{min(missing)}" is expected.'
    wanted = (rules["required_pull_request_reviews"] or {}).get("required_approving_review_count", 0)
    if sum(state == "APPROVED" for _, state in found.reviews) < wanted:
        return f"At least {wanted} approving review is required by reviewers with write access."
    return ""


def reviewers_asked(world: World, token: Token, asked: Asked, inside: Repository) -> Answer:
    found = _pull(asked, inside)
    people, teams = asked.body.get("reviewers", []), asked.body.get("team_reviewers", [])
    if found.author in people:
        raise Refused(422, "Review cannot be requested from pull request author.")
    slugs = () if inside.personal else world.organisations[inside.owner.lower()].teams
    strange = [each for each in people if world.level(each, inside) < 0] + [each for each in teams if each not in slugs]
    if strange:
        raise Refused(
            422,
            "Reviews may only be requested from collaborators.",
        )
    found.people += [each for each in people if each not in found.people]
    found.teams += [each for each in teams if each not in found.teams]
    return Answer(201, of_pull(world, token, inside, found, whole=False))


def reviews(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    found = _pull(asked, inside)
    return asked.page([{"user": of_user(login), "state": state} for login, state in found.reviews])


def labelled(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    found = _pull(asked, inside, "issue_number")
    found.labels += [each for each in asked.body["labels"] if each not in found.labels]
    return Answer(
        200, [inside.labels.setdefault(each.lower(), {"name": each, "color": "ededed"}) for each in found.labels]
    )


def check_runs(_world: World, _token: Token, asked: Asked, inside: Repository) -> Answer:
    found = inside.runs.get(asked.names["ref"], {})
    runs = [{"name": name, "status": status, "conclusion": conclusion} for name, (status, conclusion) in found.items()]
    page = asked.page(runs)
    return Answer(200, {"total_count": len(runs), "check_runs": page.data}, page.headers)


def status(world: World, token: Token, asked: Asked, inside: Repository) -> Answer:
    found = inside.statuses.get(asked.names["ref"], {})
    states = set(found.values())
    together = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
    each = [{"context": context, "state": state} for context, state in found.items()]
    there = of_repository(world, token.user, inside)
    return Answer(
        200,
        {
            "state": together,
            "statuses": each,
            "total_count": len(found),
            "sha": asked.names["ref"],
            "repository": there,
        },
    )


def graphql(world: World, _token: Token, asked: Asked) -> Answer:
    """The three mutations that REST lacks."""
    said = asked.body["variables"]["input"]
    _, repository, number = said["pullRequestId"].split("_")
    inside = world.repositories[int(repository)]
    found = inside.pulls[int(number)]
    error = ""
    if "convertPullRequestToDraft(" in asked.body["query"]:
        found.draft = True
    elif "markPullRequestReadyForReview(" in asked.body["query"]:
        found.draft = False
    elif not inside.settings["allow_auto_merge"]:
        error = "Auto merge is not allowed for this repository"
    elif not _lacks(inside, found):
        error = "Pull request Pull request is in clean status"
    else:
        found.auto_merge = said["mergeMethod"]
    if error:
        return Answer(200, {"data": None, "errors": [{"type": "UNPROCESSABLE", "message": error}]})
    return Answer(200, {"data": {"done": {"clientMutationId": None}}})


def _pull(asked: Asked, inside: Repository, name: str = "pull_number") -> Pull:
    found = inside.pulls.get(int(asked.names[name]))
    if found is None:
        raise Refused(404, "Not Found")
    return found


def _commit(inside: Repository, pull: Pull) -> str:
    return inside.bare.tip(pull.head) or pull.commit if pull.state == "open" else pull.commit


ROOT, PULL = "/repos/{owner}/{repo}", "/repos/{owner}/{repo}/pulls/{pull_number}"
PROTECTION = f"{ROOT}/branches/{{branch}}/protection"
ROUTES: dict[str, tuple[View, str]] = {
    f"GET {ROOT}/branches/{{branch}}": (branch, "pull"),
    f"GET {PROTECTION}": (protection, "admin"),
    f"PUT {PROTECTION}": (protected, "admin"),
    f"GET {ROOT}/labels/{{name}}": (label, "pull"),
    f"POST {ROOT}/labels": (label_made, "push"),
    f"GET {ROOT}/git/ref/{{ref}}": (ref, "pull"),
    f"DELETE {ROOT}/git/refs/{{ref}}": (ref_deleted, "push"),
    f"GET {ROOT}/pulls": (pulls, "pull"),
    f"POST {ROOT}/pulls": (pull_opened, "pull"),
    f"GET {PULL}": (pull, "pull"),
    f"PATCH {PULL}": (pull_edited, "push"),
    f"PUT {PULL}/merge": (merged, "push"),
    f"POST {PULL}/requested_reviewers": (reviewers_asked, "push"),
    f"GET {PULL}/reviews": (reviews, "pull"),
    f"POST {ROOT}/issues/{{issue_number}}/labels": (labelled, "push"),
    f"GET {ROOT}/commits/{{ref}}/check-runs": (check_runs, "pull"),
    f"GET {ROOT}/commits/{{ref}}/status": (status, "pull"),
}
