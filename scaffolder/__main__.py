"""`python -m scaffolder`, and the entry point of the command."""

from __future__ import annotations

import sys


def main() -> None:
    from scaffolder.cli.app import program  # noqa: PLC0415  so that a broken import is shown by Python itself

    sys.exit(program(sys.argv[1:]))


if __name__ == "__main__":
    main()
