"""Protected branches, how merge requests are merged, and labels."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any, Final

from gitlab.exceptions import GitlabError

from scaffolder.forge.base import Action, Ensured, Hosted
from scaffolder.forge.gitlab.api import Api
from scaffolder.forge.rules import Label, MergeSettings, Protection

NOBODY, MAINTAINERS = 0, 40  # access levels
OWNERS: Final = "code_owner_approval_required"
PASSED: Final = "only_allow_merge_if_pipeline_succeeds"
DELETED: Final = "remove_source_branch_after_merge"
UNPAID: Final = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
ANYBODY: Final = "any_approver"  # the type of the rule that counts approvals, whoever gives them


@contextlib.contextmanager
def _paid() -> Iterator[None]:
    """For what the price of a GitLab may not have in it: then it stays as it was, which the caller sees."""
    try:
        yield
    except GitlabError as error:
        if error.response_code not in UNPAID:
            raise


@dataclass(frozen=True)
class _Now:
    """What holds: the protected branch, whether the pipeline has to succeed, and the rules of who approves.

    `branch` is None where it is not protected, `approvals` where this GitLab has no such rules.
    """

    branch: dict[str, Any] | None
    passed: bool
    approvals: list[dict[str, Any]] | None

    @property
    def closed(self) -> bool:
        """Whether nobody may push."""
        if self.branch is None or self.branch["allow_force_push"]:
            return False
        return all(each["access_level"] == NOBODY for each in self.branch["push_access_levels"])

    @property
    def owners(self) -> bool | None:
        """Whether code owners have to approve; None where this GitLab has no such rule."""
        return (self.branch or {}).get(OWNERS)

    @property
    def count(self) -> int | None:
        """How many have to approve; None where this GitLab has no such rule."""
        rules = self.approvals
        return None if rules is None else max((each["approvals_required"] for each in rules), default=0)

    def holds(self, wanted: Protection) -> Protection:
        """What is wanted, with what is so instead."""
        checks = wanted.checks if self.passed else ()
        return replace(wanted, checks=checks, approvals=self.count or 0, code_owners=bool(self.owners))

    def action(self, wanted: Protection) -> Action:
        """A rule that lets anybody push, as GitLab makes one by itself, is none yet."""
        if not self.closed:
            return Action.CREATED
        others = (
            self.passed == bool(wanted.checks),
            self.owners in (None, wanted.code_owners),
            self.count in (None, wanted.approvals),
        )
        return Action.UNCHANGED if all(others) else Action.UPDATED


@dataclass(frozen=True)
class GitlabRules:
    """`seen` is what was read of a project for its protection, and has its settings: they come next."""

    api: Api
    seen: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    def may_push(self, hosted: Hosted, branch: str) -> bool | None:
        with self.api.telling(f"the branch `{branch}` of {hosted.owner}/{hosted.name} cannot be read"):
            found = self.api.found(lambda: self.api.of(hosted).branches.get(branch))
        return None if found is None else bool(found.can_push)

    def runs_checks(self, hosted: Hosted) -> bool | None:
        found = self._project(hosted).get("builds_access_level")
        return None if found is None else found != "disabled"

    def find_protection(self, hosted: Hosted, wanted: Protection) -> Action:
        return self._now(hosted, wanted).action(wanted)

    def ensure_protection(self, hosted: Hosted, wanted: Protection) -> Ensured[Protection]:
        before = self._now(hosted, wanted)
        action = before.action(wanted)
        if action is Action.UNCHANGED:
            return Ensured(before.holds(wanted), action)
        with self.api.telling(f"the branch `{wanted.branch}` of {hosted.owner}/{hosted.name} cannot be protected"):
            if not before.closed:
                self._close(hosted, wanted, before.branch)
            elif before.owners not in (None, wanted.code_owners):
                with _paid():
                    self.api.of(hosted).protectedbranches.update(wanted.branch, {OWNERS: wanted.code_owners})
            if before.passed != bool(wanted.checks):
                self._set(hosted, {PASSED: bool(wanted.checks)})
            if before.count not in (None, wanted.approvals):
                self._require(hosted, wanted, before.approvals or [])
        now = self._now(hosted, wanted)
        return Ensured(now.holds(wanted), Action.UNCHANGED if now == before else action)

    def find_settings(self, hosted: Hosted, wanted: MergeSettings) -> Action:
        """Only what becomes of merged branches: each merge request may be merged by itself anyway."""
        project = self.seen.pop(f"{hosted.owner}/{hosted.name}", None) or self._project(hosted)
        same = bool(project[DELETED]) == wanted.delete_branch
        return Action.UNCHANGED if same else Action.UPDATED

    def ensure_settings(self, hosted: Hosted, wanted: MergeSettings) -> Action:
        action = self.find_settings(hosted, wanted)
        if action is not Action.UNCHANGED:
            with self.api.telling(f"the settings of {hosted.owner}/{hosted.name} cannot be changed"):
                self._set(hosted, {DELETED: wanted.delete_branch})
        return action

    def find_label(self, hosted: Hosted, wanted: Label) -> Action:
        with self.api.telling(f"the labels of {hosted.owner}/{hosted.name} cannot be read"):
            found = self.api.found(lambda: self.api.of(hosted).labels.get(wanted.name))
        return Action.UNCHANGED if found else Action.CREATED

    def ensure_label(self, hosted: Hosted, wanted: Label) -> Action:
        action = self.find_label(hosted, wanted)
        if action is Action.CREATED:
            body = {"name": wanted.name, "color": f"#{wanted.color}", "description": wanted.description}
            with self.api.telling(f"the label `{wanted.name}` cannot be made"):
                try:
                    self.api.of(hosted).labels.create(body)
                except GitlabError as error:
                    if error.response_code != HTTPStatus.CONFLICT:  # made meanwhile
                        raise
        return action

    def _now(self, hosted: Hosted, wanted: Protection) -> _Now:
        where = f"{hosted.owner}/{hosted.name}"
        project = self.api.of(hosted)
        with self.api.telling(f"the rules of {where} cannot be read"):
            branch = self.api.found(lambda: project.protectedbranches.get(wanted.branch))
            rules = self._approvals(hosted)
        found = self.seen[where] = self._project(hosted)
        return _Now(branch and branch.attributes, bool(found[PASSED]), rules)

    def _approvals(self, hosted: Hosted) -> list[dict[str, Any]] | None:
        """The rules that count approvals of anybody; None where this GitLab has none of them, or hides them."""
        try:
            found = self.api.of(hosted).approvalrules.list(iterator=True)
            return [each.attributes for each in found if each.rule_type == ANYBODY]
        except GitlabError as error:
            if error.response_code in UNPAID:
                return None
            raise

    def _close(self, hosted: Hosted, wanted: Protection, known: dict[str, Any] | None) -> None:
        """Lets nobody push. GitLab's free edition changes no levels, so a rule is made anew; who may merge stays."""
        branches = self.api.of(hosted).protectedbranches
        levels = [each["access_level"] for each in (known or {}).get("merge_access_levels", ())]
        merge = next((each for each in levels if each), MAINTAINERS)
        body = {"name": wanted.branch, "push_access_level": NOBODY, "merge_access_level": merge}
        owners = {OWNERS: True} if wanted.code_owners else {}
        if known:
            branches.delete(wanted.branch)
        branches.create({**body, "allow_force_push": False, **owners})

    def _require(self, hosted: Hosted, wanted: Protection, known: list[dict[str, Any]]) -> None:
        """Sets how many have to approve. GitLab takes one such rule."""
        rules, count = self.api.of(hosted).approvalrules, {"approvals_required": wanted.approvals}
        with _paid():
            if known:
                rules.update(known[0]["id"], count)
            else:
                rules.create({"name": "All Members", "rule_type": ANYBODY, **count})

    def _project(self, hosted: Hosted) -> dict[str, Any]:
        with self.api.telling(f"{hosted.owner}/{hosted.name} cannot be read"):
            return dict(self.api.library.projects.get(f"{hosted.owner}/{hosted.name}").attributes)

    def _set(self, hosted: Hosted, body: dict[str, Any]) -> None:
        self.api.library.projects.update(f"{hosted.owner}/{hosted.name}", body)
