"""The rules of Gitea's repositories: protected branches, how pull requests are merged, labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from scaffolder.forge.base import Action, Ensured, Hosted
from scaffolder.forge.http import Api
from scaffolder.forge.rules import Label, MergeSettings, Protection

DELETE: Final = "default_delete_branch_after_merge"  # what is merged as soon as it may be needs no setting in Gitea


@dataclass(frozen=True)
class GiteaRules:
    """`telling` says what could not be done where Gitea refuses it."""

    api: Api
    telling: Callable[[str], AbstractContextManager[None]]

    def may_push(self, hosted: Hosted, branch: str) -> bool | None:
        with self.telling(f"the branch `{branch}` of {hosted.owner}/{hosted.name} cannot be read"):
            found = self.api.find(f"{_of(hosted)}/branches/{_quoted(branch)}")
        return None if found is None else bool(found["user_can_push"])

    def runs_checks(self, hosted: Hosted) -> bool | None:
        with self.telling(f"the settings of {hosted.owner}/{hosted.name} cannot be read"):
            return bool(self.api.get(_of(hosted)).get("has_actions"))

    def find_protection(self, hosted: Hosted, wanted: Protection) -> Action:
        return _action(self._protection(hosted, wanted), _body(wanted))

    def ensure_protection(self, hosted: Hosted, wanted: Protection) -> Ensured[Protection]:
        known, body = self._protection(hosted, wanted), _body(wanted)
        action = _action(known, body)
        path = f"{_of(hosted)}/branch_protections"
        with self.telling(f"the branch `{wanted.branch}` of {hosted.owner}/{hosted.name} cannot be protected"):
            if known is None:
                known = self.api.post(path, {"rule_name": wanted.branch, **body})
            elif action is Action.UPDATED:
                known = self.api.patch(f"{path}/{_quoted(wanted.branch)}", body)
        return Ensured(_held(known), action)

    def find_settings(self, hosted: Hosted, wanted: MergeSettings) -> Action:
        with self.telling(f"the settings of {hosted.owner}/{hosted.name} cannot be read"):
            found = self.api.get(_of(hosted))
        # only who may change it is told what it is
        return Action.UNCHANGED if bool(found.get(DELETE)) == wanted.delete_branch else Action.UPDATED

    def ensure_settings(self, hosted: Hosted, wanted: MergeSettings) -> Action:
        action = self.find_settings(hosted, wanted)
        if action is Action.UPDATED:
            with self.telling(f"the settings of {hosted.owner}/{hosted.name} cannot be changed"):
                self.api.patch(_of(hosted), {DELETE: wanted.delete_branch})
        return action

    def find_label(self, hosted: Hosted, wanted: Label) -> Action:
        with self.telling(f"the labels of {hosted.owner}/{hosted.name} cannot be read"):
            known = any(each["name"] == wanted.name for each in self.api.each(f"{_of(hosted)}/labels"))
        return Action.UNCHANGED if known else Action.CREATED

    def ensure_label(self, hosted: Hosted, wanted: Label) -> Action:
        action = self.find_label(hosted, wanted)
        if action is Action.CREATED:
            body = {"name": wanted.name, "color": f"#{wanted.color}", "description": wanted.description}
            with self.telling(f"the label `{wanted.name}` cannot be made"):
                self.api.post(f"{_of(hosted)}/labels", body)
        return action

    def _protection(self, hosted: Hosted, wanted: Protection) -> dict[str, Any] | None:
        """The rule of exactly this branch; names with a slash are found in the list alone."""
        with self.telling(f"the protected branches of {hosted.owner}/{hosted.name} cannot be read"):
            rules = self.api.get(f"{_of(hosted)}/branch_protections")
        return next((each for each in rules if each["rule_name"] == wanted.branch), None)


def _of(hosted: Hosted) -> str:
    return f"repos/{hosted.owner}/{hosted.name}"


def _quoted(name: str) -> str:
    return quote(name, safe="")


def _body(wanted: Protection) -> dict[str, Any]:
    """A rule's fields that are ours; all others stay as people set them."""
    checks = {"status_check_contexts": sorted(wanted.checks)} if wanted.checks else {}
    return {
        "enable_push": False,
        "enable_status_check": bool(wanted.checks),
        **checks,
        "required_approvals": wanted.approvals,
        # whom CODEOWNERS names is asked for a review, and a review that was asked for then has to be given
        "block_on_official_review_requests": wanted.code_owners,
        "block_admin_merge_override": True,
        "apply_to_admins": True,  # the same in Forgejo
    }


def _action(known: Mapping[str, Any] | None, body: Mapping[str, Any]) -> Action:
    """What makes a rule as it should be; what this version of Gitea lacks cannot differ."""
    if known is None:
        return Action.CREATED
    same = all(_plain(known[name]) == value for name, value in body.items() if name in known)
    return Action.UNCHANGED if same else Action.UPDATED


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value


def _held(rule: Mapping[str, Any]) -> Protection:
    checks = tuple(rule["status_check_contexts"] or ()) if rule["enable_status_check"] else ()
    return Protection(
        rule["rule_name"],
        tuple(sorted(checks)),
        rule["required_approvals"],
        bool(rule.get("block_on_official_review_requests")),
    )
