"""`python -m tests.testbed [PART ...]`: a cluster to play with, or parts of one, until ^C or SIGTERM.

With SCAFFOLDER_TESTBED_FLUX=2.7, here and when the programs are built, Flux's controllers are those of 2.7.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from typing import TYPE_CHECKING

from tests.testbed import charts
from tests.testbed.argocd import NAMESPACE
from tests.testbed.bed import PARTS, USUAL, Bed, standing
from tests.toolbox.programs import PROGRAMS

if TYPE_CHECKING:
    from collections.abc import Iterator

EVERYTHING = [name for group in PARTS for name in group]
IN_CLUSTER = {name for group in PARTS[1:] for name in group}


def main() -> None:
    command = argparse.ArgumentParser(prog="python -m tests.testbed", description=__doc__)
    command.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(EVERYTHING)} [all but argocd]")
    names = command.parse_args().parts or list(USUAL)
    if unknown := set(names) - set(EVERYTHING):
        command.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(EVERYTHING)}")
    if "plane" not in names and (homeless := IN_CLUSTER.intersection(names)):
        command.error(f"{', '.join(sorted(homeless))}: only with plane")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        with standing(*names) as bed:
            sys.stdout.write("\n".join([bed.figures(), *about(bed, names), ""]))
            sys.stdout.flush()
            signal.pause()
    except KeyboardInterrupt:
        pass
    except (RuntimeError, OSError) as error:
        sys.exit(str(error))


def about(bed: Bed, names: list[str]) -> Iterator[str]:
    if "plane" in names:
        yield f"export KUBECONFIG={bed.plane.kubeconfig}"
        yield f"export PATH={PROGRAMS['kubectl'].folder}:{PROGRAMS['flux'].folder}:$PATH"
    if "git" in names:
        yield f"git    {bed.git.repository('fleet').url}  (empty; for more: git init --bare in {bed.git.folder})"
    if "ssh" in names:
        yield f"ssh    {bed.ssh.url('fleet')}  (keys: {bed.ssh.keys})"
    if "registry" in names:
        yield f"OCI    {charts.push(bed.registry)}  (plain HTTP; {charts.NAME} {' '.join(charts.VERSIONS)})"
    if "charts" in names:
        yield f"Helm   {bed.charts.url}  ({charts.NAME} {' '.join(charts.VERSIONS)})"
    if "argocd" in names:
        yield f"Argo   kubectl get applications --namespace={NAMESPACE}"
    yield f"logs   {bed.processes.logs}"
    yield f"stop   ^C, or kill {os.getpid()}"


if __name__ == "__main__":
    main()
