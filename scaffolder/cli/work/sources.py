"""The part of `add-app`'s flags that differs from one kind of source to the next, and by environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffolder.cli.options import split
from scaffolder.cli.work.pairs import EVERYWHERE, by_environment, object_named, settings
from scaffolder.errors import DocumentError, UsageError
from scaffolder.yamlio import YamlError, load

if TYPE_CHECKING:
    from scaffolder.cli.work.app import App

Fields = dict[str, Any]
Overlays = dict[str, Fields]  # environment -> what differs there


def fields(asked: App, kind: str, known: Sequence[str]) -> tuple[Fields, Overlays]:
    """The fields that say where the app comes from and what is changed of it, and the overlays."""
    overlays: Overlays = {}
    make = {"chart": _chart, "image": _image, "manifests": _manifests}.get(kind, _fetched)
    found = make(asked, kind, known, overlays)
    return {**found, **_patches(asked, known, overlays)}, overlays


def _secret(asked: App) -> Fields:
    return {"secretRef": {"name": asked.secret_ref}} if asked.secret_ref is not None else {}


def _some(**found: Any) -> Fields:
    return {key: value for key, value in found.items() if value is not None and value is not False and value != ""}


def _chart(asked: App, _: str, known: Sequence[str], overlays: Overlays) -> Fields:
    chart = asked.chart or ""
    if chart.startswith("oci://"):
        if asked.repo is not None:
            raise UsageError("--repo does not go with an oci:// chart")
        source: Fields = {"url": chart}
    elif asked.repo is None:
        hint = "a chart in a registry is oci://HOST/CHART"
        raise UsageError("--repo is missing: the chart's HTTP repository", hint=hint)
    else:
        source = {"name": chart, "url": asked.repo}
    versions = by_environment("--version", asked.version or (), known)
    if EVERYWHERE in versions:
        source["version"] = versions.pop(EVERYWHERE)
    _lay(overlays, {name: {"version": version} for name, version in versions.items()})
    values = _values(asked, known)
    own = values.pop(EVERYWHERE, None)
    _lay(overlays, {name: {"values": found} for name, found in values.items()})
    values_from = [object_named("--values-from", text) for text in split(asked.values_from)]
    return {
        "chart": {**source, **_some(provider=asked.provider), **_secret(asked)},
        **({"values": own} if own is not None else {}),
        "valuesFrom": values_from,
        "releaseName": asked.release_name,
        "crds": asked.crds,
    }


def _fetched(asked: App, kind: str, known: Sequence[str], overlays: Overlays) -> Fields:
    """A source that Flux fetches by itself."""
    of_bucket = {"bucketName": asked.bucket, "endpoint": asked.endpoint}
    where = of_bucket if kind == "bucket" else {"url": getattr(asked, kind)}
    if kind == "bucket" and asked.endpoint is None:
        raise UsageError("--endpoint is missing: the object store of --bucket")
    refs: dict[str, Fields] = {}
    for key in ("tag", "semver", "digest"):
        for environment, value in by_environment(f"--{key}", getattr(asked, key) or (), known).items():
            refs.setdefault(environment, {})[key] = value
    ref = {**_some(branch=asked.branch, commit=asked.commit), **refs.pop(EVERYWHERE, {})}
    if not ref and kind != "bucket":
        ref = {"branch": "main"} if kind == "git" else {"tag": "latest"}
    _lay(overlays, {name: {"ref": found} for name, found in refs.items()})
    more = _some(
        ref=ref or None, path=asked.path, provider=asked.provider, region=asked.region, insecure=asked.insecure
    )
    return {kind: {**where, **more, **_secret(asked)}}


def _manifests(_: App, kind: str, __: Sequence[str], ___: Overlays) -> Fields:
    return {kind: {}}


def _image(asked: App, kind: str, known: Sequence[str], overlays: Overlays) -> Fields:
    name, colon, tag = (asked.image or "").rpartition(":")
    if not colon or "/" in tag:
        raise UsageError(f"--image {asked.image}: must be NAME:TAG", hint="`latest` is a tag too, and changes unasked")
    tags = by_environment("--tag", asked.tag or (), known)
    if EVERYWHERE in tags:
        raise UsageError("--tag of --image is for one environment: ENV=TAG", hint=f"--image {name}:TAG is for all")
    _lay(overlays, {place: {"images": [{"name": name, "newTag": found}]} for place, found in tags.items()})
    counts = {k: _count(v) for k, v in by_environment("--replicas", asked.replicas or (), known).items()}
    everywhere = counts.pop(EVERYWHERE, None)
    _lay(overlays, {place: {"replicas": [{"name": asked.name, "count": count}]} for place, count in counts.items()})
    found: Fields = {"name": name, "tag": tag, **_some(port=asked.port)}
    return {kind: found if everywhere is None else {**found, "replicas": everywhere}}


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise UsageError(f"--replicas {text}: must be a whole number")
    return int(text)


def _lay(overlays: Overlays, found: Mapping[str, Fields]) -> None:
    for environment, changes in found.items():
        overlays.setdefault(environment, {}).update(changes)


def _patches(asked: App, known: Sequence[str], overlays: Overlays) -> Fields:
    """Patches as files; `ENV=` may be repeated, each file is a patch of its own."""
    found: dict[str, list[Fields]] = {}
    for text in asked.patch or ():
        for environment, file in by_environment("--patch", [text], known).items():
            found.setdefault(environment, []).append({"patch": _file("--patch", Path(file)).decode("utf-8", "replace")})
    own = found.pop(EVERYWHERE, [])
    _lay(overlays, {environment: {"patches": patches} for environment, patches in found.items()})
    return {"patches": own}


def _values(asked: App, known: Sequence[str]) -> dict[str, Fields]:
    """By environment: the values files, and over them what `--set` says."""
    files = by_environment("--values", asked.values or (), known)
    found = {environment: _read(Path(file)) for environment, file in files.items()}
    for setting in settings(asked.set_values or (), known):
        setting.put(found.setdefault(setting.environment, {}))
    return found


def _file(name: str, file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{name} {file} cannot be read: {(error.strerror or '').lower()}") from None


def _read(file: Path) -> Fields:
    content = _file("--values", file)
    try:
        documents = load(content)
    except YamlError as error:
        raise DocumentError([f"{file}:{error.mark}: {error.message}"]) from None
    if len(documents) > 1:
        raise DocumentError([f"{file}:{documents[1].start}: a second document: Helm values are one mapping"])
    if documents and not isinstance(documents[0].data, dict):
        raise DocumentError([f"{file}:{documents[0].start}: Helm values are a mapping"])
    return dict(documents[0].data) if documents else {}
