"""Whether an object is what its users wait for, and what it says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.testbed.api import Object

# Alert and Provider are only read by others: they have no status.
FLUX = frozenset(
    {
        "Bucket",
        "GitRepository",
        "HelmChart",
        "HelmRelease",
        "HelmRepository",
        "ImagePolicy",
        "ImageRepository",
        "ImageUpdateAutomation",
        "Kustomization",
        "OCIRepository",
        "Receiver",
    }
)


def unready(found: Object) -> str:
    """Why it is not ready; empty if it is. What nobody reconciles is ready when it is there."""
    spec, status = found.get("spec", {}), found.get("status", {})
    if found["kind"] not in FLUX | {"Deployment"} or _is_static(found["kind"], spec) or spec.get("suspend"):
        return ""
    if status.get("observedGeneration") != found["metadata"]["generation"]:
        return f"its latest change is not seen yet; before: {message(found)}"
    if found["kind"] == "Deployment":
        return _missing_replicas(spec.get("replicas", 1), status)
    return "" if condition(found).get("status") == "True" else message(found)


def message(found: Object) -> str:
    """Reason and text of the condition Ready."""
    ready = condition(found)
    return f"{ready['reason']}: {ready['message']}" if ready else "it says nothing"


def condition(found: Object, name: str = "Ready") -> Object:
    """Empty if the object has none of this name."""
    conditions = found.get("status", {}).get("conditions") or ()  # for a moment, a new custom resource has null
    return next((each for each in conditions if each["type"] == name), {})


def _is_static(kind: str, spec: Object) -> bool:
    return kind == "HelmRepository" and spec.get("type") == "oci"


def _missing_replicas(wanted: int, status: Object) -> str:
    counts = {name: status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")}
    return "" if set(counts.values()) == {wanted} else f"{wanted} wanted, but {counts}"
