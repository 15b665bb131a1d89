from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

import pytest

from scaffolder.cli.app import program
from scaffolder.cli.boundary import attempt, guarded
from scaffolder.cli.console import Console
from scaffolder.errors import DocumentError, ForgeError, ScaffolderError
from scaffolder.report import Report

TOKEN = "ghp_" + "a1B2" * 9


def ended(error: BaseException, *, output: str = "text") -> int | str | None:
    """The exit code of a command whose work ends with an error."""

    def work(console: Console) -> NoReturn:
        del console
        raise error

    with pytest.raises(SystemExit) as end:
        attempt("sync", work, output=output)
    return end.value.code


def test_an_error_is_its_line_and_its_hint_and_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(ForgeError("no such group", hint="create it")) == 7

    assert capsys.readouterr().err == "✗ no such group\n  create it\n"


def test_every_problem_of_documents_has_a_line_and_the_hint_comes_last(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(DocumentError(["a.yaml:1:2: one", "b c.yaml:3:4: two: 5"], hint="edit them")) == 3

    assert capsys.readouterr().err == "✗ a.yaml:1:2: one\n✗ b c.yaml:3:4: two: 5\n  edit them\n"


def test_an_error_in_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(DocumentError(["a.yaml:1:2: one", "two"], hint="edit"), output="json") == 3

    said = capsys.readouterr()
    report = json.loads(said.out)
    assert said.err == ""
    assert (report["command"], report["exitCode"]) == ("sync", 3)
    assert [(f["code"], f["path"], f["line"], f["column"], f["message"], f["hint"]) for f in report["findings"]] == [
        ("document", "a.yaml", 1, 2, "one", ""),
        ("document", "", 0, 0, "two", "edit"),
    ]


def test_a_bug_is_two_lines_and_a_log_without_tokens(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(KeyError(f"https://ada:{TOKEN}@example.com\nsecond {TOKEN}")) == 70

    first, second = capsys.readouterr().err.splitlines()
    log = Path(second.removeprefix("  the details are in "))
    assert first.startswith("✗ this is a bug in scaffolder: KeyError: ")
    assert "Traceback" in log.read_text(encoding="utf-8")
    assert TOKEN not in first + log.read_text(encoding="utf-8")
    assert log == Path(os.environ["HOME"]) / ".cache/scaffolder/bug.log"


def test_a_bug_in_json_is_one_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(ZeroDivisionError("x"), output="json") == 70

    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "bug"


def test_where_no_cache_can_be_written_the_log_is_somewhere_private(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, scratch: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null")

    ended(ZeroDivisionError("x"))

    log = Path(capsys.readouterr().err.splitlines()[1].removeprefix("  the details are in "))
    assert log.parent.parent == scratch
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_an_interruption_ends_with_130(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended(KeyboardInterrupt()) == 130

    assert capsys.readouterr().err == "✗ interrupted\n  run the command again to finish it\n"


def test_what_fails_outside_of_a_command_s_work_is_caught_too(capsys: pytest.CaptureFixture[str]) -> None:
    def main() -> NoReturn:
        raise ScaffolderError("broken")

    assert guarded(main, Console()) == 1

    assert capsys.readouterr().err == "✗ broken\n"


def test_a_report_s_own_code_is_the_command_s(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        attempt("check", lambda _: Report(command="check", exit_code=5, summary="done"))

    assert end.value.code == 5
    assert capsys.readouterr().err == "✗ done\n"


def test_control_c_in_the_middle_of_work_is_130_without_a_traceback(tmp_path: Path) -> None:
    code = (
        "import time; from scaffolder.cli.boundary import attempt\n"
        "attempt('sync', lambda console: (console.step('working'), time.sleep(30)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    program = [sys.executable, "-c", code]
    child = subprocess.Popen(program, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    assert child.stderr is not None
    assert child.stderr.readline() == "► working\n"

    time.sleep(0.05)
    child.send_signal(signal.SIGINT)

    assert child.communicate(timeout=20)[1] == "✗ interrupted\n  run the command again to finish it\n"
    assert child.returncode == 130


def test_nothing_that_a_message_holds_can_steer_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)

    ended(ScaffolderError("\x1b[2J\x07 \udcff\u202e name", hint="\ttab"))

    assert said.getvalue() == "✗ \\x1b[2J\\x07 \\udcff\\u202e name\n  \\ttab\n"


def test_control_c_while_a_command_is_loaded_is_130_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scaffolder.cli.app.app", lambda **_: 130)  # what Typer makes of it

        assert program(["check"]) == 130

    assert capsys.readouterr().err == "✗ interrupted\n  run the command again to finish it\n"
