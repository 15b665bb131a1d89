"""`repository.protection` of the platform, brought to the forge: after the push, as it would be in its way before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from scaffolder.forge.base import Action
from scaffolder.forge.rules import Label, MergeSettings, Protection
from scaffolder.render.checks import required
from scaffolder.report import Finding, Made
from scaffolder.spec.load import Spec
from scaffolder.spec.write import Edits

if TYPE_CHECKING:
    from scaffolder.cli.console import Console
    from scaffolder.cli.work.session import Documents
    from scaffolder.forge.base import Hosted
    from scaffolder.forge.rules import Rules
    from scaffolder.report import Report
    from scaffolder.spec.model import Platform
    from scaffolder.tree import Source

USUAL: Final = {"approvals": 1}  # what `--protect` writes into a document
LABEL: Final = Label("scaffolder", "1d76db", "Opened by scaffolder")
SETTINGS: Final = MergeSettings()


def edited(tree: Source, *, protect: bool | None) -> Documents:
    """The documents that say what `--protect` or `--no-protect` says; a protection that they have stays as it is."""
    if protect is None:
        return {}
    spec = Spec(tree)
    key, path, edits = ("platform", spec.platform.name), ("repository", "protection"), Edits(spec)
    if protect and spec.platform.repository.protection is None:
        edits.put(key, path, USUAL)
    elif not protect:
        edits.take(key, path)
    return edits.files


def foreseen(made: Report, rules: Rules | None, platform: Platform, hosted: Hosted | None) -> Report:
    """A report with what `ensured` would do; reads only. A repository that is missing yet is None."""
    wanted = _wanted(platform)
    if wanted is None or rules is None:
        return made if wanted is None else _with_finding(made, _nowhere(made))
    if hosted is None:
        return _with_actions(made, wanted, Action.CREATED, Action.UPDATED, Action.CREATED)
    guard = rules.find_protection(hosted, wanted)
    return _with_actions(made, wanted, guard, rules.find_settings(hosted, SETTINGS), rules.find_label(hosted, LABEL))


def ensured(made: Report, console: Console, rules: Rules | None, platform: Platform, hosted: Hosted) -> Report:
    """Protects the branch, which has to be there, and sets what change requests need; a report with what was done.

    Raises:
        ForgeError: the token may not.
    """
    wanted = _wanted(platform)
    if wanted is None or rules is None:
        return made if wanted is None else _with_finding(made, _nowhere(made))
    console.step(f'protecting "{wanted.branch}"')
    held = rules.ensure_protection(hosted, wanted)  # first: should the token lack something, it is not for this
    console.record(held.action, "branch protection", wanted.branch)
    changed = held.action is not Action.UNCHANGED
    console.done(f'protected "{wanted.branch}"' if changed else f'"{wanted.branch}" is protected')
    settings = rules.ensure_settings(hosted, SETTINGS)
    console.record(settings, "merge settings", _repository(made))
    label = rules.ensure_label(hosted, LABEL)
    console.record(label, "label", LABEL.name)
    findings = [*_lacking(wanted, held.value), *(_idle(rules, hosted, held.value) if changed else ())]
    return _with_finding(_with_actions(made, wanted, held.action, settings, label), *findings)


def _wanted(platform: Platform) -> Protection | None:
    said = platform.repository.protection
    if said is None:
        return None
    return Protection(platform.repository.branch, required(platform), said.approvals, said.code_owners)


def _with_actions(made: Report, wanted: Protection, protection: Action, settings: Action, label: Action) -> Report:
    done = (
        Made(action=protection.value, kind="branch protection", name=wanted.branch),
        Made(action=settings.value, kind="merge settings", name=_repository(made)),
        Made(action=label.value, kind="label", name=LABEL.name),
    )
    return made.model_copy(update={"forge": (*made.forge, *done)})


def _repository(made: Report) -> str:
    return next(each.name for each in made.forge if each.kind == "repository")


def _with_finding(made: Report, *findings: Finding) -> Report:
    return made.model_copy(update={"findings": (*made.findings, *findings)})


def _nowhere(made: Report) -> Finding:
    forge = made.command.removeprefix("bootstrap ")
    message = f"`repository.protection` is not brought to a forge: `{forge}` has no API for it"
    return Finding(level="note", code="protection", message=message, hint="protect the branch on the server yourself")


def _idle(rules: Rules, hosted: Hosted, held: Protection) -> Iterator[Finding]:
    """Checks that nothing can pass, as nothing runs them; asked only when they were just set."""
    if held.checks and rules.runs_checks(hosted) is False:
        message = f"`{held.branch}` asks for checks, but CI is switched off in {hosted.owner}/{hosted.name}"
        hint = "nothing can be merged before it is switched on, in the settings of the repository or of its owner"
        yield Finding(level="note", code="protection", message=message, hint=hint)


def _lacking(wanted: Protection, held: Protection) -> Iterator[Finding]:
    """What was asked for, and does not hold: the forge took the rest."""
    missing = sorted(set(wanted.checks) - set(held.checks))
    parts = {
        f"the checks {', '.join(missing)}": bool(missing),
        f"{wanted.approvals} approvals": wanted.approvals != held.approvals,
        "the approval of code owners": wanted.code_owners and not held.code_owners,
    }
    for part, lacks in parts.items():
        if lacks:
            message = f"`{wanted.branch}` is protected, but does not ask for {part}: this edition of the forge lacks it"
            yield Finding(level="note", code="protection", message=message, hint="all else holds")
