"""What objects say of themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from scaffolder.kube.kubectl import Object

STATIC: Final = ("oci",)  # types of HelmRepository that nobody reconciles


def condition(found: Object, kind: str = "Ready") -> dict[str, Any]:
    """One condition; empty where there is none of the kind."""
    conditions = found.get("status", {}).get("conditions") or ()  # for a moment, a new custom resource has null
    return next((each for each in conditions if each["type"] == kind), {})


def unready(found: Object) -> str:
    """Why an object of Flux is not ready; empty where it is."""
    spec, status = found.get("spec", {}), found.get("status", {})
    if spec.get("suspend") or (found["kind"] == "HelmRepository" and spec.get("type") in STATIC):
        return ""
    ready = condition(found)
    if status.get("observedGeneration", -1) != found["metadata"].get("generation"):
        return said(ready) or "its latest change is not seen yet"
    return "" if ready.get("status") == "True" else said(ready) or "it says nothing yet"


def rolling(found: Object) -> str:
    """Why a Deployment is not rolled out; empty where it is."""
    status, wanted = found.get("status", {}), found["spec"].get("replicas", 1)
    if status.get("observedGeneration") != found["metadata"].get("generation"):
        return "its latest change is not seen yet"
    for field, meaning in (("updatedReplicas", "new"), ("availableReplicas", "available")):
        if status.get(field, 0) < wanted:
            return f"{status.get(field, 0)} of {wanted} pods are {meaning}"
    return ""


def said(ready: dict[str, Any]) -> str:
    """A condition's message, on one line."""
    return " ".join(str(ready.get("message") or "").split())
