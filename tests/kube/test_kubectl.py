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


def test_objects_of_several_kinds_come_in_one_request(kubectl: Kubectl) -> None:
    found = kubectl.find(["namespaces", "serviceaccounts", "never.example.com"])

    assert {each["kind"] for each in found} >= {"Namespace"}
    assert kubectl.find(["never.example.com", "ever.example.com"]) == []


def test_what_is_not_gone_in_time_is_told(kubectl: Kubectl) -> None:
    kubectl.apply(config_map("held", a="1"))
    kubectl.patch("configmaps", "held", "default", {"metadata": {"finalizers": ["example.com/held"]}})

    assert not kubectl.delete("configmaps", "held", namespace="default", wait=1)
    kubectl.patch("configmaps", "held", "default", {"metadata": {"finalizers": None}})
    assert kubectl.delete("configmaps", "held", namespace="default", wait=5)
    kubectl.patch("configmaps", "held", "default", {"data": {"a": "2"}})


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
def test_a_program_that_logs_in_and_is_missing_is_said_to_be_so(plane: ControlPlane, tmp_path: Path) -> None:
    config = json.loads(plane.kubeconfig.read_text())
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such", "interactiveMode": "Never"}
    config["users"][0]["user"] = {"exec": plugin}
    (tmp_path / "kubeconfig").write_text(json.dumps(config))

    with pytest.raises(ClusterError, match="program that logs in is missing"):
        Kubectl.opened(tmp_path / "kubeconfig")


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


def fake(folder: Path, script: str) -> Path:
    """A program in the place of kubectl, with a file `calls` in which it may count."""
    program = folder / "kubectl"
    program.write_text(f'#!/bin/sh\ncd "{folder}"; echo "$@" >> calls\n{script}\n')
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(
    "said", ["Error from server (InternalError): x", "Error from server (TooManyRequests): x", "dial tcp: was refused"]
)
def test_a_server_that_fails_for_a_moment_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.01)
    program = fake(tmp_path, f'test $(wc -l < calls) -gt 2 || {{ echo "{said}" >&2; exit 1; }}; echo fine')

    assert Kubectl((str(program),), "x", attempts=3).said("get") == "fine\n"
    (tmp_path / "calls").unlink()
    with pytest.raises(ClusterError):
        Kubectl((str(program),), "x", attempts=2).said("get")


def test_warnings_are_no_reason(tmp_path: Path) -> None:
    program = fake(tmp_path, 'printf "the reason\\nWarning: old\\nE0305 12:00:00.1 x.go] y\\n" >&2; exit 1')

    with pytest.raises(ClusterError, match=r"cluster `x`: the reason$"):
        Kubectl((str(program),), "x").said("get")


def test_in_a_pod_no_context_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, 'case $1 in config) echo "error: current-context is not set" >&2; exit 1;; esac')
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.delenv("KUBECONFIG", raising=False)

    with pytest.raises(ClusterError, match="no context is chosen"):
        Kubectl.opened()
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")

    assert Kubectl.opened().context == "in-cluster"


def test_what_somebody_may_do_is_known(kubectl: Kubectl, plane: ControlPlane) -> None:
    nobody = Kubectl((*kubectl.words, "--as=nobody"), plane.kubeconfig.stem)

    assert kubectl.may("create", "namespaces")
    assert not nobody.may("create", "namespaces")


def test_kubectl_s_own_options_say_where_the_cluster_is_and_as_whom_it_is_asked(
    plane: ControlPlane, kubectl: Kubectl, tmp_path: Path
) -> None:
    config = json.loads(plane.kubeconfig.read_text())
    address = config.pop("clusters")[0]["cluster"]
    alone = tmp_path / "user-alone"
    alone.write_text(json.dumps({**config, "contexts": [], "current-context": ""}))
    trusting = (f"--server={address['server']}", "--user=admin", "--insecure-skip-tls-verify")
    checking = (
        *trusting[:2],
        f"--certificate-authority={address['certificate-authority']}",
        "--tls-server-name=127.0.0.1",
    )

    found = [Kubectl.opened(alone, None, options) for options in (trusting, checking)]
    asked_as = Kubectl.opened(alone, None, (*checking, "--as=ada", "--as-group=system:authenticated"))

    assert kubectl.may("create", "namespaces")
    assert [each.may("create", "namespaces") for each in (*found, asked_as)] == [True, True, False]
    assert found[0].context == address["server"]
    with pytest.raises(ClusterError, match="certificate is not trusted"):
        Kubectl.opened(alone, None, (*checking[:3], "--tls-server-name=elsewhere.example"))


@pytest.mark.usefixtures("path")
def test_a_certificate_of_ours_that_cannot_be_read_is_told_from_one_that_is_not_trusted(plane: ControlPlane) -> None:
    with pytest.raises(ClusterError, match="a certificate or key of ours, or its authority's, cannot be read"):
        Kubectl.opened(plane.kubeconfig, None, ("--client-certificate=no.pem", "--client-key=no.pem"))
