"""All that a unit's template needs, spelled out: a pure function of the documents.

Every string is YAML text, ready to stand behind `key: `; names that stand in paths come bare as well. No input is
a list of other documents, so no unit grows when one is added.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from scaffolder.flux.options import install
from scaffolder.flux.versions import NEWEST, Minor, api, knows, minor_of
from scaffolder.paths import normal, up
from scaffolder.render.units import BASE, Unit, implied_tenant
from scaffolder.spec.model import FURNISHED, Overlay
from scaffolder.spec.rules import folder
from scaffolder.yamlio import dump, scalar

if TYPE_CHECKING:
    from collections.abc import Callable

    from scaffolder.spec.load import Spec
    from scaffolder.spec.model import App, Cluster, GitRef

Inputs = dict[str, Any]
RANGE: Final = re.compile(r"[<>=~^*|, ]|^v?\d+(\.\d+)?$|(^v?|\.)[xX](\.|$)")  # a semver range, or a version cut short
COMPONENTS: Final = "gotk-components.yaml"
APPS: Final = "apps"  # where a cluster's own apps are, in its folder
ROOT_APPS: Final = "cluster-apps"  # in the root, `apps` holds the workloads of all
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
    return {
        "name": scalar(unit.name),
        "namespace": scalar(platform.flux.namespace),
        "api": _apis(minor, "GitRepository", "Kustomization"),
        "url": scalar(repository_url(spec)),
        "secret": scalar(platform.flux.secret_name),
        "interval": platform.flux.interval,
        "orphan": knows("deletionPolicy", minor),
        "watch": knows("watchLabel", minor),
        "gate": knows("strictSubstitutionGate", minor) and not knows("strictSubstitution", minor),
        "variables": _variable_names(spec),
    }


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
        "apps": APPS if at else ROOT_APPS,
        "up": up(at),
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
    }


def variables(spec: Spec, cluster: Cluster) -> dict[str, str]:
    """What a cluster's `cluster-vars` holds: the platform's defaults, the environment's values, its own."""
    platform, environment = spec.platform, spec.environment(cluster.environment)
    found = {"CLUSTER_NAME": cluster.name, "ENVIRONMENT": environment.name}
    if platform.domain:
        found["DOMAIN"] = cluster.domain or environment.domain or platform.domain
    found |= {**platform.variables, **environment.variables, **cluster.variables}
    found["FLEET_REF"] = cluster.ref or environment.ref or f"refs/heads/{platform.repository.branch}"
    return found


def _tenant(spec: Spec, unit: Unit) -> Inputs:
    own = implied_tenant(spec, unit.name) is None
    return {"bare": {"name": unit.name}, "name": scalar(unit.name), "furnished": own and unit.name in FURNISHED}


def _tenant_here(_: Spec, unit: Unit) -> Inputs:
    return {"bare": {"name": unit.name, "environment": unit.part}}


def _app(spec: Spec, unit: Unit) -> Inputs:
    app, minor = spec.app(unit.name), _minor(spec)
    return {
        "bare": {"name": app.name},
        "name": scalar(app.name),
        "namespace": scalar(app.home),
        "api": _apis(minor, "HelmRepository", "OCIRepository", "HelmRelease"),
        "interval": app.interval,
        "chart": _chart(app, minor),
        "suspend": app.suspend,
        "values": dump(app.values) if app.values else "",
    }


def _chart(app: App, minor: Minor) -> Inputs:
    """The chart's source: from Flux 2.3 on, an OCI registry is an OCIRepository of its own."""
    if app.chart is None:
        return {}
    chart, oci = app.chart, app.chart.oci and knows("chartRef", minor)
    url, name = chart.url.rsplit("/", 1) if chart.oci and not oci else (chart.url, chart.name or "")
    return {
        "oci": oci,
        "url": scalar(url),
        "type": "oci" if chart.oci and not oci else "",
        "name": scalar(name) if name else "",
        "version": scalar(chart.version) if chart.version else "",
        "ref": _oci_ref(chart.version) if oci else "",
        "interval": chart.interval,
        "secret": scalar(chart.secret_ref.name) if chart.secret_ref else "",
    }


def _oci_ref(version: str | None) -> str:
    """A version in full is a tag, in which Helm writes `_` for `+`; what matches several is a range."""
    text = version or "*"
    return f"semver: {scalar(text)}" if RANGE.search(text) else f"tag: {scalar(text.replace('+', '_'))}"


def _app_here(spec: Spec, unit: Unit) -> Inputs:
    app, minor = spec.app(unit.name), _minor(spec)
    overlay = app.overlays.get(unit.part, Overlay())
    return {
        "bare": {"name": app.name, "environment": unit.part},
        "name": scalar(app.name),
        "namespace": scalar(app.home),
        "api": _apis(minor, "GitRepository", "Kustomization", "HelmRelease"),
        "flux": scalar(spec.platform.flux.namespace),
        "interval": app.interval,
        "retry": app.retry_interval,
        "timeout": app.timeout,
        "depends_on": [_dependency(spec, reference.name) for reference in app.depends_on],
        "suspend": overlay.suspend if overlay.suspend is not None or app.chart else app.suspend,
        "git": _git(app, overlay),
        **_chart_here(app, overlay, minor),
        "values": dump(overlay.values) if overlay.values else "",
    }


def _dependency(spec: Spec, name: str) -> Inputs:
    return {"name": scalar(name), "namespace": scalar(spec.app(name).home)}


def _git(app: App, overlay: Overlay) -> Inputs:
    if app.git is None:
        return {}
    return {
        "url": scalar(app.git.url),
        "ref": _ref(overlay.ref or app.git.ref),
        "path": scalar("./" + normal(overlay.path or app.git.path)),
        "interval": app.git.interval,
        "secret": scalar(app.git.secret_ref.name) if app.git.secret_ref else "",
    }


def _ref(ref: GitRef) -> dict[str, str]:
    return {key: scalar(value) for key, value in ref.model_dump(exclude_none=True).items()}


def _chart_here(app: App, overlay: Overlay, minor: Minor) -> Inputs:
    if app.chart is None:
        return {"chart": {}, "patch": False}
    oci = app.chart.oci and knows("chartRef", minor)
    version = scalar(overlay.version) if overlay.version and not oci else ""
    return {
        "chart": {"version": version, "ref": _oci_ref(overlay.version) if overlay.version and oci else ""},
        "patch": bool(version or overlay.values or overlay.suspend is not None),
    }


INPUTS: Final[dict[tuple[str, bool], Callable[[Spec, Unit], Inputs]]] = {
    ("platform", True): _platform,
    ("environment", True): _environment,
    ("tenant", True): _tenant,
    ("tenant", False): _tenant_here,
    ("app", True): _app,
    ("app", False): _app_here,
}
