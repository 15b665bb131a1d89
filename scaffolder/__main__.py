"""`python -m scaffolder`, and the entry point of the command."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    for each in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(each) is signal.SIG_DFL:
            signal.signal(each, _interrupt)
    from scaffolder.cli.app import program  # noqa: PLC0415  so that a broken import is shown by Python itself

    sys.exit(program(sys.argv[1:]))


def _interrupt(*_: object) -> None:
    """Whoever ends us, a CI system or a closed terminal, wants nothing left behind: it is as Ctrl-C."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
