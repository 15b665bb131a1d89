"""`promote`: the versions of one environment become those of another that comes after it; nothing else changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import Field

from scaffolder.cli.work import promotion
from scaffolder.cli.work.edits import carry_out, documents, must_be_there, told
from scaffolder.cli.work.session import Session, count
from scaffolder.cli.work.table import table
from scaffolder.errors import UsageError, shown
from scaffolder.report import Report
from scaffolder.spec.load import Spec
from scaffolder.spec.reach import overlays_of
from scaffolder.spec.write import Edits
from scaffolder.yamlio import flow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scaffolder.cli.console import Console
    from scaffolder.cli.work.promotion import Change
    from scaffolder.spec.app import App


@dataclass(frozen=True)
class Asked:
    """What was asked for in flags."""

    app: str | None
    source: str
    target: str
    everything: bool
    values: tuple[str, ...]  # keys of Helm values, joined by dots


class Promotion(Report):
    """A report with what was promoted: app, field, what it was and what it is now."""

    promoted: tuple[dict[str, Any], ...] = Field(
        (), description="Each change: `app`, `field`, and what it was (`from`) and is now (`to`)."
    )


def promote(console: Console, *, asked: Asked, dry_run: bool) -> Report:
    """Promotes one app, or all of them.

    Raises:
        UsageError: the environments are not in this order, there is no such app, or it has no version to promote.
    """
    session = Session.open(console)
    spec = documents(session)
    _refuse_order(spec, asked)
    found = [change for app in _apps(spec, asked) for change in _changes(app, asked)]
    changes, edits = [change for change in found if not change.empty], Edits(spec)
    for change in changes:
        promotion.apply(edits, change, asked.target)
    touched = sorted({("app", change.app) for change in changes})
    made = carry_out(session, "promote", edits.files, touched, dry_run=dry_run)
    console.out(_diff(changes, asked))
    what = f"app `{asked.app}`" if asked.app else count(len(touched), "app")
    verb = "would be" if dry_run else "is" if len(touched) == 1 else "are"
    way = f"from {asked.source} to {asked.target}"
    summary = f"{what} {verb} promoted {way}"
    if not changes:
        summary = f"nothing to promote: `{asked.target}` has what `{asked.source}` has"
    done = told(made, summary, f"Promote {what.replace('`', '')} {way}")
    records = [{"app": c.app, "field": c.field, "from": c.before, "to": c.after} for c in changes]
    return Promotion(**dict(done), promoted=tuple(records))


def _refuse_order(spec: Spec, asked: Asked) -> None:
    if (asked.app is None) != asked.everything:
        raise UsageError("give an app, or --all")
    for name in (asked.source, asked.target):
        must_be_there(spec, "environment", name)
    before, seen = spec.environment(asked.target).after, {asked.target}
    while before is not None and before not in seen and ("environment", before) in spec:
        if before == asked.source:
            return
        seen.add(before)
        before = spec.environment(before).after
    hint = f"versions go along `after`, from an environment to those behind it; `after` of {asked.target} says which"
    raise UsageError(f"environment `{asked.target}` does not come after `{asked.source}`", hint=hint)


def _apps(spec: Spec, asked: Asked) -> list[App]:
    both = {asked.source, asked.target}
    if asked.app is None:
        return [app for app in map(spec.app, spec.names("app")) if both <= set(overlays_of(spec, app))]
    must_be_there(spec, "app", asked.app)
    app = spec.app(asked.app)
    if missing := sorted(both - set(overlays_of(spec, app))):
        raise UsageError(f"app `{app.name}` is not in {', '.join(missing)}")
    return [app]


def _changes(app: App, asked: Asked) -> Iterator[Change]:
    """What differs in one app; of an app that was named, all that was asked for has to be there."""
    found = list(promotion.versions(app, asked.source, asked.target))
    if not found and not asked.everything and not asked.values:
        raise UsageError(
            f"app `{app.name}` has no version in `{asked.source}`",
            hint="without a version a chart is the newest one everywhere; a bucket and manifests have none",
        )
    yield from found
    for key in asked.values:
        change = promotion.value(app, asked.source, asked.target, key)
        if change is None and not asked.everything:
            raise UsageError(f"app `{app.name}` has no value {shown(key)} in `{asked.source}`")
        if change is not None:
            yield change


def _diff(changes: Sequence[Change], asked: Asked) -> str:
    heads = ["APP", "FIELD", f"{asked.target} NOW", f"AS IN {asked.source}"]
    return table([heads, *([c.app, c.field, _said(c.before), _said(c.after)] for c in changes)])


def _said(value: Any) -> str:
    return "-" if value is None else value if isinstance(value, str) else flow(value)
