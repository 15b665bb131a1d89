"""`pin`: which tag or branch of the repository an environment follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scaffolder.cli.work.edits import carry_out, documents, must_be_there, told
from scaffolder.cli.work.pinned import is_tag, short
from scaffolder.cli.work.session import Session
from scaffolder.errors import UsageError, shown
from scaffolder.report import Finding
from scaffolder.spec.load import Spec
from scaffolder.spec.types import git_name
from scaffolder.spec.write import Edits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.cli.console import Console
    from scaffolder.report import Report


@dataclass(frozen=True)
class Asked:
    """An environment, and one of what it may follow."""

    environment: str
    tag: str | None
    branch: str | None
    unpin: bool

    @property
    def ref(self) -> str | None:
        """The full ref; None for the platform's branch.

        Raises:
            UsageError: not one of them is given, or git would not take it for a name.
        """
        if (self.tag is not None) + (self.branch is not None) + self.unpin != 1:
            raise UsageError("give one of --tag, --branch and --unpin")
        if self.unpin:
            return None
        kind, name = ("heads", self.branch) if self.tag is None else ("tags", self.tag)
        try:
            return f"refs/{kind}/{git_name(name or '')}"
        except ValueError as error:
            flag = "--branch" if self.tag is None else "--tag"
            raise UsageError(f"{flag} {shown(name or '')} {error}") from None


def pin(console: Console, *, asked: Asked, dry_run: bool) -> Report:
    """Pins an environment, or frees it."""
    session = Session.open(console)
    spec, name, ref = documents(session), asked.environment, asked.ref
    must_be_there(spec, "environment", name)
    key, edits = ("environment", name), Edits(spec)
    if ref is None:
        edits.take(key, ("ref",))
    else:
        edits.put(key, ("ref",), ref)
    others = list(_others(spec, name))
    made = carry_out(session, "pin", edits.files, [key], dry_run=dry_run)
    said = f"branch {spec.platform.repository.branch}" if ref is None else f"{_kind(ref)} {short(ref)}"
    verb = "would follow" if dry_run else "follows"
    already = "" if made.documents or made.files else " already"
    summary = f"environment `{name}` {verb} {said}{already}"
    return told(made, summary, f"Let {name} follow {said}", (), others)


def _kind(ref: str) -> str:
    return "tag" if is_tag(ref) else "branch"


def _others(spec: Spec, environment: str) -> Iterator[Finding]:
    """Clusters that do not follow their environment."""
    for cluster in map(spec.cluster, spec.names("cluster")):
        if cluster.environment == environment and cluster.ref is not None:
            message = f"cluster `{cluster.name}` has a `ref` of its own, and follows {cluster.ref}"
            yield Finding(level="note", code="own-ref", message=message)
