from __future__ import annotations

import pytest
from pydantic import ValidationError

from scaffolder.spec.app import App
from scaffolder.spec.model import KINDS, Cluster, Platform
from scaffolder.spec.rules import folder

GIT = {"url": "https://h/a"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in {"app", "cluster"}])
def test_kind_and_name_are_enough(kind: str) -> None:
    assert KINDS[kind].model_validate({"kind": kind, "name": "x"}).kind == kind


def test_a_cluster_needs_its_environment_too() -> None:
    cluster = Cluster.model_validate({"kind": "cluster", "name": "x", "environment": "dev"})

    assert folder(cluster) == "clusters/dev/x"


@pytest.mark.parametrize("field", ["argocd", "delivery", "notifications", "decryption", "removing", "component"])
@pytest.mark.parametrize("kind", KINDS)
def test_fields_of_what_is_not_built_yet_are_unknown(kind: str, field: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        KINDS[kind].model_validate({"kind": kind, "name": "x", field: {}})


def test_a_platform_says_by_default_what_flux_bootstrap_would() -> None:
    platform = Platform.model_validate({"kind": "platform", "name": "x"})

    assert (platform.repository.branch, platform.repository.visibility) == ("main", "private")
    assert (platform.flux.namespace, platform.flux.secret_name, platform.flux.interval) == (
        "flux-system",
        "flux-system",
        "1m0s",
    )


def test_an_app_lives_in_a_namespace_of_its_own_name_unless_it_says_another() -> None:
    alone = App.model_validate({"kind": "app", "name": "x", "git": GIT})
    housed = App.model_validate({"kind": "app", "name": "x", "namespace": "team", "git": GIT})

    assert (alone.home, housed.home) == ("x", "team")
    assert alone.source == "git"


def test_a_branch_may_stand_with_a_commit_and_nothing_else_with_anything() -> None:
    taken = App.model_validate({"kind": "app", "name": "x", "git": {**GIT, "ref": {"branch": "a", "commit": "a" * 40}}})

    assert taken.git is not None
    with pytest.raises(ValidationError, match="takes one of"):
        App.model_validate({"kind": "app", "name": "x", "git": {**GIT, "ref": {"tag": "a", "commit": "a" * 40}}})


def test_a_document_cannot_be_changed_once_it_is_read() -> None:
    platform = Platform.model_validate({"kind": "platform", "name": "x"})

    with pytest.raises(ValidationError, match="frozen"):
        setattr(platform, "domain", "x")  # noqa: B010  the checker of types would not let it stand as it is
