"""The one place where errors become messages and exit codes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from scaffolder.cli.console import Console, data
from scaffolder.errors import BUG, INTERRUPTED, ScaffolderError, UsageError

if TYPE_CHECKING:
    from scaffolder.report import Report

Work = Callable[[Console], "Report"]


class _InterruptedError(ScaffolderError):
    code = INTERRUPTED


class _BugError(ScaffolderError):
    code = BUG


def attempt(command: str, work: Work, *, output: str = "text", dry_run: bool = False) -> NoReturn:
    """Runs a command's work, reports, and ends with its exit code."""
    console = Console(json=output == "json")
    try:
        _refuse_nowhere()
        outcome = work(console)
        console.finish(outcome)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  this is what the boundary is for
        raise SystemExit(failed(console, command, error, dry_run=dry_run)) from None
    raise SystemExit(outcome.exit_code)


def guarded(main: Callable[[], int], console: Console) -> int:
    """Runs the whole program: what nobody foresaw becomes two lines and a log, never a traceback."""
    try:
        code = main()
        data("")  # what the parser printed has to be out, or not, before Python ends
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  this is what the boundary is for
        return failed(console, "", error)
    return code


def failed(console: Console, command: str, error: BaseException, *, dry_run: bool = False) -> int:
    """Says what went wrong; returns the exit code."""
    from scaffolder.report import failed as report_of

    told = _told(error)
    console.finish(report_of(command, told, dry_run=dry_run, forge=console.made))
    return told.code


def _told(error: BaseException) -> ScaffolderError:
    if isinstance(error, ScaffolderError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return _InterruptedError("interrupted", hint="run the command again to finish it")
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return _BugError(f"this is a bug in scaffolder: {said}", hint=f"the details are in {_log(error)}")


def _refuse_nowhere() -> None:
    try:
        Path.cwd()
    except OSError:
        raise UsageError("the working directory is gone", hint="cd to a folder that exists") from None


def _log(error: BaseException) -> Path:
    """Writes versions and traceback beside the user's caches, or where there is room for it."""
    import platform
    import traceback

    from scaffolder import __version__
    from scaffolder.redact import redact

    head = f"scaffolder {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
    text = redact(head + "".join(traceback.format_exception(error)))
    for folder in (_cache, _scratch):
        try:
            place = folder() / "bug.log"
            place.write_text(text, encoding="utf-8", errors="backslashreplace")
        except (OSError, RuntimeError):
            continue
        return place
    return Path(os.devnull)


def _cache() -> Path:
    shared = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(shared) if shared else Path.home() / ".cache") / "scaffolder"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _scratch() -> Path:
    import tempfile

    return Path(tempfile.mkdtemp(prefix="scaffolder-"))
