"""Which version of an app runs in an environment: of its chart, its source, or its images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffolder.spec.app import Overlay

if TYPE_CHECKING:
    from scaffolder.spec.app import App
    from scaffolder.spec.load import Spec

NEWEST: Final = "newest"  # of a chart without a version
COMMIT: Final = 12  # digits of a commit or digest that people look at
NOTHING: Final = Overlay()


def order(spec: Spec) -> tuple[str, ...]:
    """The environments, each behind the one that it comes after, else by name."""
    found: list[str] = []
    names = spec.names("environment")
    while left := [name for name in names if name not in found]:
        ready = [name for name in left if spec.environment(name).after in {None, *found}]
        found += ready or left  # a circle, or an unknown name: `check` says so
    return tuple(found)


def tags(app: App, overlay: Overlay) -> dict[str, str]:
    """The tag or digest of each image that has one; an overlay says all about an image that it names."""
    changes = {change.name: change.digest or change.new_tag for change in (*app.images, *overlay.images)}
    own = {app.image.name: app.image.tag} if app.image else {}
    return own | {name: tag for name, tag in changes.items() if tag}


def version(app: App, environment: str) -> str:
    """The version in one environment, in a few letters; empty where the app does not say it."""
    overlay = app.overlays.get(environment, NOTHING)
    if app.chart:
        return overlay.version or app.chart.version or NEWEST
    if app.image:
        return _short(tags(app, overlay)[app.image.name])
    source = app.git or app.oci
    if source is None:
        return ", ".join(map(_short, tags(app, overlay).values()))
    given = (overlay.ref or source.ref).given
    return _short(given.get("commit") or next(iter(given.values())))


def _short(text: str) -> str:
    bare = text.removeprefix("sha256:")
    return bare[:COMMIT] if len(bare) >= 40 and bare.isalnum() else text  # noqa: PLR2004  a commit or digest in full
