"""`bootstrap --apply` on real controllers: what `flux bootstrap` does on the cluster, and it may be run again."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator

import pytest

from tests.judges.tools import require
from tests.support.place import Place
from tests.support.shared import flux_release
from tests.testbed.bed import Bed
from tests.testbed.gitserver import Repository

PASSWORD = "open-sesame-17"
HTTP = ("--allow-insecure-http", "--token-auth", "--path=clusters/prod", "--timeout=60s")
SSH = ("--path=clusters/prod", "--timeout=60s")
Words = Callable[..., tuple[str, ...]]


@pytest.fixture
def fleet(bed: Bed, place: Place, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    """An empty repository that wants a password, and a cluster of which nothing is left afterwards."""
    monkeypatch.setenv("KUBECONFIG", str(bed.plane.kubeconfig))
    monkeypatch.setenv("PATH", str(require("kubectl").parent), prepend=":")
    monkeypatch.setenv("GIT_PASSWORD", PASSWORD)
    yield bed.git.repository(place.root.parent.name, password=PASSWORD)
    if bed.api.list("Kustomization"):
        bed.renew()


def words(url: str, *more: str) -> tuple[str, ...]:
    return ("bootstrap", "git", f"--url={url}", f"--manifests={flux_release('v2.9.4')}", "--apply", *more)


def test_an_empty_repository_becomes_a_cluster_that_follows_it(bed: Bed, place: Place, fleet: Repository) -> None:
    said = place.run(*words(fleet.url, *HTTP)).err

    assert "✔ all components are healthy\n" in said
    assert PASSWORD not in said
    bed.ready()
    found = bed.get("GitRepository/flux-system")
    assert found
    assert found["status"]["artifact"]["revision"] == f"main@sha1:{fleet.git('rev-parse', 'main').strip()}"


def test_the_second_run_finds_all_as_it_should_be(bed: Bed, place: Place, fleet: Repository) -> None:
    place.run(*words(fleet.url, *HTTP))
    head, before = fleet.git("rev-parse", "main"), bed.get("Kustomization/flux-system") or {}

    again = json.loads(place.run(*words(fleet.url, *HTTP), "--output=json").out)

    assert {made["action"] for made in (*again["forge"], *again["cluster"])} == {"unchanged"}
    assert fleet.git("rev-parse", "main") == head
    assert (bed.get("Kustomization/flux-system") or {})["metadata"]["generation"] == before["metadata"]["generation"]
    said = bed.flux(*flux_words(fleet))
    assert "component manifests are up to date" in said
    assert "sync manifests are up to date" in said
    assert "all components are healthy" in said


def flux_words(fleet: Repository) -> tuple[str, ...]:
    version = "--version=v2.9.4"
    return ("bootstrap", "git", f"--url={fleet.url}", f"--password={PASSWORD}", version, "--silent", *HTTP)


def test_a_dry_run_says_what_would_come_to_be_and_only_looks(bed: Bed, place: Place, fleet: Repository) -> None:
    report = json.loads(place.run(*words(fleet.url, *HTTP), "--dry-run", "--output=json").out)

    assert [(made["action"], made["kind"]) for made in report["cluster"]] == [
        ("created", "components"),
        ("created", "secret"),
        ("created", "sync"),
    ]
    assert fleet.git("branch", "--list") == ""
    assert bed.get("Secret/flux-system") is None


def test_a_new_ssh_key_is_shown_and_the_next_run_goes_on_when_it_may_read(
    bed: Bed, place: Place, fleet: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    ssh = f"ssh -i {bed.ssh.keys}/identity -o UserKnownHostsFile={bed.ssh.keys}/known_hosts"
    monkeypatch.setenv("GIT_SSH_COMMAND", ssh)
    monkeypatch.delenv("GIT_PASSWORD")
    url = bed.ssh.url(fleet.folder.stem)

    stopped = place.run(*words(url, *SSH), code=8).err

    key = re.search(r"may not read ssh://\S+ yet: (ecdsa\S+ \S+)", stopped)
    assert key
    assert "then run this again" in stopped
    (bed.ssh.keys / "cluster.pub").write_text(f"{key[1]}\n")
    assert "✔ source secret up to date\n" in place.run(*words(url, *SSH)).err
    bed.ready()


def test_a_cluster_that_follows_another_folder_is_left_alone(bed: Bed, place: Place, fleet: Repository) -> None:
    place.run(*words(fleet.url, *HTTP))
    head = fleet.git("rev-parse", "main")
    place.git("clone", "-q", str(fleet.folder), "work")
    work = place.inside("work")
    work.run("add-cluster", "prod-2", "--environment=prod")
    work.commit()

    said = work.run(*words(fleet.url, *HTTP[:2]), "--path=clusters/prod/prod-2", code=8).err

    assert '("./clusters/prod/prod-2") would overwrite path ("./clusters/prod")' in said
    assert fleet.git("rev-parse", "main") == head
    several = work.run(*words(fleet.url, *HTTP[:2]), code=2).err
    assert "--apply needs --path" in several
    bed.ready()


def test_the_flux_of_another_tool_is_taken_over_by_force_alone(bed: Bed, place: Place, fleet: Repository) -> None:
    crd = "gitrepositories.source.toolkit.fluxcd.io"
    bed.kubectl("label", "crd", crd, "app.kubernetes.io/managed-by=flux-operator")

    refused = place.run(*words(fleet.url, *HTTP), code=8).err

    assert "Flux was installed on `testbed` with flux-operator" in refused
    assert fleet.git("branch", "--list") == ""
    place.run(*words(fleet.url, *HTTP), "--force")


def test_what_is_not_well_in_time_is_told_with_its_reason(bed: Bed, place: Place, fleet: Repository) -> None:
    bed.nodes.stop()  # nothing runs, so no Deployment gets ready

    said = place.run(*words(fleet.url, *HTTP[:3]), "--timeout=8s", code=8).err

    assert re.search(r"bootstrap failed with \d health check failure\(s\)", said)
    assert "source-controller: its latest change is not seen yet" in said
    secret = bed.get("Secret/flux-system") or {}
    assert base64.b64decode(secret["data"]["password"]).decode() == PASSWORD


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--context=prod",), 'context "prod" does not exist'),
        (("--timeout=soon",), "--timeout soon: must be a duration"),
        (("--ssh-key-algorithm=dsa",), "--ssh-key-algorithm dsa"),
        (("--no-apply", "--timeout=1m"), "--timeout is about the cluster"),
    ],
)
@pytest.mark.usefixtures("bed")
def test_flags_that_cannot_be_meant_change_nothing(
    place: Place, fleet: Repository, flags: tuple[str, ...], said: str
) -> None:
    code = 8 if "context" in flags[0] else 2

    assert said in place.run(*words(fleet.url, *HTTP[:3]), *flags, code=code).err
    assert fleet.git("branch", "--list") == ""


def test_who_may_not_install_flux_is_told_before_anything_is_pushed(bed: Bed, place: Place, fleet: Repository) -> None:
    config = json.loads(bed.plane.kubeconfig.read_text())
    config["users"][0]["user"]["as"] = "ada"
    weak = place.write("weak.json", json.dumps(config))

    said = place.run(*words(fleet.url, *HTTP), f"--kubeconfig={weak}", code=8).err

    assert "✗ cluster `testbed`: you may not create customresourcedefinitions, which Flux needs\n" in said
    assert fleet.git("branch", "--list") == ""
