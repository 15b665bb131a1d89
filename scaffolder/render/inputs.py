"""All that a unit's template needs, spelled out: a pure function of the documents.

Every string is YAML text, ready to stand behind `key: `; names that stand in paths come bare as well. No input is
a list of other documents, so no unit grows when one is added; but for the tenants that have owners, since a forge
reads one CODEOWNERS only.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, Final

from scaffolder.flux.options import install
from scaffolder.flux.versions import NEWEST, Minor, api, knows, minor_of
from scaffolder.paths import normal, up
from scaffolder.render import app
from scaffolder.render.units import BASE, Unit, implied_tenant
from scaffolder.spec.model import FURNISHED, Tenant
from scaffolder.spec.reach import clusters_of, environments_of
from scaffolder.spec.rules import folder
from scaffolder.spec.variables import values_on
from scaffolder.yamlio import scalar

if TYPE_CHECKING:
    from collections.abc import Callable

    from scaffolder.spec.load import Spec
    from scaffolder.spec.model import Cluster

Inputs = dict[str, Any]
COMPONENTS: Final = "gotk-components.yaml"
APPS: Final = "apps"  # where a cluster's own apps are, in its folder
ROOT_APPS: Final = "cluster-apps"  # in the root, `apps` holds the workloads of all
CANCEL: Final = {"kustomize-controller": "cancelHealthCheckGate", "helm-controller": "cancelReleaseWaitGate"}
WORKFLOWS: Final = {"github": ".github", "gitea": ".gitea"}  # forges with GitHub's workflows, and where they look
RELEASE: Final = "https://github.com/fluxcd/flux2/releases/download/{version}/install.yaml"


def inputs(spec: Spec, unit: Unit, *, vendored: bool = True) -> Inputs:
    """The inputs of a unit.

    Args:
        spec: all documents, checked.
        unit: which one.
        vendored: of a cluster: whether its `gotk-components.yaml` is there; else the release is referenced by URL.
    """
    if unit.kind == "cluster":
        return _cluster(spec, unit.name, vendored=vendored)
    return INPUTS[unit.kind, unit.part == BASE](spec, unit)


def former(spec: Spec, unit: Unit, data: Inputs) -> Inputs | None:
    """The inputs that made a unit's paths when it had another name or place, where the documents state one."""
    name = unit.cluster or (unit.name if unit.kind == "cluster" else "")
    cluster = spec.cluster(name) if name else None
    if cluster and cluster.moved_from is not None:
        old = normal(cluster.moved_from)
        if unit.kind == "cluster":
            return {**data, "folder": old or ".", "apps": _apps_in(old).rpartition("/")[2], "stub": ""}
        return {**data, "wiring" if unit.kind == "app" else "folder": _apps_in(old)}
    if unit.kind not in {"app", "tenant"}:
        return None
    own = spec.app(unit.name) if unit.kind == "app" else implied_tenant(spec, unit.name)
    return {**data, "bare": {**data["bare"], "name": own.formerly}} if own and own.formerly else None


def repository_url(spec: Spec) -> str:
    """Where Flux fetches the repository; until that is known, an address that is nobody's (RFC 6761)."""
    platform = spec.platform
    return platform.repository.url or f"https://git.invalid/{platform.name}/{platform.name}.git"


def _minor(spec: Spec) -> Minor:
    """The Flux that all shared files are written for: the oldest of the repository."""
    return minor_of(spec.platform.flux.version or NEWEST)


def _apis(minor: Minor, *kinds: str) -> dict[str, str]:
    return {kind: api(kind, minor) for kind in kinds}


def _variable_names(spec: Spec) -> list[str]:
    platform = spec.platform
    return ["CLUSTER_NAME", "ENVIRONMENT", *(["DOMAIN"] if platform.domain else []), *platform.variables]


def _platform(spec: Spec, unit: Unit) -> Inputs:
    platform, minor = spec.platform, _minor(spec)
    forge = platform.repository.forge or ""
    checking = forge if platform.repository.checks else ""
    return {
        "bare": {"workflows": WORKFLOWS.get(checking, "")},
        "forge": checking,
        "branch": scalar(platform.repository.branch),
        "owners": _owners(spec, forge),
        "name": scalar(unit.name),
        "namespace": scalar(platform.flux.namespace),
        "api": _apis(minor, "GitRepository", "Kustomization"),
        "url": scalar(repository_url(spec)),
        "secret": scalar(platform.flux.secret_name),
        "interval": platform.flux.interval,
        "orphan": knows("deletionPolicy", minor),
        "watch": knows("watchLabel", minor),
        "gate": knows("strictSubstitutionGate", minor) and not knows("strictSubstitution", minor),
        "cancel": [controller for controller, gate in CANCEL.items() if knows(gate, minor)],
        "lockdown": platform.lockdown,
        "login": platform.hands_down_login,
        "variables": _variable_names(spec),
    }


def _owners(spec: Spec, forge: str) -> list[str]:
    """The lines of CODEOWNERS: all of the repository first, since the last one that fits a file counts."""
    every, below = (".*", ".*") if forge == "gitea" else ("*", "")
    rules = [(every, spec.platform.owners)]
    for tenant in (tenant for tenant in spec.all(Tenant) if tenant.owners):
        places = ["tenants/*", *(apps_of(spec.cluster(name)) for name in clusters_of(tenant))]
        rules += [(f"{_pattern(f'{place}/{tenant.name}/', forge)}{below}", tenant.owners) for place in places]
    return [" ".join((pattern, *owners)) for pattern, owners in rules if owners]


def _pattern(folder: str, forge: str) -> str:
    """A folder as CODEOWNERS names it; Gitea takes regular expressions for a whole path."""
    return folder.replace(".", "[.]").replace("*", "[^/]+") if forge == "gitea" else f"/{folder}"


def _environment(_: Spec, unit: Unit) -> Inputs:
    return {"bare": {"name": unit.name}}


def _cluster(spec: Spec, name: str, *, vendored: bool) -> Inputs:
    cluster, platform = spec.cluster(name), spec.platform
    at, asked = folder(cluster), install(spec, cluster)
    minor = minor_of(asked.version)
    return {
        "bare": {"environment": cluster.environment, "namespace": platform.flux.namespace},
        "api": _apis(minor, "GitRepository", "Kustomization"),
        "folder": at or ".",
        "apps": apps_of(cluster).rpartition("/")[2],
        "up": up(at),
        **_stub(cluster, at),
        "namespace": scalar(platform.flux.namespace),
        "path": scalar(f"./{at}"),
        "watch": knows("watchLabel", minor),
        "variables": {key: scalar(value) for key, value in variables(spec, cluster).items()},
        "components": COMPONENTS if vendored else RELEASE.format(version=asked.version),
        "url": scalar(repository_url(spec)),
        "branch": scalar(platform.repository.branch),
        "secret": scalar(platform.flux.secret_name),
        "interval": platform.flux.interval,
        "submodules": platform.flux.recurse_submodules,
        "sparse": [scalar(path) for path in platform.flux.sparse_checkout],
    }


def _stub(cluster: Cluster, at: str) -> Inputs:
    """The old folder of a cluster that moves, and the way from there to its new one."""
    if cluster.moved_from is None:
        return {"stub": "", "moved": ""}
    old = normal(cluster.moved_from)
    return {"stub": old or ".", "moved": scalar(posixpath.relpath(at or ".", old or "."))}


def variables(spec: Spec, cluster: Cluster) -> dict[str, str]:
    """What a cluster's `cluster-vars` holds: its variables, and what it follows."""
    environment = spec.environment(cluster.environment)
    followed = cluster.ref or environment.ref or f"refs/heads/{spec.platform.repository.branch}"
    return {**values_on(spec, environment, cluster), "FLEET_REF": followed}


def _tenant(spec: Spec, unit: Unit) -> Inputs:
    own = implied_tenant(spec, unit.name) is None
    return {"bare": {"name": unit.name}, "name": scalar(unit.name), "furnished": own and unit.name in FURNISHED}


def _tenant_here(spec: Spec, unit: Unit) -> Inputs:
    if not unit.cluster:
        return {"bare": {"name": unit.name}, "folder": f"tenants/{unit.part}", "tenants": "../.."}
    at = apps_of(spec.cluster(unit.cluster))
    return {"bare": {"name": unit.name}, "folder": at, "tenants": up(f"{at}/{unit.name}") + "tenants"}


def apps_of(cluster: Cluster) -> str:
    """The folder of a cluster's own apps; in the root, `apps` holds the workloads of all."""
    return _apps_in(folder(cluster))


def _apps_in(at: str) -> str:
    return f"{at}/{APPS}" if at else ROOT_APPS


def _app(spec: Spec, unit: Unit) -> Inputs:
    return app.base(spec.app(unit.name), _minor(spec), lockdown=spec.platform.lockdown)


def _app_here(spec: Spec, unit: Unit) -> Inputs:
    document, minor = spec.app(unit.name), _minor(spec)
    if unit.cluster:
        cluster = spec.cluster(unit.cluster)
        return app.place(spec, document, minor, cluster.environment, apps_of(cluster), own=False)
    wired = unit.part in environments_of(spec, document)
    return app.place(spec, document, minor, unit.part, f"stacks/{unit.part}/apps" if wired else "", own=True)


INPUTS: Final[dict[tuple[str, bool], Callable[[Spec, Unit], Inputs]]] = {
    ("platform", True): _platform,
    ("environment", True): _environment,
    ("tenant", True): _tenant,
    ("tenant", False): _tenant_here,
    ("app", True): _app,
    ("app", False): _app_here,
}
