"""What says on a cluster that a rehearsal is there: a label of Flux's namespace, and what the next one must know."""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from scaffolder.kube.removal import namespaces

if TYPE_CHECKING:
    from scaffolder.kube.kubectl import Kubectl

MARK: Final = "scaffolder/rehearsal"
BEFORE: Final = "scaffolder/namespaces"  # those that were there before
BY: Final = "scaffolder/by"  # who runs it: host, process, and the second since 1970 at which it has ended


@dataclass(frozen=True)
class Rehearsal:
    """One that is on a cluster. `runs` names the host where it still runs, as far as that can be known."""

    before: frozenset[str]
    runs: str


def marked(kubectl: Kubectl, namespace: str, longest: float) -> None:
    """Says that a rehearsal begins, so that whatever is killed is found again; `longest` are seconds."""
    before = ",".join(name for name in namespaces(kubectl) if name != namespace)
    by = f"{socket.gethostname()} {os.getpid()} {time.time() + longest:.0f}"
    metadata = {"name": namespace, "labels": {MARK: "true"}, "annotations": {BEFORE: before, BY: by}}
    kubectl.apply(json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}), manager="scaffolder")


def found(kubectl: Kubectl, namespace: str) -> Rehearsal | None:
    """The rehearsal that is there, or None."""
    known = kubectl.get("namespaces", namespace)
    if known is None or MARK not in known["metadata"].get("labels", {}):
        return None
    annotations = known["metadata"].get("annotations", {})
    return Rehearsal(frozenset(annotations.get(BEFORE, "").split(",")), _runs(annotations.get(BY, "")))


def ended(kubectl: Kubectl, namespace: str) -> None:
    """Says that nobody waits for a rehearsal any more, which stays."""
    kubectl.annotate("namespaces", namespace, "", f"{BY}-")


def _runs(by: str) -> str:
    host, process, end = by.split() if by.count(" ") == 2 else ("", "0", "0")  # noqa: PLR2004  three words
    if host != socket.gethostname():
        return host if time.time() < float(end) else ""
    return host if int(process) != os.getpid() and _is_alive(int(process)) else ""


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True
