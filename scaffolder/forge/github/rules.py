"""Branch protection, merge settings and labels of repositories on GitHub."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from scaffolder.errors import shown
from scaffolder.forge.base import Action, Ensured, Hosted
from scaffolder.forge.github.api import Api, telling
from scaffolder.forge.http import RefusedError
from scaffolder.forge.rules import Label, MergeSettings, Protection

EXISTS: Final = "already_exists"
# What people may have set beside our part; whoever writes a protection writes all of it.
SWITCHES: Final = (
    "required_linear_history",
    "allow_force_pushes",
    "allow_deletions",
    "block_creations",
    "required_conversation_resolution",
    "lock_branch",
    "allow_fork_syncing",
)
REVIEWS: Final = ("dismiss_stale_reviews", "require_last_push_approval")
PEOPLE: Final = {"users": "login", "teams": "slug", "apps": "slug"}


@dataclass(frozen=True)
class BranchRules:
    api: Api

    def may_push(self, hosted: Hosted, branch: str) -> bool | None:
        """A branch that is protected in a way that this token cannot read is one where only trying tells."""
        with telling(f"the branch {shown(branch)} cannot be read"):
            found = self.api.find(f"{_of(hosted)}/branches/{quote(branch, safe='')}")
            if found is None or not found["protected"]:
                return True
            rules = self._protection(hosted, branch)
        if rules is None:
            return None
        if not rules["enforce_admins"]["enabled"]:
            return True  # who may read a protection administers the repository
        return not any(
            rules.get(kind) for kind in ("required_pull_request_reviews", "required_status_checks", "restrictions")
        )

    def runs_checks(self, hosted: Hosted) -> bool | None:
        """Organisations and repositories may switch Actions off; only who administers them is told."""
        try:
            return bool(self.api.get(f"{_of(hosted)}/actions/permissions")["enabled"])
        except RefusedError:
            return None

    def find_protection(self, hosted: Hosted, wanted: Protection) -> Action:
        return _action(self._protection_of(hosted, wanted.branch), wanted)

    def ensure_protection(self, hosted: Hosted, wanted: Protection) -> Ensured[Protection]:
        rules = self._protection_of(hosted, wanted.branch)
        action = _action(rules, wanted)
        if action is not Action.UNCHANGED:
            with telling(f"the branch {shown(wanted.branch)} cannot be protected"):
                rules = self.api.send("PUT", _protection_path(hosted, wanted.branch), _body(rules or {}, wanted))
        return Ensured(_protection(rules or {}, wanted.branch), action)

    def find_settings(self, hosted: Hosted, wanted: MergeSettings) -> Action:
        with telling(f"the settings of {hosted.owner}/{hosted.name} cannot be read"):
            found = self.api.get(_of(hosted))
        return Action.UNCHANGED if _settings(found) == wanted else Action.UPDATED

    def ensure_settings(self, hosted: Hosted, wanted: MergeSettings) -> Action:
        with telling(f"the settings of {hosted.owner}/{hosted.name} cannot be changed"):
            before = _settings(self.api.get(_of(hosted)))
            if before == wanted:
                return Action.UNCHANGED
            body = {"delete_branch_on_merge": wanted.delete_branch, "allow_auto_merge": wanted.auto_merge}
            after = _settings(self.api.send("PATCH", _of(hosted), body))
        # what is not paid for is passed over in silence
        return Action.UNCHANGED if after == before else Action.UPDATED

    def find_label(self, hosted: Hosted, wanted: Label) -> Action:
        with telling(f"the label {shown(wanted.name)} cannot be read"):
            found = self.api.find(f"{_of(hosted)}/labels/{quote(wanted.name, safe='')}")
        return Action.CREATED if found is None else Action.UNCHANGED

    def ensure_label(self, hosted: Hosted, wanted: Label) -> Action:
        action = self.find_label(hosted, wanted)
        if action is Action.CREATED:
            body = {"name": wanted.name, "color": wanted.color, "description": wanted.description}
            with telling(f"the label {shown(wanted.name)} cannot be made"):
                self._add(f"{_of(hosted)}/labels", body)
        return action

    def _add(self, path: str, body: dict[str, str]) -> None:
        try:
            self.api.send("POST", path, body)
        except RefusedError as error:
            if EXISTS not in error.said:  # somebody made it just now
                raise

    def _protection_of(self, hosted: Hosted, branch: str) -> Any | None:
        with telling(f"the protection of the branch {shown(branch)} cannot be read"):
            return self._protection(hosted, branch)

    def _protection(self, hosted: Hosted, branch: str) -> Any | None:
        """As GitHub has it; None where there is none, or this token may not see it."""
        return self.api.find(_protection_path(hosted, branch))


def _of(hosted: Hosted) -> str:
    return f"/repos/{hosted.owner}/{hosted.name}"


def _protection_path(hosted: Hosted, branch: str) -> str:
    return f"{_of(hosted)}/branches/{quote(branch, safe='')}/protection"


def _settings(found: dict[str, Any]) -> MergeSettings:
    """Whoever may not change them is not told them."""
    return MergeSettings(found.get("delete_branch_on_merge", False), found.get("allow_auto_merge", False))


def _action(rules: Any | None, wanted: Protection) -> Action:
    if rules is None:
        return Action.CREATED
    same = rules["enforce_admins"]["enabled"] and _normal(_protection(rules, wanted.branch)) == _normal(wanted)
    return Action.UNCHANGED if same else Action.UPDATED


def _normal(protection: Protection) -> tuple[frozenset[str], int, bool]:
    return frozenset(protection.checks), protection.approvals, protection.code_owners


def _protection(rules: dict[str, Any], branch: str) -> Protection:
    """`approvals` is -1 where changes need no request at all."""
    reviews = rules.get("required_pull_request_reviews") or {"required_approving_review_count": -1}
    return Protection(
        branch=branch,
        checks=tuple((rules.get("required_status_checks") or {}).get("contexts", ())),
        approvals=reviews.get("required_approving_review_count", 0),
        code_owners=reviews.get("require_code_owner_reviews", False),
    )


def _body(rules: dict[str, Any], wanted: Protection) -> dict[str, Any]:
    """The whole protection: our part, and of what is there the rest."""
    checks, reviews = rules.get("required_status_checks") or {}, rules.get("required_pull_request_reviews") or {}
    of_reviews: dict[str, Any] = {name: reviews[name] for name in REVIEWS if name in reviews}
    for name in ("dismissal_restrictions", "bypass_pull_request_allowances"):
        if name in reviews:
            of_reviews[name] = _people(reviews[name])
    of_reviews |= {
        "required_approving_review_count": wanted.approvals,
        "require_code_owner_reviews": wanted.code_owners,
    }
    return {
        "required_status_checks": {"strict": checks.get("strict", False), "contexts": list(wanted.checks)}
        if wanted.checks
        else None,
        "enforce_admins": True,
        "required_pull_request_reviews": of_reviews,
        "restrictions": _people(rules["restrictions"]) if rules.get("restrictions") else None,
        **{name: rules[name]["enabled"] for name in SWITCHES if name in rules},
    }


def _people(allowed: dict[str, Any]) -> dict[str, list[str]]:
    return {kind: [each[name] for each in allowed.get(kind, ())] for kind, name in PEOPLE.items()}
