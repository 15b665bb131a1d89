"""The real `flux bootstrap git` as the judge of ours: of what it commits, and of what it finds where ours has been."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import runpy
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.judges.tools import require
from tests.support.place import Place
from tests.support.shared import flux_release
from tests.testbed.controlplane import ControlPlane
from tests.testbed.gitserver import GitServer, Repository
from tests.testbed.gitssh import GitSsh
from tests.testbed.processes import eventually, running

PASSWORD = "sesame"
EVERYTHING = "p,stacks,tenants,infrastructure,apps"
HTTP = ("--allow-insecure-http", "--token-auth")
RELEASE = "v2.9.4"


@dataclass(frozen=True)
class Server:
    """What both bootstraps talk to: an API server, which is all that Flux's commits need, and git over HTTP and SSH."""

    plane: ControlPlane
    git: GitServer
    ssh: GitSsh

    def words(self, *flags: str) -> list[str]:
        """Flags with what is known of this machine."""
        known: dict[str, object] = {"KEY": self.ssh.keys / "identity", "CA": self.plane.pki / "apiserver.crt"}
        known |= {
            "CACHE": self.plane.pki / "cache",
            "KUBECONFIG": self.plane.kubeconfig,
            "SSH_HOST": f"localhost:{self.ssh.url('').split(':')[2][:-5]}",
        }
        return [re.sub("[A-Z_]{2,}$", lambda found: str(known.get(found[0], found[0])), flag) for flag in flags]


# Rows that install on another namespace follow another folder, or the cluster would refuse them.
OVER_HTTP = {
    "nothing but the least": (),
    "the source": (
        *("--interval=90s", "--recurse-submodules", "--username=ada", f"--password={PASSWORD}"),
        *(f"--sparse-checkout={EVERYTHING}", "--secret-name=key", "--ca-file=CA"),
    ),
    "a branch": ("--branch=release/1.0",),
    "the controllers": (
        *("--log-level=debug", "--network-policy=false", "--toleration-keys=a,true", "--image-pull-secret=pull"),
        *("--registry=registry.example:5000/flux", "--cluster-domain=k8s.example", "--watch-all-namespaces=false"),
    ),
    "more components": ("--components-extra=image-reflector-controller,image-automation-controller",),
    "fewer components": ("--components=kustomize-controller,source-controller", f"--version={RELEASE}"),
    "the namespace": ("--namespace=gitops", "--path=./Clusters/x_1/"),
    "the root": ("--namespace=at-root", "--path=."),
    "the commits": ("--commit-message-appendix=[ci skip]", "--author-name=Bot", "--author-email=bot@example.com"),
    "half an author": ("--author-name=Bot",),
    "a bearer token": ("--with-bearer-token", "--apply", "--timeout=5s", "--secret-name=bearer"),
    "the cluster": ("--apply", "--kubeconfig=KUBECONFIG", "--context=testbed", "--timeout=5s", "--force"),
    "kubectl's own": (
        *("--apply", "--timeout=5s", "--as=root", "--as-group=system:masters", "--as-uid=7", "--as-user-extra=a=b"),
        *("--cluster=testbed", "--user=admin", "--disable-compression", "--cache-dir=CACHE", "--secret-name=by-root"),
    ),
    "the secret of the images": (
        *(
            "--apply",
            "--timeout=5s",
            "--image-pull-secret=pull",
            "--registry-creds=ada:geheim",
            "--registry=r.example/f",
        ),
        *("--namespace=pulled", "--path=pulled"),
    ),
}
OVER_SSH = {
    "a key of our own": ("--private-key-file=KEY", "--silent", "--secret-name=own"),
    "a key that signs": (
        "--private-key-file=KEY",
        "--ssh-signing-reuse-private-key",
        "--ssh-hostkey-algos=ssh-ed25519",
    ),
    "another host for clusters": ("--private-key-file=KEY", "--ssh-hostname=SSH_HOST", "--secret-name=other"),
    "a new key": ("--apply", "--timeout=5s", "--ssh-key-algorithm=ecdsa", "--ssh-ecdsa-curve=p521", "--secret-name=ec"),
    "a new RSA key": ("--apply", "--timeout=5s", "--ssh-key-algorithm=rsa", "--ssh-rsa-bits=1024", "--secret-name=rsa"),
}
ALWAYS = ("--url", "--path", "--allow-insecure-http", "--token-auth", "--silent", "--timeout")
OF_CLUSTER = (
    *("--kubeconfig", "--context", "--timeout", "--ssh-key", "--ssh-ecdsa", "--ssh-rsa", "--registry-creds"),
    *("--as", "--cluster=", "--user=", "--disable-compression", "--cache-dir"),
)
PROPOSING = ("--change-request", "--title", "--body", "--label", "--reviewer", "--draft", "--auto-merge")
OURS = {
    **dict.fromkeys(PROPOSING, "Flux knows no change requests"),
    "--apply": "Flux always does the cluster's part",
    "--manifests": "Flux has it, and does not show it",
    "--secret-file": "Flux has the cluster at hand",
    "--sops-age": "the same",
    "--dry-run": "Flux has none",
    "--output": "Flux has none",
}
ELSEWHERE = {  # tried in tests of our own
    *("--gpg-key-id", "--gpg-key-ring", "--gpg-passphrase", "--ssh-signing-key-file", "--ssh-signing-password"),
    *("--server", "--certificate-authority", "--client-certificate", "--client-key", "--tls-server-name"),
    "--insecure-skip-tls-verify",
}
REFERENCE = runpy.run_path(str(Path(__file__).parents[2] / "docs/reference/flux_flags.py"))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    for name in ("etcd", "kube-apiserver", "kubectl", "flux", "gitssh"):
        require(name)
    with running() as processes:
        git = GitServer(processes.folder / "git")
        server = Server(ControlPlane(processes), git, GitSsh(processes, git))
        for part in (server.plane, server.git, server.ssh):
            part.start()
        with agent(server.ssh.keys):
            yield server
        for part in (server.ssh, server.git, server.plane):
            part.stop()


@contextlib.contextmanager
def agent(keys: Path) -> Iterator[None]:
    """An ssh-agent with the bed's key, where no row names one."""
    with subprocess.Popen(["ssh-agent", "-D", "-a", str(keys / "agent")], stdout=subprocess.DEVNULL) as popen:
        eventually((keys / "agent").exists, 10, lambda: "there is no agent")
        shutil.copy(keys / "identity", keys / "added")
        (keys / "added").chmod(0o600)
        environment = {**os.environ, "SSH_AUTH_SOCK": str(keys / "agent")}
        subprocess.run(["ssh-add", "-q", str(keys / "added")], env=environment, check=True)
        yield
        popen.terminate()


@pytest.fixture(autouse=True)
def _environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = server.ssh.keys
    monkeypatch.setenv("SSH_AUTH_SOCK", str(keys / "agent"))
    monkeypatch.setenv("SSH_KNOWN_HOSTS", str(keys / "known_hosts"))
    monkeypatch.setenv("GIT_SSH_COMMAND", f"ssh -F none -o UserKnownHostsFile={keys}/known_hosts")
    monkeypatch.setenv("KUBECONFIG", str(server.plane.kubeconfig))
    monkeypatch.setenv("PATH", str(require("kubectl").parent), prepend=":")


def by_flux(words: list[str], at: Place) -> str:
    """What `flux bootstrap` says until it waits for controllers, which are not there."""
    command = [str(require("flux")), *(word for word in words if word != "--apply"), "--silent", "--timeout=60s"]
    with subprocess.Popen(command, cwd=at.root, stderr=subprocess.PIPE, text=True) as popen:
        assert popen.stderr is not None
        said = ""
        for line in popen.stderr:
            said += line
            if line.startswith("◎ waiting for"):
                break
        popen.kill()
    return said


def commits(repository: Repository, branch: str) -> list[tuple[str, ...]]:
    """The first two: tree, authors without their time, message."""
    form = "--format=%T%x00%an <%ae>%x00%cn <%ce>%x00%B%x01"
    entries = repository.git("log", "--reverse", form, branch).split("\1\n")
    return [tuple(entry.split("\0")) for entry in entries[:2] if entry]


def value(words: list[str], flag: str, default: str) -> str:
    return next((word.partition("=")[2] for word in reversed(words) if word.startswith(f"{flag}=")), default)


def judge(server: Server, place: Place, theirs: Repository, words: list[str]) -> None:
    """Flux bootstraps an empty repository, and we find nothing to do in it; then we do it, and so does Flux."""
    branch = value(words, "--branch", "main")
    ours = [*words, f"--manifests={flux_release(RELEASE)}"]

    told = by_flux(words, place)
    wanted = commits(theirs, branch)
    planned = again(place, theirs, branch, ours)
    secret = taken(words)
    shutil.rmtree(theirs.folder)
    server.git.repository(theirs.folder.stem)
    place.run(*ours, code=8 if "--apply" in words else 0)
    ours_secret = taken(words) if "--apply" in words else secret
    said = by_flux(words, place)

    assert len(wanted) == 2, told
    assert planned == []
    assert ours_secret == secret
    assert commits(theirs, branch) == wanted
    assert "✔ component manifests are up to date\n" in said, said
    assert "✔ sync manifests are up to date\n" in said, said


def taken(words: list[str]) -> dict[str, tuple[str, int]]:
    """Of the cluster's secret, which goes: what its keys hold, by first word and length, but for a random key's."""
    name, namespace = value(words, "--secret-name", "flux-system"), value(words, "--namespace", "flux-system")
    kubectl = [str(require("kubectl")), f"--namespace={namespace}"]
    found = subprocess.run([*kubectl, "get", "secret", name, "--output=json"], capture_output=True, check=True)
    subprocess.run([*kubectl, "delete", "secret", name], capture_output=True, check=True)
    data = {key: base64.b64decode(text).decode() for key, text in json.loads(found.stdout)["data"].items()}
    return {key: (text.split()[0], 0 if key == "identity" else len(text)) for key, text in data.items()}


def again(place: Place, theirs: Repository, branch: str, words: list[str]) -> list[str]:
    """What we would write when we adopt what Flux has made, and bootstrap it with the same flags."""
    place.git("clone", "-q", f"--branch={branch}", str(theirs.folder), "clone")
    clone = place.inside("clone")
    before = clone.files()
    clone.run("adopt")
    clone.commit()
    assert {path: content for path, content in clone.files().items() if path in before} == before
    offline = [word for word in words if word not in {"--apply", "--force"} and not word.startswith(OF_CLUSTER)]
    report = json.loads(clone.run(*offline, "--dry-run", "--output=json").out)
    return [change["path"] for change in (*report["documents"], *report["files"])]


@pytest.mark.parametrize("flags", OVER_HTTP.values(), ids=OVER_HTTP)
def test_flux_makes_the_same_commits_and_finds_ours_up_to_date(
    server: Server, place: Place, flags: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_PASSWORD", PASSWORD)
    theirs = server.git.repository(place.root.parent.name, password=PASSWORD)

    judge(server, place, theirs, server.words("bootstrap", "git", f"--url={theirs.url}", "--path=p/q", *HTTP, *flags))


@pytest.mark.parametrize("flags", OVER_SSH.values(), ids=OVER_SSH)
def test_flux_makes_the_same_commits_over_ssh(server: Server, place: Place, flags: tuple[str, ...]) -> None:
    theirs = server.git.repository(place.root.parent.name)
    url = server.ssh.url(theirs.folder.stem)

    judge(server, place, theirs, server.words("bootstrap", "git", f"--url={url}", "--path=p/q", "--silent", *flags))


@pytest.mark.parametrize("kind", REFERENCE["KINDS"])
def test_the_reference_has_every_flag_of_the_real_flux_and_we_take_or_refuse_each(kind: str) -> None:
    flux = {"--manifests"} | flags_in(by_help(require("flux"), kind))
    ours = REFERENCE["ours"]().get(kind)

    assert flux == set(REFERENCE["of_flux"](kind))
    assert ours is None or flux - set(ours) == set()


def test_every_flag_that_we_take_has_been_tried_beside_flux_or_elsewhere(place: Place) -> None:
    ours = flags_in(place.run("bootstrap", "git", "--help").out)
    tried = {word.partition("=")[0] for row in (*OVER_HTTP.values(), *OVER_SSH.values()) for word in row}

    assert ours - set(REFERENCE["of_flux"]("git")) == set(OURS) - {"--manifests"}
    assert ours - tried - set(ALWAYS) - set(OURS) == ELSEWHERE


def by_help(flux: Path, kind: str) -> str:
    return subprocess.run([flux, "bootstrap", kind, "--help"], capture_output=True, text=True, check=True).stdout


def flags_in(text: str) -> set[str]:
    """The long flags that a help names at the beginning of a line; not their opposites."""
    return set(re.findall(r"^ +(?:-\w, )?(--[\w-]+)", text, re.MULTILINE)) - {"--help"}
