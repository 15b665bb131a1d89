from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scaffolder.flux.components import DEFAULT_COMPONENTS, Install, problems, render
from scaffolder.flux.options import install
from scaffolder.flux.read import Sync, install_of, options_of, sync_of
from scaffolder.flux.versions import CONTROLLERS
from scaffolder.releases import newest
from scaffolder.render.engine import render as rendered
from scaffolder.render.inputs import inputs
from scaffolder.render.units import Unit
from scaffolder.spec.load import Spec
from scaffolder.spec.write import document
from scaffolder.tree import File, Memory
from tests.support.laws import law
from tests.support.shared import flux_release, texts

VERSION = "v2.9.4"
EXTRA = [name for name in CONTROLLERS if name not in DEFAULT_COMPONENTS]
labels = st.from_regex(r"[a-z][a-z0-9-]{0,8}[a-z0-9]", fullmatch=True)
registries = st.sampled_from(["ghcr.io/fluxcd", "registry.example.com:5000/mirror/flux", "docker.io/fluxcd", "r"])
components = st.one_of(
    st.lists(st.sampled_from(EXTRA), unique=True).map(lambda extra: (*DEFAULT_COMPONENTS, *extra)),
    st.permutations(DEFAULT_COMPONENTS).flatmap(
        lambda order: st.integers(0, 4).map(
            lambda n: (*order[:n], *({"source-controller", "kustomize-controller"} - set(order[:n])))
        )
    ),
)
installs = st.builds(
    Install,
    st.just(VERSION),
    components=components,
    namespace=labels,
    registry=registries,
    image_pull_secret=st.one_of(st.just(""), labels),
    toleration_keys=st.lists(st.one_of(labels, st.sampled_from(["1e3", "a.b/c"])), unique=True, max_size=3).map(tuple),
    network_policy=st.booleans(),
    log_level=st.sampled_from(["debug", "info", "error"]),
    watch_all_namespaces=st.booleans(),
    cluster_domain=st.sampled_from(["cluster.local", "k8s.example.com"]),
).filter(lambda asked: not list(problems(asked)))


@cache
def manifests() -> dict[str, str]:
    return texts(flux_release(VERSION))


@law(12)
@given(installs)
def test_what_components_were_asked_for_is_read_back_out_of_the_file(asked: Install) -> None:
    assume(all(f"{name}.yaml" in manifests() for name in asked.components))  # the flux CLI's lack one

    assert install_of(render(asked, manifests())) == asked


@law()
@given(installs)
def test_a_document_with_the_options_that_were_read_asks_for_the_same(asked: Install) -> None:
    platform = document("platform", "acme", {"flux": {**options_of(asked), "namespace": asked.namespace}})

    assert install(Spec(Memory({"gitops.yaml": File(platform.encode())}))) == asked


def test_a_registry_that_was_left_empty_makes_the_same_file_again() -> None:
    asked = Install(VERSION, registry="")
    found = install_of(render(asked, manifests()))

    assert found is not None
    assert render(found, manifests()) == render(asked, manifests())


def test_without_its_header_a_file_is_read_by_its_objects() -> None:
    asked = Install(VERSION, components=("kustomize-controller", "source-controller"), log_level="debug")
    text = re.sub(r"^#.*\n", "", render(asked, manifests()), flags=re.MULTILINE)

    assert install_of(text) == asked


@pytest.mark.parametrize("text", ["", "a: [", "kind: Deployment\n", "# Flux Version: v2.9.4\n", "- a\n---\nx"])
def test_what_flux_did_not_write_is_nothing(text: str) -> None:
    assert install_of(text) is None
    assert sync_of(text) is None


def sync_text(asked: dict[str, Any]) -> str:
    """The gotk-sync.yaml of a cluster that is asked for like this."""
    flux = {name: asked[name] for name in ("namespace", "secretName", "interval", "recurseSubmodules")}
    sparse = {"sparseCheckout": [asked["path"], "stacks"]} if asked["sparse"] else {}
    repository = {"url": asked["url"], "branch": asked["branch"]}
    written = [
        document("platform", "acme", {"repository": repository, "flux": {"version": VERSION, **flux, **sparse}}),
        document("environment", "prod", {}),
        document("cluster", "eu-1", {"environment": "prod", "path": asked["path"]}),
    ]
    spec, unit = Spec(Memory({"gitops.yaml": File("---\n".join(written).encode())})), Unit("cluster", "eu-1")
    files = rendered(newest(), unit, inputs(spec, unit)).files
    return next(file.content.decode() for path, file in files.items() if path.endswith("/gotk-sync.yaml"))


@law()
@given(
    st.fixed_dictionaries(
        {
            "namespace": labels,
            "secretName": labels,
            "interval": st.sampled_from(["1m0s", "10s", "36h0m0s"]),
            "path": st.sampled_from(["clusters/prod", "clusters/prod/eu-1", "a", "1e3"]),
            "branch": st.sampled_from(["main", "12345", "y", "release/1.0"]),
            "url": st.sampled_from(["https://git.example.com/a/b.git", "ssh://git@git.example.com/a/b"]),
            "recurseSubmodules": st.booleans(),
            "sparse": st.booleans(),
        }
    )
)
def test_what_sync_was_asked_for_is_read_back_out_of_the_file(asked: dict[str, Any]) -> None:
    sparse = (asked["path"], "stacks") if asked["sparse"] else ()

    assert sync_of(sync_text(asked)) == Sync(
        namespace=asked["namespace"],
        path=f"./{asked['path']}",
        url=asked["url"],
        branch=asked["branch"],
        secret_name=asked["secretName"],
        interval=asked["interval"],
        recurse_submodules=asked["recurseSubmodules"],
        sparse_checkout=sparse,
    )
