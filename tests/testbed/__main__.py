"""`python -m tests.testbed`: a cluster to play with, until ^C or SIGTERM. Build the programs first:

python -m tests.toolbox.build
"""

from __future__ import annotations

import signal
import sys

from tests.testbed import charts
from tests.testbed.bed import NEEDED, Bed, standing
from tests.toolbox.programs import PROGRAMS


def main() -> None:
    missing = [name for name in NEEDED if not PROGRAMS[name].path.exists()]
    if missing:
        sys.exit(f"not built yet: {' '.join(missing)}\npython -m tests.toolbox.build {' '.join(missing)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with standing() as bed:
            sys.stdout.write(f"{bed.figures()}\n{about(bed)}\n")
            sys.stdout.flush()
            signal.pause()
    except KeyboardInterrupt:
        pass


def about(bed: Bed) -> str:
    return "\n".join(
        (
            f"export KUBECONFIG={bed.plane.kubeconfig}",
            f"export PATH={PROGRAMS['kubectl'].folder}:{PROGRAMS['flux'].folder}:$PATH",
            f"git, HTTP   {bed.git.repository('fleet').url}  (empty; more: git init --bare in {bed.git.folder})",
            f"git, SSH    {bed.ssh.url('fleet')}  (keys in {bed.ssh.keys})",
            f"OCI         {charts.push(bed.registry)}  (plain HTTP)",
            f"Helm        {bed.charts.url}  (chart {charts.NAME} {' '.join(charts.VERSIONS)})",
            f"logs        {bed.processes.logs}",
        )
    )


if __name__ == "__main__":
    main()
