from __future__ import annotations

from scaffolder.flux.components import DEFAULT_COMPONENTS
from scaffolder.flux.options import install
from scaffolder.flux.versions import NEWEST
from scaffolder.spec.load import Spec
from tests.spec.support import source

ENVIRONMENT = "{kind: environment, name: dev, flux: {version: v2.9.1, logLevel: debug, componentsExtra: []}}\n"
CLUSTER = (
    "{kind: cluster, name: c1, environment: dev, flux: {networkPolicy: false, clusterDomain: c.local, registry: ''}}\n"
)


def spec_of(options: str) -> Spec:
    platform = f"{{kind: platform, name: acme, flux: {options}}}\n"
    return Spec(source(f"{platform}---\n{ENVIRONMENT}---\n{CLUSTER}"))


def test_without_a_word_it_is_what_flux_installs_by_itself() -> None:
    asked = install(spec_of("{}"))

    assert (asked.version, asked.components, asked.namespace) == (NEWEST, DEFAULT_COMPONENTS, "flux-system")
    assert (asked.network_policy, asked.log_level, asked.registry) == (True, "info", "ghcr.io/fluxcd")


def test_the_nearest_level_wins_and_says_no_more_than_it_says() -> None:
    spec = spec_of(
        "{version: v2.9.0, registry: r.io, logLevel: error, tolerationKeys: [a], componentsExtra: [source-watcher]}"
    )

    here, there = install(spec, spec.environment("dev")), install(spec, spec.cluster("c1"))

    assert (here.version, here.log_level, here.registry, here.network_policy) == ("v2.9.1", "debug", "r.io", True)
    assert (there.version, there.log_level, there.registry, there.network_policy) == ("v2.9.1", "debug", "", False)
    assert there.toleration_keys == ("a",)
    assert there.cluster_domain == "c.local"
    assert "source-watcher" not in there.components


def test_components_keep_their_order_and_the_extra_ones_come_last() -> None:
    asked = install(
        spec_of("{components: [kustomize-controller, source-controller], componentsExtra: [source-watcher]}")
    )

    assert asked.components == ("kustomize-controller", "source-controller", "source-watcher")
