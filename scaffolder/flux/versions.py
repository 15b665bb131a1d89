"""What each minor version of Flux can do, as data, and the few questions that are asked of it.

Sources: the CRDs in the releases' own manifests, `flux check` and the release notes of 2.2 to 2.9; borders were
confirmed on running controllers of 2.2, 2.4, 2.6, 2.7, 2.8 and 2.9.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Minor(NamedTuple):
    """A minor version; orders as numbers, prints as `2.9`."""

    major: int
    minor: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


NEWEST: Final = "v2.9.4"  # what `new` writes unless asked otherwise
KNOWN: Final = tuple(Minor(2, minor) for minor in range(2, 10))

SOURCE: Final = "source.toolkit.fluxcd.io"
KUSTOMIZE: Final = "kustomize.toolkit.fluxcd.io"
HELM: Final = "helm.toolkit.fluxcd.io"

# kind -> the API version that is stored, with the first minor that stores it
STORED: Final[dict[str, tuple[tuple[Minor, str], ...]]] = {
    "GitRepository": ((Minor(2, 2), f"{SOURCE}/v1"),),
    "HelmRepository": ((Minor(2, 2), f"{SOURCE}/v1beta2"), (Minor(2, 3), f"{SOURCE}/v1")),
    "OCIRepository": ((Minor(2, 2), f"{SOURCE}/v1beta2"), (Minor(2, 6), f"{SOURCE}/v1")),
    "Bucket": ((Minor(2, 2), f"{SOURCE}/v1beta2"), (Minor(2, 6), f"{SOURCE}/v1")),
    "Kustomization": ((Minor(2, 2), f"{KUSTOMIZE}/v1"),),
    "HelmRelease": ((Minor(2, 2), f"{HELM}/v2beta2"), (Minor(2, 3), f"{HELM}/v2")),
}

# API version -> the last minor that serves it; those that are not here are still served
LAST_SERVED: Final = {f"{SOURCE}/v1beta2": Minor(2, 7), f"{HELM}/v2beta2": Minor(2, 7)}

# field, label or behaviour -> the first minor that knows it
SINCE: Final = {
    "chartRef": Minor(2, 3),
    "strictSubstitutionGate": Minor(2, 3),
    "deletionPolicy": Minor(2, 5),
    "sparseCheckout": Minor(2, 6),
    "watchLabel": Minor(2, 7),
    "cancelHealthCheckGate": Minor(2, 7),  # of kustomize-controller
    "cancelReleaseWaitGate": Minor(2, 9),  # of helm-controller; 2.8 may have it, which nobody could try
    "strictSubstitution": Minor(2, 9),
}

# the oldest Kubernetes that `flux check` of a minor accepts
KUBERNETES: Final = {
    Minor(2, 2): Minor(1, 26),
    Minor(2, 3): Minor(1, 28),
    Minor(2, 4): Minor(1, 28),
    Minor(2, 5): Minor(1, 30),
    Minor(2, 6): Minor(1, 31),
    Minor(2, 7): Minor(1, 32),
    Minor(2, 8): Minor(1, 33),
    Minor(2, 9): Minor(1, 33),
}

# every controller that a release may have, with the first minor that has it
CONTROLLERS: Final = {
    "source-controller": Minor(2, 2),
    "kustomize-controller": Minor(2, 2),
    "helm-controller": Minor(2, 2),
    "notification-controller": Minor(2, 2),
    "image-reflector-controller": Minor(2, 2),
    "image-automation-controller": Minor(2, 2),
    "source-watcher": Minor(2, 7),
}
REQUIRED: Final = ("source-controller", "kustomize-controller")


def minor_of(version: str) -> Minor:
    """`v2.9.4` -> 2.9.

    Raises:
        ValueError: not a release, or a minor that is not known here; the message says which are.
    """
    found = re.fullmatch(r"v(\d+)\.(\d+)\.\d+(-[0-9A-Za-z.-]+)?", version)
    if not found:
        prefixed = f"; write v{version}" if re.fullmatch(r"\d+\.\d+\.\d+", version) else ""
        raise ValueError(f"`{version}` is not a Flux release such as {NEWEST}{prefixed}")
    minor = Minor(int(found[1]), int(found[2]))
    if minor not in KNOWN:
        raise ValueError(f"Flux {minor} is not known: {KNOWN[0]} to {KNOWN[-1]} are")
    return minor


def api(kind: str, minor: Minor) -> str:
    """The `apiVersion` to write for a kind."""
    return [version for since, version in STORED[kind] if since <= minor][-1]


def knows(what: str, minor: Minor) -> bool:
    return SINCE[what] <= minor


def highest_beside(oldest: Minor) -> Minor:
    """The newest minor that still serves every API version that is written for `oldest`."""
    written = {api(kind, oldest) for kind in STORED}
    return min([KNOWN[-1], *(LAST_SERVED[version] for version in written if version in LAST_SERVED)])
