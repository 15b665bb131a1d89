"""What one environment has in another version than another one, and the edits of documents that change it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scaffolder.cli.work.versions import NOTHING, tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scaffolder.spec.app import App, Overlay
    from scaffolder.spec.problems import Path
    from scaffolder.spec.write import Edits

MISSING: Final = object()
DIGEST: Final = "sha256:"


@dataclass(frozen=True)
class Change:
    """One field that differs."""

    app: str
    field: str  # as people say it: `version`, `images.nginx`
    before: Any  # what the other environment has now, None for nothing
    after: Any  # what it is to have
    path: Path  # in its overlay
    value: Any  # what the overlay is to say; None: nothing, since the app itself says it

    @property
    def empty(self) -> bool:
        return bool(self.before == self.after)


def versions(app: App, source: str, target: str) -> Iterator[Change]:
    """Chart version, ref and image tags of both environments, the equal ones too; none where the source has none."""
    here, there = (app.overlays.get(name, NOTHING) for name in (source, target))
    if app.chart:
        own = app.chart.version
        if (after := here.version or own) is not None:
            yield _change(app, "version", there.version or own, after, own)
    elif fetched := app.git or app.oci:
        own_ref = fetched.ref.given
        after_ref, before_ref = ((overlay.ref or fetched.ref).given for overlay in (here, there))
        yield _change(app, "ref", before_ref, after_ref, own_ref)
    yield from _images(app, here, there)


def _change(app: App, field: str, before: Any, after: Any, own: Any) -> Change:
    return Change(app.name, field, before, after, (field,), None if after == own else after)


def _images(app: App, here: Overlay, there: Overlay) -> Iterator[Change]:
    own, after, before = tags(app, NOTHING), tags(app, here), tags(app, there)
    renamed = {change.name for change in there.images if change.new_name}  # its item stays, and says it all
    for name in sorted(after.keys() | before.keys()):
        wanted = after.get(name)
        value = None if wanted == own.get(name) and name not in renamed else wanted
        yield Change(app.name, f"images.{name}", before.get(name), wanted, ("images", name), value)


def value(app: App, source: str, target: str, key: str) -> Change | None:
    """One Helm value, by its keys joined by dots; None where the source does not have it."""
    steps = key.split(".")
    here, there = (app.overlays.get(name, NOTHING).values for name in (source, target))
    own, raw = _at(app.values, steps), _at(here, steps)
    after, before = (_at(_merged(app.values, values), steps) for values in (here, there))
    if after is MISSING:
        return None
    wanted = None if after == own else after if raw is MISSING else raw
    return Change(app.name, f"values.{key}", None if before is MISSING else before, after, ("values", *steps), wanted)


def _at(values: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        if not isinstance(values, dict) or step not in values:
            return MISSING
        values = values[step]
    return values


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """As Helm merges values: maps merge, anything else is replaced."""
    found = dict(base)
    for key, item in over.items():
        known = found.get(key)
        found[key] = _merged(known, item) if isinstance(known, dict) and isinstance(item, dict) else item
    return found


def apply(edits: Edits, change: Change, target: str) -> None:
    """Edits the overlay of an environment."""
    key, overlay = ("app", change.app), ("overlays", target)
    if change.path[0] == "images":
        _apply_image(edits, change, (*overlay, "images"))
    elif change.value is None:
        edits.take(key, (*overlay, *change.path))
    else:
        _put(edits, change, (*overlay, *change.path))


def _put(edits: Edits, change: Change, path: Path) -> None:
    """Sets a value; of a ref that stays of its kind only the name."""
    known = edits.value(("app", change.app), path)
    if change.field == "ref" and isinstance(known, dict) and known.keys() == change.value.keys():
        for step, item in change.value.items():
            edits.put(("app", change.app), (*path, step), item)
    else:
        edits.put(("app", change.app), path, change.value)


def _apply_image(edits: Edits, change: Change, path: Path) -> None:
    """Sets or takes out tag or digest of one image; another name that it has there, or in the app, stays."""
    key, name = ("app", change.app), change.path[1]
    index, known = _item(edits.value(key, path) or [], name)
    field = "digest" if str(change.value).startswith(DIGEST) else "newTag"
    if change.value is None and "newName" not in known:
        edits.take(key, (*path, index))
    elif change.value is None or known:
        for other in ("digest", "newTag"):
            if change.value is None or other != field:
                edits.take(key, (*path, index, other))
        if change.value is not None:
            edits.put(key, (*path, index, field), change.value)
    else:
        own = _item(edits.value(key, ("images",)) or [], name)[1]
        names = {step: own[step] for step in ("newName",) if step in own}
        edits.put(key, (*path, index), {"name": name, **names, field: change.value})


def _item(items: Sequence[dict[str, Any]], name: Any) -> tuple[int, dict[str, Any]]:
    """The place and the item of a name; behind the last where there is none."""
    found = ((number, item) for number, item in enumerate(items) if item["name"] == name)
    return next(found, (len(items), {}))
