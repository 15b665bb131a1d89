"""What people should know where lockdown is switched on or off in a repository that is there already."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from scaffolder.cli.work.pinned import followed, is_tag
from scaffolder.report import Finding
from scaffolder.spec.model import Cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.plan import Plan
    from scaffolder.spec.load import Spec

ACCOUNT: Final = "tenants/namespace/flux.yaml"  # there with lockdown, and only then
FLAGS: Final = "stacks/flux/kustomization.yaml"  # there always, and another one with lockdown
FOLDERS: Final = ("apps", "cluster-apps")  # what the wiring of apps stands in


def notes(spec: Spec, todo: Plan) -> Iterator[Finding]:
    """That it is a commit of its own, and what it does to apps that go in the same one, and where a tag is pinned."""
    account, flags = todo.files.get(ACCOUNT), todo.files.get(FLAGS)
    if account is None or account.verb == "update" or flags is None or flags.verb != "update":
        return
    way = "on" if spec.platform.lockdown else "off"
    if gone := _removed(todo):
        message = (
            f"lockdown is switched {way} and apps are removed with it: {', '.join(gone)} would run on, owned by nobody"
        )
        yield Finding(
            level="warning", code="lockdown", message=message, hint="do one, let Flux apply it, then the other"
        )
    if pins := sorted(_pinned(spec)):
        message = (
            f"lockdown is switched {way} at once, but for what {', '.join(pins)} follow: that waits for the next pin"
        )
        hint = "tag this commit, and push it together with the one that pins the tag"
        yield Finding(level="warning", code="lockdown", message=message, hint=hint)


def _removed(todo: Plan) -> list[str]:
    """The apps that are taken off some cluster: the file goes that tells Flux of them."""
    gone = [(path, change.unit) for path, change in todo.files.items() if change.after is None]
    return sorted({unit.name for path, unit in gone if unit.kind == "app" and _is_wiring(path, unit.name)})


def _is_wiring(path: str, app: str) -> bool:
    folder, file = posixpath.split(path)
    return posixpath.basename(folder) in FOLDERS and file == f"{app}.yaml"


def _pinned(spec: Spec) -> set[str]:
    """The clusters that follow a tag."""
    clusters = spec.all(Cluster)
    return {each.name for each in clusters if is_tag(followed(spec, each, each.environment))}
