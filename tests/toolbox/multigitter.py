"""multi-gitter: a client of GitHub's and GitLab's APIs that is not ours.

`go install` cannot build it: the client of GitLab that it requires is refused by the module proxy. The nearest one that
is served stands in a module of ours, `go/multigitter/`. To change a version: edit its go.mod, and there `go mod tidy`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.toolbox.workshop import Workshop

PACKAGE = "github.com/lindell/multi-gitter"
MODULE = Path(__file__).parent / "go/multigitter"
(VERSION,) = re.findall(rf"^\t{PACKAGE} v(\S+)", (MODULE / "go.mod").read_text(), re.MULTILINE)


def build(shop: Workshop, folder: Path) -> None:
    shop.run("go", "build", "-ldflags=-s -w", "-o", folder / "multi-gitter", PACKAGE, at=MODULE)
