"""The inputs of an app's templates: of its base, and of each place where it is (an environment, a single cluster)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from scaffolder.flux.versions import Minor, api, knows
from scaffolder.paths import normal
from scaffolder.spec.app import ACCOUNT, Overlay
from scaffolder.spec.sources import Bucket
from scaffolder.yamlio import dump, scalar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scaffolder.spec.app import App
    from scaffolder.spec.load import Spec
    from scaffolder.spec.record import Record
    from scaffolder.spec.sources import Git, Image, Oci

Inputs = dict[str, Any]
RANGE: Final = re.compile(r"[<>=~^*|, ]|^v?\d+(\.\d+)?$|(^v?|\.)[xX](\.|$)")  # a semver range, or a version cut short
HELM_TIMEOUT: Final = "5m0s"  # what Flux gives Helm where nothing is said
IN_TREE: Final = ("chart", "manifests", "image")  # sources with a folder for each environment
KINDS: Final = {"git": "GitRepository", "oci": "OCIRepository", "bucket": "Bucket"}


def base(app: App, minor: Minor, *, lockdown: bool) -> Inputs:
    """What is the same wherever the app is. `lockdown`: whether Helm is given the account of the app's namespace."""
    return {
        "bare": {"name": app.name},
        "name": scalar(app.name),
        "namespace": scalar(app.home),
        "api": {kind: api(kind, minor) for kind in ("HelmRepository", "OCIRepository", "HelmRelease")},
        "interval": app.interval,
        "chart": _chart(app, minor),
        "release": _release(app, lockdown=lockdown),
        "suspend": app.suspend,
        "values": _text(app.values),
        "image": _image(app.image) if app.image else {},
    }


def _text(data: Any) -> str:
    """As YAML text; empty where there is nothing."""
    return dump(data) if data else ""


def _scalar(text: str | None) -> str:
    return scalar(text) if text else ""


def _records(records: Iterable[Record]) -> str:
    """Records as a YAML list, as they were given, their defaults left out."""
    return _text([record.model_dump(by_alias=True, exclude_defaults=True) for record in records])


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
        "name": _scalar(name),
        "version": _scalar(chart.version),
        "ref": _oci_ref(chart.version) if oci else "",
        "interval": chart.interval,
        "provider": chart.provider or "",
        "pass_credentials": chart.pass_credentials,
        "secret": scalar(chart.secret_ref.name) if chart.secret_ref else "",
    }


def _oci_ref(version: str | None) -> str:
    """A version in full is a tag, in which Helm writes `_` for `+`; what matches several is a range."""
    text = version or "*"
    return f"semver: {scalar(text)}" if RANGE.search(text) else f"tag: {scalar(text.replace('+', '_'))}"


def _release(app: App, *, lockdown: bool) -> Inputs:
    if app.chart is None:
        return {}
    return {
        "crds": app.crds or "",
        "name": _scalar(app.release_name),
        "service_account": ACCOUNT if lockdown else _scalar(app.service_account_name),
        "target": _scalar(app.target_namespace),
        "timeout": app.timeout if app.timeout != HELM_TIMEOUT else "",
        "values_from": _records(app.values_from),
    }


def _image(image: Image) -> Inputs:
    return {"image": scalar(f"{image.name}:{image.tag}"), "port": image.port or 0, "replicas": image.replicas}


def place(spec: Spec, app: App, minor: Minor, environment: str, wiring: str, *, own: bool) -> Inputs:
    """What there is of an app in one place.

    Args:
        spec: all documents.
        app: the app.
        minor: the Flux that is written for.
        environment: the environment, or that of the single cluster: its overlay is the one that counts.
        wiring: folder of the file that tells Flux of the app; empty where only the overlay is wanted.
        own: whether the overlay's folder belongs to this place, or only to the environment.
    """
    overlay = app.overlays.get(environment, Overlay())
    found = {
        "bare": {"name": app.name, "environment": environment},
        "name": scalar(app.name),
        "namespace": scalar(app.home),
        "api": {kind: api(kind, minor) for kind in ("Kustomization", "HelmRelease", *KINDS.values())},
        "flux": "" if spec.platform.lockdown else scalar(spec.platform.flux.namespace),
        "wiring": wiring,
        "overlay": own and app.source in IN_TREE,
        "source": _source(app, overlay),
        "kustomization": _kustomization(spec, app, overlay),
        **_changes(app, overlay),
        **_chart_here(app, overlay, minor),
    }
    return {**found, "literal": not own and "${" in str(found)}


def _source(app: App, overlay: Overlay) -> Inputs:
    """The source that Flux fetches by itself; nothing where the app's manifests stand in this repository."""
    source = app.fetched
    if source is None:
        return {}
    return {
        **dict.fromkeys(("bucket", "endpoint", "prefix", "region", "url"), ""),
        **dict.fromkeys(("ref", "submodules"), False),
        "kind": KINDS[app.source],
        "interval": source.interval,
        "provider": getattr(source, "provider", None) or "",
        "insecure": getattr(source, "insecure", False),
        "secret": scalar(source.secret_ref.name) if source.secret_ref else "",
        "ignore": dump("\n".join(source.ignore)).rstrip("\n") if source.ignore else "",
        **(_of_bucket(source) if isinstance(source, Bucket) else _of_repository(source, overlay)),
    }


def _of_repository(source: Git | Oci, overlay: Overlay) -> Inputs:
    ref = overlay.ref or source.ref
    return {
        "url": scalar(source.url),
        "ref": {key: scalar(value) for key, value in ref.given.items()},
        "submodules": getattr(source, "recurse_submodules", False),
    }


def _of_bucket(bucket: Bucket) -> Inputs:
    return {
        "bucket": scalar(bucket.bucket_name),
        "endpoint": scalar(bucket.endpoint),
        "prefix": _scalar(bucket.prefix),
        "region": _scalar(bucket.region),
    }


def _kustomization(spec: Spec, app: App, overlay: Overlay) -> Inputs:
    """How Flux applies the app here."""
    suspend = app.suspend if overlay.suspend is None else overlay.suspend
    forced = app.home if app.target_namespace is None or app.chart else app.target_namespace
    return {
        "depends_on": [
            {"name": scalar(other.name), "namespace": scalar(spec.app(other.name).home)} for other in app.depends_on
        ],
        "health_checks": _text([_health_check(app, check) for check in app.health_checks]),
        "interval": app.interval,
        "path": scalar("./" + normal(overlay.path or app.fetched.path)) if app.fetched else "",
        "post_build": _text(_post_build(app)),
        "prune": app.prune,
        "retry": app.retry_interval,
        "service_account": _account(spec, app),
        "suspend": suspend and not app.chart,
        "target": _scalar(forced),
        "timeout": app.timeout,
        "wait": not app.health_checks if app.wait is None else app.wait,
    }


def _account(spec: Spec, app: App) -> str:
    """Whom Flux applies the app's objects as; of a chart, the release says it."""
    if spec.platform.lockdown:
        return ACCOUNT
    return "" if app.chart else _scalar(app.service_account_name)


def _health_check(app: App, check: Any) -> Inputs:
    namespace = app.home if check.namespace is None else check.namespace
    found = check.model_dump(by_alias=True, exclude_none=True) | {"namespace": namespace}
    return {key: value for key, value in found.items() if value}


def _post_build(app: App) -> Inputs:
    """Manifests that are ours take the cluster's variables unasked; others only what they ask for."""
    asked = app.post_build
    sources = [source.model_dump(exclude_defaults=True) for source in (asked.substitute_from if asked else ())]
    if app.source in {"chart", "image"} and not any(source["name"] == "cluster-vars" for source in sources):
        sources.insert(0, {"kind": "ConfigMap", "name": "cluster-vars"})
    found = {"substitute": dict(asked.substitute) if asked else {}, "substituteFrom": sources}
    return {key: value for key, value in found.items() if value}


def _changes(app: App, overlay: Overlay) -> Inputs:
    """Patches of the app and then of the overlay; of images and replicas, the overlay's instead of the app's."""
    images = {change.name: change for change in (*app.images, *overlay.images)}
    replicas = {change.name: change for change in (*app.replicas, *overlay.replicas)}
    return {
        "patches": _records((*app.patches, *overlay.patches)),
        "images": _records(images.values()),
        "replicas": _records(replicas.values()),
    }


def _chart_here(app: App, overlay: Overlay, minor: Minor) -> Inputs:
    """What differs of the Helm release here."""
    if app.chart is None:
        return {"chart": {"ref": ""}, "release": {}}
    oci = app.chart.oci and knows("chartRef", minor)
    version = scalar(overlay.version) if overlay.version and not oci else ""
    changed = bool(version or overlay.values or overlay.suspend is not None)
    release = {"version": version, "suspend": overlay.suspend, "helm_values": _text(overlay.values)} if changed else {}
    return {"chart": {"ref": _oci_ref(overlay.version) if overlay.version and oci else ""}, "release": release}
