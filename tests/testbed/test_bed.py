"""The bed is what the tests of generated repositories stand on: what it shows must be what Flux does."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

import pytest

from tests.testbed import charts
from tests.testbed.bed import Bed
from tests.testbed.gitserver import Repository
from tests.testbed.objects import (
    config_map,
    deployment,
    flux,
    git_repository,
    helm_release,
    helm_repository,
    kustomization,
    oci_chart,
)
from tests.testbed.readiness import FLUX, condition, message
from tests.toolbox import cluster, older
from tests.toolbox.programs import PROGRAMS

NUMBERS = itertools.count(1)

newest = pytest.mark.skipif(older.wanted(), reason=f"Flux {older.VERSION}: not all controllers can be had")


@pytest.fixture
def space(bed: Bed) -> Iterator[str]:
    """A namespace. It takes five seconds to be deleted, for which nobody waits; but Flux has let go of it."""
    name = f"space-{next(NUMBERS)}"
    bed.kubectl("create", "namespace", name)
    yield name
    kinds = ",".join(filter(bed.api.serves, FLUX))
    bed.kubectl("delete", kinds, "--all", f"--namespace={name}", "--timeout=60s")
    bed.kubectl("delete", "namespace", name, "--wait=false")


@pytest.fixture
def fleet(bed: Bed, space: str) -> Repository:
    """A repository, and in the namespace its GitRepository and one Kustomization, `apps`."""
    repository = bed.git.repository(space)
    repository.commit({"apps/web.yaml": config_map("web", colour="blue") + "---\n" + deployment("web")})
    bed.apply(git_repository("fleet", repository.url), namespace=space)
    bed.apply(kustomization("apps", "fleet", "./apps", targetNamespace=space), namespace=space)
    bed.ready("GitRepository/fleet", "Kustomization/apps", "Deployment/web", namespace=space)
    return repository


@newest
def test_the_controllers_are_those_of_the_flux_release() -> None:
    manifests = PROGRAMS["flux"].folder / "manifests"

    images = dict(re.findall(r"image: fluxcd/(\S+):v(\S+)", "".join(p.read_text() for p in manifests.iterdir())))

    assert images == {name: PROGRAMS[name].version.partition("-")[0] for name in images}
    assert images.keys() == set(cluster.FLUX)


@pytest.mark.usefixtures("fleet")
def test_a_commit_becomes_objects_and_deployments_roll_out(bed: Bed, space: str) -> None:
    found = bed.get("Deployment/web", space)

    assert found
    assert found["status"]["availableReplicas"] == 2
    assert {pod["spec"]["nodeName"] for pod in bed.api.list("Pod", space)} <= {"node-0", "node-1"}


def test_what_a_commit_takes_away_is_pruned_and_nothing_else(bed: Bed, space: str, fleet: Repository) -> None:
    fleet.commit({"apps/web.yaml": config_map("web", colour="red")})

    bed.flux("reconcile", "kustomization", "apps", "--with-source", f"--namespace={space}", "--timeout=20s")

    bed.gone("Deployment/web", namespace=space)
    assert bed.until("ConfigMap/web", lambda found: found["data"] == {"colour": "red"}, namespace=space)


def test_a_broken_tree_says_what_kustomize_says_of_it(bed: Bed, space: str, fleet: Repository) -> None:
    fleet.commit({"apps/kustomization.yaml": "resources: [web.yaml, missing.yaml]\n"})

    bed.flux("reconcile", "source", "git", "fleet", f"--namespace={space}", "--timeout=20s")

    found = bed.until("Kustomization/apps", lambda found: condition(found)["status"] == "False", namespace=space)
    assert message(found).startswith("BuildFailed: kustomize build failed: accumulating resources")
    assert any("missing.yaml: no such file" in line for line in bed.problems())


def test_what_never_gets_ready_is_named_with_its_reason(bed: Bed, space: str) -> None:
    bed.apply(kustomization("lost", "nowhere", "./"), namespace=space)

    with pytest.raises(TimeoutError, match=r"Kustomization/lost: .*nowhere.* not found"):
        bed.ready("Kustomization/lost", namespace=space, seconds=2)


def test_a_private_repository_is_read_with_its_password_only(bed: Bed, space: str) -> None:
    url = bed.git.repository(f"{space}-private", password="open sesame").url
    Repository(bed.git.folder / f"{space}-private.git", url).commit({"a.yaml": config_map("a")})
    for name, password in (("right", "open sesame"), ("wrong", "guess")):
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}}
        bed.apply({**secret, "stringData": {"username": "git", "password": password}}, namespace=space)
        bed.apply(git_repository(name, url, secretRef={"name": name}), namespace=space)

    bed.ready("GitRepository/right", namespace=space)

    bed.until("GitRepository/wrong", lambda found: "authentication required" in message(found), namespace=space)


def test_a_repository_is_read_over_ssh(bed: Bed, space: str) -> None:
    bed.git.repository(space).commit({"a.yaml": config_map("a")})
    files = ("identity", "identity.pub", "known_hosts")
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "key"}}
    bed.apply({**secret, "stringData": {name: (bed.ssh.keys / name).read_text() for name in files}}, namespace=space)

    bed.apply(git_repository("fleet", bed.ssh.url(space), secretRef={"name": "key"}), namespace=space)

    bed.ready("GitRepository/fleet", namespace=space)


def test_a_chart_is_installed_from_a_helm_repository_and_upgraded(bed: Bed, space: str) -> None:
    source = {"kind": "HelmRepository", "name": "charts"}
    bed.apply(helm_repository("charts", bed.charts.url), namespace=space)
    for version, image in (("0.1.0", "example.com/hello:0.1.0"), (">=0.1.0", "example.com/hello:0.2.0")):
        chart = {"spec": {"chart": charts.NAME, "version": version, "sourceRef": source}}

        bed.apply(helm_release("hello", chart=chart, values={"replicas": 2}), namespace=space)

        bed.ready("HelmRepository/charts", "HelmRelease/hello", "Deployment/hello", namespace=space)
        found = bed.get("Deployment/hello", space)
        assert found
        assert found["spec"]["template"]["spec"]["containers"][0]["image"] == image


def test_a_chart_is_installed_from_an_oci_registry(bed: Bed, space: str) -> None:
    url = charts.push(bed.registry)
    repository = helm_repository("charts", url, type="oci", insecure=True)
    chart = {
        "spec": {"chart": charts.NAME, "version": "0.1.0", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}
    }

    bed.apply(repository, helm_release("one", chart=chart), namespace=space)
    bed.apply(oci_chart("hello", f"{url}/{charts.NAME}", "0.2.0"), namespace=space)
    bed.apply(helm_release("two", chartRef={"kind": "OCIRepository", "name": "hello"}), namespace=space)

    bed.ready("OCIRepository/hello", "HelmRelease/one", "HelmRelease/two", namespace=space)
    bed.ready("Deployment/one", "Deployment/two", namespace=space)


@newest
def test_an_image_policy_finds_the_newest_tag(bed: Bed, space: str) -> None:
    charts.push(bed.registry)
    image = f"{bed.registry.host}/charts/{charts.NAME}"
    api = "image.toolkit.fluxcd.io/v1"

    bed.apply(flux(api, "ImageRepository", "hello", image=image, insecure=True), namespace=space)
    policy = {"apiVersion": api, "kind": "ImagePolicy", "metadata": {"name": "hello"}}
    spec = {"imageRepositoryRef": {"name": "hello"}, "policy": {"semver": {"range": "0.x"}}}
    bed.apply({**policy, "spec": spec}, namespace=space)

    bed.ready("ImageRepository/hello", "ImagePolicy/hello", namespace=space)
    found = bed.get("ImagePolicy/hello", space)
    assert found
    assert found["status"]["latestRef"]["tag"] == "0.2.0"


@pytest.mark.usefixtures("fleet")
def test_controllers_can_be_started_anew_with_other_flags(bed: Bed, space: str) -> None:
    bed.controllers.stop()
    bed.controllers.start({"kustomize-controller": ["--no-cross-namespace-refs=true"]})
    try:
        foreign = kustomization("foreign", "fleet", "./apps")
        foreign["spec"]["sourceRef"]["namespace"] = space
        bed.apply(foreign, namespace="default")

        bed.until("Kustomization/foreign", lambda found: "AccessDenied" in message(found), namespace="default")
    finally:
        bed.kubectl("delete", "kustomization", "foreign", "--namespace=default")
        bed.controllers.stop()
        bed.controllers.start()


@pytest.fixture
def bootstrapped(bed: Bed, request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """`flux bootstrap git` on an empty repository: the command, for a second time. What it installed is taken away."""
    repository = bed.git.repository(f"boot-{request.param}")
    options = {
        "http": (f"--url={repository.url}", "--allow-insecure-http", "--token-auth", "--password=secret"),
        "ssh": (f"--url={bed.ssh.url(repository.folder.stem)}", f"--private-key-file={bed.ssh.keys / 'identity'}"),
    }[request.param]
    version = f"--version=v{PROGRAMS['flux'].version}"
    command = ["bootstrap", "git", *options, version, "--path=clusters/dev", "--silent", "--timeout=60s"]
    said = bed.flux(*command)
    assert "all components are healthy" in said
    assert repository.git("log", "--format=%an: %s", "main").splitlines() == [
        "Flux: Add Flux sync manifests",
        "Flux: Add Flux v2.9.4 component manifests",
    ]
    yield command
    bed.flux("suspend", "kustomization", "flux-system")  # or its custom resources would be pruned, and all of that kind
    bed.kubectl("delete", "--namespace=flux-system", "kustomization,gitrepository,secret", "flux-system")


@newest
@pytest.mark.parametrize("bootstrapped", ["http", "ssh"], indirect=True)
def test_flux_bootstraps_and_changes_nothing_the_second_time(bed: Bed, bootstrapped: list[str]) -> None:
    again = bed.flux(*bootstrapped)

    assert "component manifests are up to date" in again
    assert "sync manifests are up to date" in again
    bed.ready()
    assert "all checks passed" in bed.flux("check", "--timeout=20s")
