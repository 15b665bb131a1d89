"""Which version of an app runs in an environment: of its chart, its source, or its images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffolder.spec.app import Overlay

if TYPE_CHECKING:
    from scaffolder.spec.app import App, ImageChange
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


def images(changes: tuple[ImageChange, ...]) -> dict[str, str]:
    """The tags and digests that are set, by image."""
    return {image.name: image.digest or image.new_tag or "" for image in changes if image.digest or image.new_tag}


def version(app: App, environment: str) -> str:
    """The version in one environment, in a few letters; empty where the app does not say it."""
    overlay = app.overlays.get(environment, NOTHING)
    tags = images(app.images) | images(overlay.images)
    if app.chart:
        return overlay.version or app.chart.version or NEWEST
    if app.image:
        return _short(tags.get(app.image.name, app.image.tag))
    source = app.git or app.oci
    if source is None:
        return ", ".join(map(_short, tags.values()))
    given = (overlay.ref or source.ref).given
    return _short(given.get("commit") or next(iter(given.values())))


def _short(text: str) -> str:
    bare = text.removeprefix("sha256:")
    return bare[:COMMIT] if len(bare) >= 40 and bare.isalnum() else text  # noqa: PLR2004  a commit or digest in full
