"""What `flux bootstrap` was asked for, read back out of the files that it wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import yaml
from pydantic.alias_generators import to_camel

from scaffolder.flux.components import DEFAULT_COMPONENTS, Install
from scaffolder.flux.versions import CONTROLLERS

if TYPE_CHECKING:
    from collections.abc import Iterator

_READ: Final = re.compile(r"^kind: (Deployment|Namespace|NetworkPolicy)$", re.MULTILINE)  # the others are large
_VERSION: Final = "app.kubernetes.io/version"


@dataclass(frozen=True)
class Sync:
    """What a `gotk-sync.yaml` says; None where it says nothing, or nothing that bootstrap could have been asked for."""

    namespace: str
    path: str
    url: str | None
    branch: str | None
    secret_name: str | None
    interval: str | None
    recurse_submodules: bool
    sparse_checkout: tuple[str, ...]


def install_of(text: str) -> Install | None:
    """What a `gotk-components.yaml` was made for; None where it is none.

    A registry that is the one in the release's own files cannot be told from none.
    """
    objects = [found for found in _objects(text) if found.get("kind")]
    controllers = {_at(found, "metadata", "name"): found for found in objects if found["kind"] == "Deployment"}
    namespace = next((found for found in objects if found["kind"] == "Namespace"), {})
    version = _said(text, "Flux Version") or _at(namespace, "metadata", "labels", _VERSION)
    source = controllers.get("source-controller")
    if not isinstance(version, str) or source is None:
        return None
    pod, arguments = _at(source, "spec", "template", "spec"), _arguments(source)
    image = str(_at(pod, "containers", 0, "image"))
    return Install(
        version=version,
        components=_components(text, controllers),
        namespace=_at(namespace, "metadata", "name") or _at(source, "metadata", "namespace"),
        registry=image.rpartition("/")[0],
        image_pull_secret=_at(pod, "imagePullSecrets", 0, "name") or "",
        toleration_keys=tuple(entry["key"] for entry in _at(pod, "tolerations") or () if "key" in entry),
        network_policy=any(found["kind"] == "NetworkPolicy" for found in objects),
        log_level=arguments.get("log-level", "info"),
        watch_all_namespaces=arguments.get("watch-all-namespaces") != "false",
        cluster_domain=arguments.get("storage-adv-addr", "").rstrip(".").partition(".svc.")[2] or "cluster.local",
    )


def sync_of(text: str) -> Sync | None:
    """What a `gotk-sync.yaml` was made for; None where it is none."""
    found = {str(document.get("kind")): document for document in _documents(text)}
    source, top = found.get("GitRepository"), found.get("Kustomization")
    if source is None or top is None:
        return None
    return Sync(
        namespace=str(_at(top, "metadata", "namespace") or ""),
        path=str(_at(top, "spec", "path") or ""),
        url=_at(source, "spec", "url"),
        branch=_at(source, "spec", "ref", "branch"),
        secret_name=_at(source, "spec", "secretRef", "name"),
        interval=_at(source, "spec", "interval"),
        recurse_submodules=_at(source, "spec", "recurseSubmodules") == "true",
        sparse_checkout=tuple(_at(source, "spec", "sparseCheckout") or ()),
    )


def options_of(install: Install) -> dict[str, Any]:
    """The fields of a document's `flux` that ask for just this; what Flux has by itself is left out."""
    usual, count = Install(install.version), len(DEFAULT_COMPONENTS)
    if install.components[:count] == DEFAULT_COMPONENTS:
        components = {"componentsExtra": install.components[count:]}
    else:
        components = {"components": install.components}
    others = {name: value for name, value in vars(install).items() if name not in {"components", "namespace"}}
    chosen = {to_camel(name): value for name, value in others.items() if value != getattr(usual, name)}
    named = {"version": install.version, **components, **chosen}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in named.items() if value != ()}


def options_where(install: Install, usual: Install) -> dict[str, Any]:
    """The fields of a cluster's `flux` that ask for just this where the platform asks for another."""
    differ = {name: value for name, value in vars(install).items() if value != getattr(usual, name)}
    differ.pop("namespace", None)
    if "components" in differ:
        differ["components_extra"] = ()
    return {to_camel(name): list(value) if isinstance(value, tuple) else value for name, value in differ.items()}


def _components(text: str, controllers: dict[Any, Any]) -> tuple[str, ...]:
    """In the order of the header or, where people have removed that, of the file."""
    said = (_said(text, "Components") or "").split(",")
    return tuple(name for name in (said if said != [""] else controllers) if name in CONTROLLERS)


def _said(text: str, what: str) -> str | None:
    found = re.search(rf"^# {what}: (\S+)$", text, re.MULTILINE)
    return found[1] if found else None


def _objects(text: str) -> Iterator[dict[str, Any]]:
    for part in re.split(r"^---$", text, flags=re.MULTILINE):
        if _READ.search(part):
            yield from _documents(part)


def _documents(text: str) -> list[dict[str, Any]]:
    """The documents of a text, every scalar as text; none of one that cannot be read."""
    try:
        found = list(yaml.load_all(text, Loader=yaml.CBaseLoader))
    except (yaml.YAMLError, ValueError):
        return []
    return [document for document in found if isinstance(document, dict)]


def _arguments(deployment: dict[str, Any]) -> dict[str, str]:
    """`--log-level=info` as log-level: info."""
    listed = _at(deployment, "spec", "template", "spec", "containers", 0, "args") or ()
    pairs = (str(argument).removeprefix("--").partition("=") for argument in listed)
    return {name: value for name, _, value in pairs}


def _at(data: Any, *path: str | int) -> Any:
    """What stands at a path, or None."""
    for step in path:
        if isinstance(step, int):
            data = data[step] if isinstance(data, list) and step < len(data) else None
        else:
            data = data.get(step) if isinstance(data, dict) else None
    return data
