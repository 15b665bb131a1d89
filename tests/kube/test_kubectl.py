from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from scaffolder.errors import ClusterError
from scaffolder.kube import kubectl as module
from scaffolder.kube.kubectl import Kubectl
from tests.testbed.controlplane import ControlPlane


def config_map(name: str, **data: str) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data})


def test_what_is_applied_is_found_again_and_gone_when_it_is_deleted(kubectl: Kubectl) -> None:
    kubectl.apply(config_map("one", a="1"))

    found = kubectl.get("configmaps", "one", "default")
    assert found
    assert found["data"] == {"a": "1"}
    kubectl.delete("configmaps", "one", "never-there", namespace="default", wait=10)
    assert kubectl.get("configmaps", "one", "default") is None


def test_applying_takes_a_field_that_another_has_set(kubectl: Kubectl) -> None:
    kubectl.apply(config_map("shared", colour="blue"))
    kubectl.said("patch", "configmap", "shared", "--type=merge", "--patch", '{"data":{"colour":"red"}}')

    kubectl.apply(config_map("shared", colour="green"))

    assert (kubectl.get("configmaps", "shared", "default") or {})["data"] == {"colour": "green"}


def test_a_kind_that_the_cluster_does_not_know_has_no_objects(kubectl: Kubectl) -> None:
    unknown = "kustomizations.kustomize.toolkit.fluxcd.io"

    assert kubectl.get(unknown, "flux-system", "flux-system") is None
    assert kubectl.find([unknown, "namespaces"], "--field-selector=metadata.name=default") != []
    kubectl.delete(unknown, "flux-system", namespace="flux-system")


def test_a_refusal_is_one_line_with_the_servers_reason(kubectl: Kubectl) -> None:
    with pytest.raises(ClusterError) as raised:
        kubectl.apply(config_map("Capital"))

    assert raised.value.code == 8
    assert "cluster `testbed`: " in raised.value.message
    assert "Capital" in raised.value.message
    assert "\n" not in raised.value.message


@pytest.mark.usefixtures("path")
def test_a_context_that_is_not_there_is_named(plane: ControlPlane) -> None:
    with pytest.raises(ClusterError, match='"prod" does not exist'):
        Kubectl.opened(plane.kubeconfig, "prod")


@pytest.mark.usefixtures("path")
def test_a_cluster_that_does_not_answer_is_said_to_be_so(plane: ControlPlane, tmp_path: Path) -> None:
    dead = tmp_path / "kubeconfig"
    dead.write_text(plane.kubeconfig.read_text().replace(f":{plane.api.port}", ":9"))

    with pytest.raises(ClusterError, match="cluster `testbed`: it does not answer"):
        Kubectl.opened(dead)


@pytest.mark.usefixtures("path")
def test_credentials_that_are_refused_are_said_to_be_so(plane: ControlPlane, tmp_path: Path) -> None:
    wrong = tmp_path / "kubeconfig"
    wrong.write_text(plane.kubeconfig.read_text().replace(plane.token, "guessed"))

    with pytest.raises(ClusterError, match="it does not take these credentials") as raised:
        Kubectl.opened(wrong)

    assert "guessed" not in raised.value.message


@pytest.mark.usefixtures("path")
def test_without_a_kubeconfig_there_is_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))

    with pytest.raises(ClusterError, match="no context is chosen") as raised:
        Kubectl.opened()
    with pytest.raises(ClusterError, match="there is no such file"):
        Kubectl.opened(tmp_path / "none")

    assert "--context" in raised.value.hint


def test_without_kubectl_there_is_a_way_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ClusterError, match="kubectl is not on the PATH") as raised:
        Kubectl.opened()

    assert "install" in raised.value.hint


def test_a_program_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.2)

    with pytest.raises(ClusterError, match="no answer within"):
        Kubectl((sys.executable, "-c", "import time; time.sleep(9)"), "slow").said()


def test_a_secret_is_on_no_command_line(tmp_path: Path) -> None:
    program = tmp_path / "kubectl"
    program.write_text('#!/bin/sh\necho "$@" > "$0.words"; cat > "$0.input"\n')
    program.chmod(0o755)

    Kubectl((str(program),), "x").apply(config_map("quiet", password="open-sesame-17"))

    assert "open-sesame-17" in (tmp_path / "kubectl.input").read_text()
    assert "open-sesame-17" not in (tmp_path / "kubectl.words").read_text()
