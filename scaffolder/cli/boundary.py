"""The one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from scaffolder import __version__
from scaffolder.cli.console import Console, write
from scaffolder.errors import BUG, INTERRUPTED, ScaffolderError
from scaffolder.redact import redact

if TYPE_CHECKING:
    from scaffolder.report import Report


def attempt(
    command: str, work: Callable[[Console], Report], *, output: str = "text", dry_run: bool = False
) -> NoReturn:
    """Runs a command's work, reports, and ends with its exit code."""
    console = Console(json=output == "json")
    try:
        outcome = work(console)
    except ScaffolderError as error:
        from scaffolder.report import failed

        outcome = failed(command, error, dry_run=dry_run)
    console.finish(outcome)
    raise SystemExit(outcome.exit_code)


def guarded(main: Callable[[], int]) -> int:
    """Runs the whole program: what nobody foresaw becomes two lines and a log, never a traceback."""
    try:
        return main()
    except ScaffolderError as error:
        write(f"✗ {error.message}", sys.stderr)
        return error.code
    except KeyboardInterrupt:
        write("✗ interrupted; run the command again to finish it", sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # `| head` is no failure
        return 0
    except Exception as error:  # noqa: BLE001  this is what the boundary is for
        write(f"✗ this is a bug in scaffolder: {type(error).__name__}: {error}", sys.stderr)
        write(f"  the details are in {_log()}", sys.stderr)
        return BUG


def _log() -> Path:
    """Writes versions and traceback beside the user's caches, or where there is room for it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "scaffolder"
    lines = (
        f"scaffolder {__version__}, Python {platform.python_version()}, {platform.platform()}\n{traceback.format_exc()}"
    )
    for folder in (cache, Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "bug.log").write_text(redact(lines), encoding="utf-8")
        except OSError:
            continue
        return folder / "bug.log"
    return Path(os.devnull)
