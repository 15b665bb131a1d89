"""`gotk-components.yaml` equals what Flux itself writes.

The judge is oracle.json. For each Flux version in it, that version's own code (`pkg/manifestgen/install.Generate` of
github.com/fluxcd/flux2/v2, in a Go program of a hundred lines) was given the unpacked manifests of a release and each
of the options in turn; recorded are the SHA-256 of what it wrote, or that it refused, and in `refused` its words.
Versions whose manifests are not among the shared data were given those of a neighbour. The code of 2.8.8 is not to be
had as a Go module: there, the code of the release before it and of the one after it had to agree.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from scaffolder.errors import UsageError
from scaffolder.flux.components import DEFAULT_COMPONENTS, Install, digest, header, problems, render
from tests.support.shared import flux_manifests

ORACLE = json.loads(Path(__file__).with_name("oracle.json").read_text(encoding="utf-8"))
RUNS = {f"{run['version']} by the code of {run['flux']}": run for run in ORACLE["runs"]}

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: source-controller
spec:
  template:
    metadata:
      labels:
        app: source-controller
    spec:
      containers:
      - args:
        - --a
        - --b
        - --c
        - --d
        - --e
        - --f
        - --g
        image: fluxcd/source-controller:v9.9.9
"""


def asked(version: str, options: dict[str, Any]) -> Install:
    fields: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in options.items()}
    return Install(version, **fields)


def rendered(deployment: str = DEPLOYMENT, **options: Any) -> str:
    """What comes of a release that has no more than a small source-controller."""
    one = Install("v2.9.4", components=("source-controller",), network_policy=False)
    rbac = "apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: critical-pods\n"
    manifests = {"rbac.yaml": rbac, "source-controller.yaml": deployment}
    return render(dataclasses.replace(one, **options), manifests)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_every_option_gives_the_bytes_that_flux_writes(run: dict[str, Any]) -> None:
    manifests = flux_manifests(run["manifests"])
    texts = {name: render(asked(run["version"], ORACLE["options"][name]), manifests) for name in run["sha256"]}
    ours = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()}
    assert ours == run["sha256"]


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_what_flux_refuses_is_refused(run: dict[str, Any]) -> None:
    manifests = flux_manifests(run["manifests"])
    for name in run["refused"]:
        with pytest.raises(UsageError):
            render(asked(run["version"], ORACLE["options"][name]), manifests)


def test_the_oracle_has_judged_something() -> None:
    assert len(RUNS) == 11
    assert sum(len(run["sha256"]) for run in RUNS.values()) == 487
    assert sum(len(run["refused"]) for run in RUNS.values()) == 203


@pytest.mark.parametrize("secret", ["true", "1", "0x1f", "1e3", "null", "2024-01-01"])
def test_a_pull_secret_that_flux_would_write_as_a_number_or_nothing_is_refused(secret: str) -> None:
    assert [field for field, _ in problems(Install("v2.9.4", image_pull_secret=secret))] == ["image_pull_secret"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", "2.9.4"),
        ("version", "v2.9"),
        ("version", "v2.9.4/../.."),
        ("version", "v\uff12.9.4"),
        ("components", ("source-controller\n",)),
        ("namespace", ""),
        ("namespace", "UPPER"),
        ("namespace", "n" * 64),
        ("namespace", "2024-01-01"),
        ("registry", "r.io/a #b"),
        ("registry", "r.io:"),
        ("image_pull_secret", "a\nb"),
        ("toleration_keys", ("a b",)),
        ("log_level", "warn"),
        ("cluster_domain", ""),
        ("cluster_domain", "cluster.local."),
        ("cluster_domain", "a b"),
    ],
)
def test_a_value_that_cannot_be_meant_is_named_with_its_field(field: str, value: str | tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=f"^{field}: "):
        rendered(DEPLOYMENT, **{field: value})


def test_the_defaults_have_no_problems() -> None:
    assert list(problems(Install("v2.9.4"))) == []


def test_a_component_that_the_release_does_not_have_is_refused_with_those_that_it_has() -> None:
    with pytest.raises(UsageError, match=r"Flux v2\.9\.4 have no source-watcher\.yaml") as refused:
        rendered(components=("source-controller", "source-watcher"))
    assert refused.value.hint == "the components in them are: source-controller"


def test_files_of_a_release_that_are_no_components_are_not_taken_for_one() -> None:
    with pytest.raises(UsageError, match=r"have no rbac\.yaml"):
        rendered(components=("source-controller", "rbac"))


@pytest.mark.parametrize(
    ("ours", "foreign"),
    [
        ("      - args:", "        - args:"),
        ("      labels:\n        app: source-controller", "      labels: {app: source-controller}"),
        ("      labels:\n        app: source-controller", "      labels:\n            app: source-controller"),
        ("        - --g\n", ""),
        ("metadata:\n  name: source-controller", "metadata: {name: source-controller}"),
        ("kind: Deployment\n", ""),
    ],
)
def test_files_in_another_style_than_kustomizes_are_refused_and_not_spoiled(ours: str, foreign: str) -> None:
    assert rendered()
    with pytest.raises(UsageError, match=r"source-controller\.yaml is not as a Flux release has it"):
        rendered(DEPLOYMENT.replace(ours, foreign))


@pytest.mark.parametrize("image", ["corp.example/source-controller:v1", "fluxcd/source-controller-fips:v1"])
def test_an_image_that_is_not_flux_s_keeps_its_registry(image: str) -> None:
    text = rendered(DEPLOYMENT.replace("fluxcd/source-controller:v9.9.9", image), registry="r.example")
    assert f"image: {image}\n" in text


def test_the_header_names_release_and_components_in_their_order() -> None:
    text = header(Install("v2.9.4", components=("b", "a")))
    assert text.splitlines()[1:] == [
        "# This manifest was generated by flux. DO NOT EDIT.",
        "# Flux Version: v2.9.4",
        "# Components: b,a",
    ]
    assert rendered().startswith(header(Install("v2.9.4", components=("source-controller",))) + "apiVersion: v1\n")


def test_the_digest_is_the_same_on_every_machine_and_in_every_year() -> None:
    assert digest(Install("v2.9.4")) == "7a96813b28bbb0aced80129006e620fbc26667ce0f773f9581d10ccee9a92b54"


def test_the_digest_tells_every_field_apart() -> None:
    one = Install("v2.9.4")
    others: dict[str, Any] = {
        "version": "v2.9.3",
        "components": (*DEFAULT_COMPONENTS, "source-watcher"),
        "namespace": "gitops",
        "registry": "",
        "image_pull_secret": "a",
        "toleration_keys": ("a",),
        "network_policy": False,
        "log_level": "debug",
        "watch_all_namespaces": False,
        "cluster_domain": "corp",
    }
    assert others.keys() == {field.name for field in dataclasses.fields(Install)}
    digests = {digest(dataclasses.replace(one, **{name: value})) for name, value in others.items()}
    assert len(digests | {digest(one)}) == len(others) + 1
