"""What a change request says: what changes, for whom, and a mark by which the next run knows what is ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scaffolder.bridge.builder import FREE, Builder, on_path
from scaffolder.bridge.kustomize import Offline
from scaffolder.cli.work.changes import together, told
from scaffolder.cli.work.session import count, has_documents
from scaffolder.cli.work.sides import Builds, Side, compared
from scaffolder.spec.load import Spec

if TYPE_CHECKING:
    from scaffolder.report import Report
    from scaffolder.tree import Source

SHOWN: Final = 30  # lines of a list, before the rest is counted
QUICK: Final = 12  # clusters that are built for a few lines of text
MARK: Final = re.compile(
    r"<!-- scaffolder: (?P<branch>\S+)(?: (?P<start>[0-9a-f]{40})\.\.(?P<commit>[0-9a-f]{40}))? -->"
)


@dataclass(frozen=True)
class Mark:
    """The branch of a change request, and the commits that we pushed to it: after `start`, up to `commit`.

    Without commits, others have pushed to it as well.
    """

    branch: str
    start: str = ""
    commit: str = ""

    def __str__(self) -> str:
        return f"<!-- scaffolder: {self.branch}{f' {self.start}..{self.commit}' if self.commit else ''} -->"


def mark_of(body: str, branch: str) -> Mark:
    """The last mark of this branch."""
    found = [each for each in MARK.finditer(body) if each["branch"] == branch]
    return Mark(branch, found[-1]["start"] or "", found[-1]["commit"] or "") if found else Mark(branch)


def marked(body: str, mark: Mark) -> str:
    """The text, ending in the mark alone."""
    return f"{MARK.sub('', body).rstrip()}\n\n{mark}".lstrip("\n")


def body(made: Report, before: Source, after: Source) -> str:
    """What changes, as Markdown: documents, files, what to know, objects on clusters."""
    known = _few([f"- {found.message}" for found in made.findings])
    parts = [[made.summary], _listed(made), known, list(_objects(before, after))]
    command = f"Made by `scaffolder {made.command}`."
    return "\n\n".join("\n".join(part) for part in (*parts, [command]) if any(part))


def _listed(made: Report) -> list[str]:
    verbs = {"create": "add", "update": "change", "delete": "delete"}
    lines = [f"- {verbs[each.change]} `{each.path}`" for each in made.documents]
    files = count(len(made.files), "file")
    return [*_few(lines), f"- {files} that follow from the documents"] if made.files else _few(lines)


def _few(lines: Sequence[str]) -> list[str]:
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], *([f"- … and {more} more"] if more > 0 else [])]


def _objects(before: Source, after: Source) -> Iterator[str]:
    """The Kubernetes objects that change, where a builder is at hand and has not much to do."""
    builder = on_path()
    if builder is None or not (has_documents(before) and has_documents(after)):
        return
    specs = Spec(before), Spec(after)
    for spec in specs:
        needed = (key for key in spec.places if key[0] in {"platform", "cluster"})
        if spec.unreadable(needed) or spec.platform_problems() or len(spec.names("cluster")) > QUICK:
            return
    builds = Builds(Builder((*builder.words, *FREE)), (Offline(before), Offline(after)))
    sides = (Side(builds.sources[0], specs[0], past=True), Side(builds.sources[1], specs[1]))
    rows = together(compared(builds, *sides))
    yield "What changes on the clusters:" if rows else "No Kubernetes object changes on a cluster."
    if rows:
        yield f"\n```\n{told(rows[:SHOWN]).rstrip()}\n```"
    if len(rows) > SHOWN:
        yield f"\n… and {len(rows) - SHOWN} more"
    for found in builds.findings():
        yield f"\n`{found.path}` does not build, so there may be more: {found.message}"
