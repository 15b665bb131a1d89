from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scaffolder import report
from scaffolder.errors import DocumentError, ScaffolderError, UsageError
from scaffolder.report import Conflict, FileChange, Finding, Report
from scaffolder.tree import File

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)


def valid(text: str) -> Any:
    """The document, if it is one and is what the schema says."""
    document = json.loads(text)
    jsonschema.validate(document, report.schema(), cls=jsonschema.Draft202012Validator)
    return document


def test_the_schema_is_a_schema_and_has_every_field_that_the_design_names() -> None:
    schema = report.schema()

    jsonschema.Draft202012Validator.check_schema(schema)
    assert list(schema["properties"]) == [
        *("apiVersion", "command", "dryRun", "exitCode", "documents", "files", "conflicts", "forge"),
        *("cluster", "layers", "findings", "next"),
    ]
    assert list(schema["$defs"]["Finding"]["properties"]) == [
        "level",
        "code",
        "message",
        "path",
        "line",
        "column",
        "hint",
    ]
    assert list(schema["$defs"]["FileChange"]["properties"]) == ["path", "change", "unit"]


@settings(max_examples=50, deadline=None)
@given(TEXT, TEXT, st.lists(st.tuples(TEXT, TEXT), max_size=3), st.integers(0, 130))
def test_every_report_is_what_its_schema_says(
    command: str, summary: str, pairs: list[tuple[str, str]], code: int
) -> None:
    conflicts = tuple(Conflict(path=path, reason=reason) for path, reason in pairs)
    findings = tuple(Finding(level="note", code=path, message=reason) for path, reason in pairs)

    text = report.json(Report(command=command, exit_code=code, conflicts=conflicts, findings=findings, summary=summary))

    document = valid(text)
    assert document["command"] == command
    assert [(c["path"], c["reason"]) for c in document["conflicts"]] == pairs
    assert text.isascii()
    assert "summary" not in document


def test_something_that_is_no_report_is_refused_by_the_schema() -> None:
    with pytest.raises(jsonschema.ValidationError):
        valid('{"command": "sync", "colour": "red"}')


@pytest.mark.parametrize(
    ("error", "code", "findings"),
    [
        (UsageError("one\ntwo", hint="h"), 2, [("usage", "", 0, 0, "one", ""), ("usage", "", 0, 0, "two", "h")]),
        (DocumentError(["a b.yaml:10:2: x: y"]), 3, [("document", "a b.yaml", 10, 2, "x: y", "")]),
        (DocumentError(["no place"]), 3, [("document", "", 0, 0, "no place", "")]),
        (UsageError("a:1:2: no document's place"), 2, [("usage", "", 0, 0, "a:1:2: no document's place", "")]),
        (ScaffolderError("plain"), 1, [("scaffolder", "", 0, 0, "plain", "")]),
        (ScaffolderError("https://u:secret@x"), 1, [("scaffolder", "", 0, 0, "https://u:***@x", "")]),
    ],
)
def test_an_error_becomes_findings(error: ScaffolderError, code: int, findings: list[tuple[object, ...]]) -> None:
    made = report.failed("sync", error)

    assert made.exit_code == code
    assert [(f.code, f.path, f.line, f.column, f.message, f.hint) for f in made.findings] == findings


def test_a_finding_in_text_has_its_whole_place_and_its_hint_below() -> None:
    finding = Finding(level="error", code="x", message="wrong", path="a.yaml", line=3, column=4, hint="mend it")

    assert report.text(Report(command="check", findings=(finding,))) == ["✗ a.yaml:3:4: wrong", "  mend it"]


def test_many_files_are_counted_after_the_first_dozen() -> None:
    files = tuple(FileChange(path=f"f{number:02}", change="create", unit="app/web") for number in range(15))

    lines = report.text(Report(command="sync", files=files, summary="done"))

    assert lines == [
        *(f"  + f{number:02}" for number in range(12)),
        "  … and 3 more (all of them with --output json)",
        "✔ done",
    ]


def test_a_conflict_in_text_has_the_way_out_below_once() -> None:
    reason = "both changed the same lines"
    conflicts = tuple(Conflict(path=path, reason=reason) for path in ("a", "b"))

    lines = report.text(Report(command="sync", conflicts=conflicts, exit_code=5, summary="2 conflicts"))

    assert lines == [
        *(f"✗ {path}: {reason}" for path in ("a", "b")),
        (
            "  between the markers your side stands first and the template's second: edit them, or use "
            "`git mergetool`; then `scaffolder sync` goes on, and `scaffolder sync --abort` goes back"
        ),
        "✗ 2 conflicts",
    ]


def test_what_comes_next_is_one_list() -> None:
    assert report.text(Report(command="new", next=("a", "b"))) == ["next: a", "      b"]


@settings(max_examples=40, deadline=None)
@given(
    before=st.none() | st.tuples(st.text("ab\n\r\x0c\u2028é", max_size=12), st.booleans()),
    after=st.none() | st.tuples(st.text("ab\n\r\x0c\u2028é", max_size=12), st.booleans()),
)
def test_a_patch_makes_of_one_file_the_other(
    tmp_path_factory: pytest.TempPathFactory, before: tuple[str, bool] | None, after: tuple[str, bool] | None
) -> None:
    folder = tmp_path_factory.mktemp("patch")
    old, new = (File(side[0].encode(), side[1]) if side else None for side in (before, after))
    if old == new:
        return
    place = folder / "some folder" / "file"
    _put(place, old)

    patch = report.unified("some folder/file", old, new)

    subprocess.run(["git", "apply", "--whitespace=nowarn"], cwd=folder, input=patch.encode(), check=True)
    assert _got(place) == new


def _put(place: Path, file: File | None) -> None:
    if file is not None:
        place.parent.mkdir()
        place.write_bytes(file.content)
        place.chmod(0o755 if file.executable else 0o644)


def _got(place: Path) -> File | None:
    return File(place.read_bytes(), bool(place.stat().st_mode & 0o100)) if place.exists() else None
