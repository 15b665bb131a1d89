"""Freezes the templates that are in work as a release: `python -m tests.support.freeze`."""

from __future__ import annotations

import hashlib
import sys

from scaffolder import releases


def main() -> str:
    """Writes the archive, and says what stands in the test that holds its digest."""
    tree = releases.in_work()
    version = releases.version_in(releases.RELEASE, tree[releases.RELEASE].content)
    archive = releases.home() / releases.ARCHIVES / f"{version}.zip"
    content = releases.packed(tree)
    if archive.exists() and archive.read_bytes() != content:
        return f"{version} is released already, and is not this: raise the version in templates/{releases.RELEASE}"
    archive.parent.mkdir(exist_ok=True)
    archive.write_bytes(content)
    sys.stdout.write(f'for tests/test_releases.py: "{version}": "{hashlib.sha256(content).hexdigest()}",\n')
    return ""


if __name__ == "__main__":
    sys.exit(main())
