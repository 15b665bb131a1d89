"""What a command did or found, as text for people and as JSON for programs; pure."""

from __future__ import annotations

import difflib
import json as text_format
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from scaffolder.errors import ConflictError, DocumentError, ScaffolderError
from scaffolder.merge import DELETED, EDITED, IN_THE_WAY, LINES, MARKERS, WHOLE
from scaffolder.plan import Plan
from scaffolder.plan.unfinished import OF_PEOPLE, ONE_DELETED, UNSOLVED
from scaffolder.redact import redact
from scaffolder.tree import File, Source

API_VERSION: Final = "scaffolder/v1"
LISTED: Final = 12  # files that are named in text before the rest are counted

Level = Literal["error", "warning", "note"]
Verb = Literal["create", "update", "delete"]


class _Record(BaseModel):
    model_config: ClassVar = ConfigDict(
        extra="forbid", frozen=True, alias_generator=to_camel, validate_by_name=True, serialize_by_alias=True
    )


class DocumentChange(_Record):
    """A document that was written or changed."""

    path: str
    change: Verb


class FileChange(_Record):
    """A generated file that was written, changed or deleted, and the unit it belongs to."""

    path: str
    change: Verb
    unit: str


class Conflict(_Record):
    """A file that could not be brought in step without a person."""

    path: str
    reason: str


class Made(_Record):
    """What was made on a forge or on a cluster, or found as it should be."""

    action: Literal["created", "updated", "unchanged"]
    kind: str
    name: str


class Layer(_Record):
    """How a layer of a cluster came up: after how many seconds, or what is not ready in it."""

    cluster: str
    name: str
    ready: bool = False
    seconds: float = 0.0
    problems: tuple[str, ...] = ()


class Finding(_Record):
    """Something that people should know; of an error or warning, `check` exits with 1."""

    level: Level
    code: str
    message: str
    path: str = ""
    line: int = 0
    column: int = 0
    hint: str = ""


class Report(_Record):
    """The whole outcome of one command; what `--output json` prints.

    `summary` is for people alone, `message` for a commit of what was done.
    """

    api_version: Literal["scaffolder/v1"] = API_VERSION
    command: str
    dry_run: bool = False
    exit_code: int = 0
    documents: tuple[DocumentChange, ...] = ()
    files: tuple[FileChange, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    forge: tuple[Made, ...] = ()
    cluster: tuple[Made, ...] = ()
    layers: tuple[Layer, ...] = ()
    findings: tuple[Finding, ...] = ()
    next: tuple[str, ...] = Field((), description="Commands that go on from here.")
    summary: str = Field("", exclude=True)
    message: str = Field("", exclude=True)


def files_of(plan: Plan) -> tuple[FileChange, ...]:
    """The generated files that a plan changes."""
    return tuple(
        FileChange(path=path, change=change.verb, unit="/".join(part for part in change.unit if part))
        for path, change in sorted(plan.files.items())
    )


def documents_of(after: Mapping[str, File | None], before: Source) -> tuple[DocumentChange, ...]:
    """The documents that a command changes."""
    return tuple(
        DocumentChange(path=path, change="delete" if file is None else "update" if before.read(path) else "create")
        for path, file in sorted(after.items())
    )


def conflicts_of(plan: Plan) -> tuple[Conflict, ...]:
    return tuple(Conflict(path=path, reason=reason) for path, reason in sorted(plan.conflicts.items()))


WAYS_OUT: Final = {
    LINES: "between the markers your side stands first and the template's second: edit them, or use `git mergetool`; "
    "then `scaffolder sync` goes on, and `scaffolder sync --abort` goes back",
    MARKERS: "edit the lines between the markers, then `scaffolder sync`",
    UNSOLVED: "`git add` it when it is as you want it, then `scaffolder sync`",
    ONE_DELETED: "keep it or delete it, `git add` it, then `scaffolder sync`",
    OF_PEOPLE: "solve it and `git add` it, as in any merge",
    DELETED: "nothing to do if it should stay away; to have it back: git restore it and run `scaffolder sync`",
    EDITED: "it is your file now: keep it or delete it",
    IN_THE_WAY: "move it away, then `scaffolder sync`; or `scaffolder adopt` takes it as your edit of ours",
    WHOLE: "yours stays; or put your changes into patches of the kustomization.yaml beside it, delete the file and its "
    "unit's lock in .scaffolder/, then `scaffolder sync` writes it anew",
}


def failed(command: str, error: ScaffolderError, *, dry_run: bool = False, forge: Sequence[Made] = ()) -> Report:
    """The report of a command that could not do its work; `forge` is what it had done there."""
    findings = [_finding(line, error) for line in error.message.splitlines()]
    findings[-1] = findings[-1].model_copy(update={"hint": redact(error.hint)})
    return Report(command=command, dry_run=dry_run, exit_code=error.code, forge=tuple(forge), findings=tuple(findings))


def _finding(line: str, error: ScaffolderError) -> Finding:
    code = type(error).__name__.removesuffix("Error").strip("_").lower()
    placed = re.match(r"(.+?):(\d+):(\d+): (.*)", line) if isinstance(error, DocumentError) else None
    path, row, column, said = placed.groups() if placed else ("", 0, 0, line)
    return Finding(level="error", code=code, message=redact(said), path=path, line=int(row), column=int(column))


def json(report: Report) -> str:
    """The report as one JSON document, in letters that every terminal has."""
    return text_format.dumps(report.model_dump(mode="json"), indent=2) + "\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of what `--output json` prints."""
    return Report.model_json_schema(mode="serialization")


def exit_code(report: Report) -> int:
    """5 for conflicts, 1 for errors and warnings found, else 0."""
    if report.conflicts:
        return ConflictError.code
    return int(any(finding.level != "note" for finding in report.findings))


def text(report: Report) -> list[str]:
    """The report as lines for a person."""
    lines = _changes(report)
    lines += [f"✗ {conflict.path}: {conflict.reason}" for conflict in report.conflicts]
    lines += [f"  {way}" for reason in sorted({c.reason for c in report.conflicts}) if (way := WAYS_OUT.get(reason))]
    for finding in report.findings:
        lines += _told(finding)
    if report.summary:
        lines.append(f"{'✗' if report.exit_code else '✔'} {report.summary}")
    lines += [f"next: {step}" if number == 0 else f"      {step}" for number, step in enumerate(report.next)]
    return lines


def _changes(report: Report) -> list[str]:
    signs = {"create": "+", "update": "~", "delete": "-"}
    changes: list[DocumentChange | FileChange] = [*report.documents, *report.files]
    made = [act for act in (*report.forge, *report.cluster) if act.action != "unchanged"]
    lines = [f"  {'+' if act.action == 'created' else '~'} {act.kind} {act.name}" for act in made]
    lines += [f"  {signs[change.change]} {change.path}" for change in changes[:LISTED]]
    if len(changes) > LISTED:
        lines.append(f"  … and {len(changes) - LISTED} more (all of them with --output json)")
    return lines


def _told(finding: Finding) -> Iterable[str]:
    sign = {"error": "✗", "warning": "✗", "note": "◎"}[finding.level]
    place = ":".join(str(part) for part in (finding.path, finding.line, finding.column) if part)
    yield f"{sign} {place}: {finding.message}" if place else f"{sign} {finding.message}"
    if finding.hint:
        yield f"  {finding.hint}"


def unified(path: str, before: File | None, after: File | None) -> str:
    """One file's change as `git diff` shows it, and as `git apply` takes it."""
    sides = [
        re.findall(r".*\n|.+\Z", file.content.decode("utf-8", "replace")) if file else [] for file in (before, after)
    ]
    names = ["/dev/null" if file is None else f"{side}/{path}" for side, file in (("a", before), ("b", after))]
    lines = difflib.unified_diff(sides[0], sides[1], names[0], names[1])
    text = "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return f"diff --git a/{path} b/{path}\n{_modes(before, after)}{text}"


def _modes(before: File | None, after: File | None) -> str:
    old, new = (file and ("100755" if file.executable else "100644") for file in (before, after))
    if old is None:
        return f"new file mode {new}\n"
    if new is None:
        return f"deleted file mode {old}\n"
    return f"old mode {old}\nnew mode {new}\n" if old != new else ""
