"""What takes more than one field, or more than one document, to judge of an app."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from scaffolder.errors import shown
from scaffolder.spec import lockdown
from scaffolder.spec.app import App
from scaffolder.spec.kustomized import unmergeable
from scaffolder.spec.model import MISREAD_APPS, RESERVED_APPS, Cluster, Tenant
from scaffolder.spec.problems import Found, Path, suggest
from scaffolder.spec.reach import clusters_of, elsewhere, environments_of, is_furnished, overlays_of
from scaffolder.spec.sources import Git, Oci
from scaffolder.spec.variables import Uses

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from scaffolder.spec.app import Changes, Overlay
    from scaffolder.spec.load import Spec
    from scaffolder.spec.sources import Ref

# field -> the sources that it goes with
FITS: Final = {
    "values": ("chart",),
    "values_from": ("chart",),
    "release_name": ("chart",),
    "crds": ("chart",),
    "version": ("chart",),
    "ref": ("git", "oci"),
    "path": ("git", "oci", "bucket"),
    "images": ("git", "oci", "bucket", "manifests", "image"),
    "replicas": ("manifests", "image"),
}
KUSTOMIZATIONS: Final = {"kustomization.yaml", "kustomization.yml", "Kustomization"}
SUBSTITUTED: Final = ("chart", "image")  # their manifests are ours, and take the cluster's variables unasked


def known(spec: Spec, kind: str, name: str, path: Path) -> Iterator[Found]:
    if (kind, name) not in spec:
        yield Found(path, f"unknown {kind} {shown(name)}{suggest(name, spec.names(kind))}")


def places(spec: Spec, document: App | Tenant) -> Iterator[Found]:
    """Environments and clusters that it names and that are not there."""
    for index, name in enumerate(document.environments or ()):
        yield from known(spec, "environment", name, ("environments", index))
    for index, name in enumerate(clusters_of(document)):
        yield from known(spec, "cluster", name, ("clusters", index))


def app_rules(spec: Spec, app: App) -> Iterator[Found]:
    yield from _name(spec, app)
    yield from _formerly(spec, app)
    yield from places(spec, app)
    yield from _namespace(spec, app)
    yield from _target_namespace(spec, app)
    yield from lockdown.app_rules(spec, app)
    yield from _manifests(spec, app)
    yield from _depends_on(spec, app)
    yield from _fits(app, app, ())
    if isinstance(app.fetched, Git | Oci):
        yield from _ref(app.fetched, app.fetched.ref, (app.source, "ref"))
    yield from _changes(app, app, ())
    yield from unmergeable({}, app.values, ("values",))
    yield from _variables(spec, app, app, ())
    yield from _overlays(spec, app)


def _name(spec: Spec, app: App) -> Iterator[Found]:
    if app.name in RESERVED_APPS or app.name.startswith("kube-") or app.name == spec.platform.flux.namespace:
        yield Found(("name",), f"`{app.name}` is reserved: Flux's own objects or ours bear that name")
    if app.name in MISREAD_APPS:
        yield Found(("name",), f"`{app.name}` is reserved: Flux would not take {app.name}.yaml for an app's file")


def _formerly(spec: Spec, app: App) -> Iterator[Found]:
    if app.formerly is not None and ("app", app.formerly) in spec:
        yield Found(("formerly",), f"the app `{app.formerly}` is still there: a renamed app has one document")


def _namespace(spec: Spec, app: App) -> Iterator[Found]:
    home, where = app.home, ("namespace",) if app.namespace else ("name",)
    if ("tenant", home) not in spec:
        if home != app.name or is_furnished(spec, home):
            hint = f"add it with `scaffolder add-tenant {home}`"
            message = f"the namespace `{home}` is no tenant{suggest(home, spec.names('tenant'))}; {hint}"
            yield Found(where, message)
        return
    if missing := elsewhere(spec, app, spec.readable(Tenant, home)):
        yield Found(where, f"the tenant `{home}` does not live in {missing}")


def _target_namespace(spec: Spec, app: App) -> Iterator[Found]:
    target = app.target_namespace
    if target == "" and app.chart:
        yield Found(("targetNamespace",), '`targetNamespace: ""` is for manifests: a release always has a namespace')
    if not target or target == app.home or is_furnished(spec, target):
        return
    tenant = ("tenant", target) in spec
    owner = spec.readable(Tenant, target) if tenant else _app_of(spec, target)
    if owner is None and not tenant:
        message = f"the namespace `{target}` is no tenant{suggest(target, spec.names('tenant'))}"
        yield Found(("targetNamespace",), message)
    elif missing := elsewhere(spec, app, owner):
        yield Found(("targetNamespace",), f"the namespace `{target}` is not in {missing}")


def _app_of(spec: Spec, namespace: str) -> App | None:
    """The app whose own namespace it is."""
    found = spec.readable(App, namespace) if ("app", namespace) in spec else None
    return found if found and found.home == namespace else None


def _manifests(spec: Spec, app: App) -> Iterator[Found]:
    """The overlays build on a kustomization, which people put there."""
    folder = f"apps/base/{app.name}"
    if app.manifests is not None and not KUSTOMIZATIONS & set(spec.source.names(folder)):
        message = f"{folder}/ holds no kustomization.yaml: put the manifests and one that names them there"
        yield Found(("manifests",), message)


def _depends_on(spec: Spec, app: App) -> Iterator[Found]:
    for index, reference in enumerate(app.depends_on):
        where: Path = ("dependsOn", index, "name")
        if reference.name == app.name:
            yield Found(where, "an app cannot depend on itself")
        elif ("app", reference.name) not in spec:
            yield from known(spec, "app", reference.name, where)
        elif missing := elsewhere(spec, app, spec.readable(App, reference.name)):
            yield Found(where, f"the app `{reference.name}` is not in {missing}")


def _fits(app: App, part: App | Overlay, where: Path) -> Iterator[Found]:
    """Fields that say nothing to the app's kind of source."""
    for field, sources in FITS.items():
        if getattr(part, field, None) not in (None, (), {}) and app.source not in sources:
            name = type(part).model_fields[field].alias or field
            needed = " or ".join(f"`{source}`" for source in sources)
            yield Found((*where, name), f"`{name}` does not go with `{app.source}`: it needs {needed}")


def _ref(source: Git | Oci, ref: Ref, where: Path) -> Iterator[Found]:
    for name in ref.given:
        if name not in source.REFS:
            message = f"`{name}` does not go with this source{suggest(name, source.REFS)}"
            yield Found((*where, name), message, of_key=True)


def _changes(app: App, part: Changes, where: Path) -> Iterator[Found]:
    """Images and replicas that stand twice, or that an app from an image does not have."""
    has = {"images": app.image.name, "replicas": app.name} if app.image else {}
    for field in ("images", "replicas"):
        names = Counter(change.name for change in getattr(part, field))
        for index, change in enumerate(getattr(part, field)):
            path = (*where, field, index, "name")
            if names[change.name] > 1:
                yield Found(path, f"{shown(change.name)} stands twice in `{field}`")
            if change.name != has.get(field, change.name):
                yield Found(path, f"{shown(change.name)} is not in the app: `{has[field]}` is")


def _variables(spec: Spec, app: App, part: App | Overlay, where: Path) -> Iterator[Found]:
    """Variables without a value, or with one that breaks the YAML around it, in what Flux substitutes."""
    post_build = app.post_build
    if post_build is None and app.source not in SUBSTITUTED:
        return
    if post_build and any(source.name != "cluster-vars" for source in post_build.substitute_from):
        return  # what those hold is not known here
    uses = Uses(spec, post_build.substitute if post_build else {}, *_reach(spec, app, where))
    yield from uses.problems(part.values, (*where, "values"))
    for name, value in _texts(part):
        yield from uses.problems(value, (*where, *name), text=True)
    for index, patch in enumerate(part.patches):
        yield from uses.in_yaml(patch.patch, (*where, "patches", index, "patch"))


def _reach(spec: Spec, app: App, where: Path) -> tuple[Collection[str], Collection[str]]:
    """The environments and single clusters of an app, or those of them that have an overlay."""
    environments, clusters = environments_of(spec, app), clusters_of(app)
    if not where:
        return environments, clusters
    known = (spec.readable(Cluster, name) for name in clusters if ("cluster", name) in spec)
    here = [cluster.name for cluster in known if cluster and cluster.environment == where[1]]
    return {str(where[1])} & set(environments), here


def _texts(part: App | Overlay) -> Iterator[tuple[Path, Any]]:
    """What is substituted, and must be text afterwards as before."""
    if chart := getattr(part, "chart", None):
        yield ("chart",), chart.model_dump(by_alias=True)
    for index, source in enumerate(getattr(part, "values_from", ())):
        yield ("valuesFrom", index), source.model_dump(by_alias=True)
    if version := getattr(part, "version", None):
        yield ("version",), version


def _overlays(spec: Spec, app: App) -> Iterator[Found]:
    here = overlays_of(spec, app)
    for name, overlay in app.overlays.items():
        where: Path = ("overlays", name)
        if name not in here:
            yield Found(where, f"the app is not in environment `{name}`{suggest(name, here)}", of_key=True)
        yield from _fits(app, overlay, where)
        if overlay.ref and isinstance(app.fetched, Git | Oci):
            yield from _ref(app.fetched, overlay.ref, (*where, "ref"))
        yield from _changes(app, overlay, where)
        yield from unmergeable(app.values, overlay.values, (*where, "values"))
        yield from _variables(spec, app, overlay, where)
