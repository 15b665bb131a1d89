"""Flux's options of one cluster: the platform's, with what its environment and the cluster itself change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scaffolder.flux.components import DEFAULT_COMPONENTS, Install
from scaffolder.flux.versions import NEWEST
from scaffolder.spec.model import Cluster, ComponentOptions, Environment

if TYPE_CHECKING:
    from scaffolder.spec.load import Spec

_SAME = ("version", "registry", "image_pull_secret", "toleration_keys", "network_policy", "log_level")
_ALSO = ("watch_all_namespaces", "cluster_domain")


def install(spec: Spec, document: Cluster | Environment | None = None) -> Install:
    """What is installed on a cluster, in an environment, or (None) where nothing differs from the platform."""
    levels: list[ComponentOptions] = [spec.platform.flux]
    if isinstance(document, Cluster):
        levels += [spec.environment(document.environment).flux, document.flux]
    elif document is not None:
        levels.append(document.flux)
    chosen: dict[str, Any] = {"version": NEWEST}
    components: tuple[str, ...] = DEFAULT_COMPONENTS
    extra: tuple[str, ...] = ()
    for level in levels:
        chosen |= {name: value for name in (*_SAME, *_ALSO) if (value := getattr(level, name)) is not None}
        components = level.components or components
        extra = level.components_extra if level.components_extra is not None else extra
    return Install(components=(*components, *extra), namespace=spec.platform.flux.namespace, **chosen)
