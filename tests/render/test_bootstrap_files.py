"""`flux-system/` holds what `flux bootstrap` writes, byte for byte; what is ours comes after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaffolder.releases import newest
from scaffolder.render.engine import render
from scaffolder.render.inputs import inputs
from scaffolder.render.units import Unit
from scaffolder.yamlio import scalar
from tests.judges import tools
from tests.render.trees import spec_of, text_of
from tests.support.recorded import SYNC

KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- gotk-components.yaml
- gotk-sync.yaml
"""
# branch names, and how `flux create source git --export` prints them
PRINTED = {
    "main": "main",
    "12345": '"12345"',
    "y": '"y"',
    "No": '"No"',
    "on": '"on"',
    "null": '"null"',
    "1e3": '"1e3"',
    "6.10": '"6.10"',
    "08": '"08"',
    "0o17": '"0o17"',
    "1_000": '"1_000"',
    "_1": "_1",
    "2024-01-01": '"2024-01-01"',
    "a/1e3": "a/1e3",
    "#x": "'#x'",
    "@x": "'@x'",
    "'x": "'''x'",
    "x#y": "x#y",
    "é": "é",
}


def flux_files(*, repository: str = "", flux: str = "", path: str = "clusters/prod", at: str = "") -> tuple[str, str]:
    """gotk-sync.yaml and kustomization.yaml of a cluster."""
    spec = spec_of(
        f"""
        kind: platform
        name: acme
        repository: {{url: "ssh://git@github.com/acme/fleet"{repository}}}
        flux: {{version: v2.9.4{flux}}}
        """,
        "{kind: environment, name: prod}\n",
        f"{{kind: cluster, name: eu, environment: prod, path: {path}}}\n",
    )
    folder = at or f"{path}/flux-system"
    unit = Unit("cluster", "eu")
    return text_of(spec, unit, f"{folder}/gotk-sync.yaml"), text_of(spec, unit, f"{folder}/kustomization.yaml")


def test_gotk_sync_is_what_bootstrap_writes() -> None:
    assert flux_files()[0] == SYNC


@pytest.mark.parametrize(("branch", "printed"), PRINTED.items())
def test_a_branch_is_quoted_as_flux_quotes_it(branch: str, printed: str) -> None:
    sync, _ = flux_files(repository=f", branch: {scalar(branch)}")

    assert sync == SYNC.replace("branch: main", f"branch: {printed}")


@pytest.mark.parametrize(("branch", "printed"), PRINTED.items())
def test_the_flux_command_line_quotes_a_branch_so(branch: str, printed: str, tmp_path: Path) -> None:
    words = ["create", "source", "git", "fleet", "--url=ssh://git@example.com/o/r", f"--branch={branch}", "--export"]

    shown = tools.run(tools.require("flux"), *words, at=tmp_path).stdout

    assert f"    branch: {printed}\n" in shown


@pytest.mark.parametrize(
    ("option", "plain", "changed"),
    [
        ("interval: 36h", "interval: 1m0s", "interval: 36h0m0s"),
        ("interval: 90s", "interval: 1m0s", "interval: 1m30s"),
        ("interval: 10s", "interval: 1m0s", "interval: 10s"),
        ("secretName: fleet", "  secretRef:\n    name: flux-system", "  secretRef:\n    name: fleet"),
        ('secretName: "1e3"', "  secretRef:\n    name: flux-system", '  secretRef:\n    name: "1e3"'),
        ("recurseSubmodules: true", "  ref:\n", "  recurseSubmodules: true\n  ref:\n"),
        ("recurseSubmodules: false", "", ""),
        ("sparseCheckout: [clusters, stacks]", "  url:", "  sparseCheckout:\n  - clusters\n  - stacks\n  url:"),
    ],
)
def test_an_option_changes_its_own_lines_alone(option: str, plain: str, changed: str) -> None:
    assert flux_files(flux=f", {option}")[0] == SYNC.replace(plain, changed, 1)


def test_the_flux_command_line_lists_folders_to_fetch_so(tmp_path: Path) -> None:
    words = ["create", "source", "git", "fleet", "--url=ssh://git@example.com/o/r", "--branch=main", "--export"]

    shown = tools.run(tools.require("flux"), *words, "--sparse-checkout-paths=clusters,./stacks,1e3,y", at=tmp_path)

    sync, _ = flux_files(flux=', sparseCheckout: [clusters, ./stacks, "1e3", "y"]')
    lines = '  sparseCheckout:\n  - clusters\n  - ./stacks\n  - "1e3"\n  - "y"\n  url: '
    assert lines in shown.stdout
    assert lines in sync


def test_a_namespace_names_the_folder_and_the_objects_but_not_the_secret() -> None:
    sync, kustomization = flux_files(flux=", namespace: gitops", at="clusters/prod/gitops")

    secret = "secretRef:\n    name: gitops"
    assert sync == SYNC.replace("flux-system", "gitops").replace(secret, secret.replace("gitops", "flux-system"))
    assert kustomization.startswith(KUSTOMIZATION)


@pytest.mark.parametrize(
    ("path", "folder", "written"),
    [
        (".", "", "./"),
        ("/", "", "./"),
        ("./clusters/x/", "clusters/x", "./clusters/x"),
        ("../x", "x", "./x"),
        ("a/../b//c", "b/c", "./b/c"),
        ('"1e3"', "1e3", "./1e3"),
    ],
)
def test_a_path_is_written_as_flux_writes_it(path: str, folder: str, written: str) -> None:
    sync, _ = flux_files(path=path, at=f"{folder}/flux-system".lstrip("/"))

    assert sync == SYNC.replace("./clusters/prod", written)


@pytest.mark.parametrize(("path", "up"), [(".", ""), ("x", "../"), ("clusters/prod/eu", "../../../")])
def test_the_kustomization_is_that_of_bootstrap_before_our_component(path: str, up: str) -> None:
    _, kustomization = flux_files(path=path, at=f"{path}/flux-system".removeprefix("./"))

    assert kustomization == f"{KUSTOMIZATION}components:\n- {up}../stacks/flux\n"


def test_without_components_the_release_stands_in_their_place() -> None:
    spec = spec_of(
        "{kind: platform, name: acme, flux: {version: v2.8.8}}\n",
        "{kind: environment, name: prod}\n",
        "{kind: cluster, name: eu, environment: prod, flux: {version: v2.9.4}}\n",
    )
    unit = Unit("cluster", "eu")

    files = render(newest(), unit, inputs(spec, unit, vendored=False)).files

    text = files["clusters/prod/eu/flux-system/kustomization.yaml"].content.decode()
    url = "https://github.com/fluxcd/flux2/releases/download/v2.9.4/install.yaml"
    assert text.startswith(KUSTOMIZATION.replace("gotk-components.yaml", url))


def test_a_repository_without_a_url_gets_one_that_is_nobodys() -> None:
    spec = spec_of(
        "{kind: platform, name: acme}\n",
        "{kind: environment, name: prod}\n",
        "{kind: cluster, name: eu, environment: prod}\n",
    )

    sync = text_of(spec, Unit("cluster", "eu"), "clusters/prod/eu/flux-system/gotk-sync.yaml")

    assert "  url: https://git.invalid/acme/acme.git\n" in sync
