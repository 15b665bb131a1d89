"""Lockdown on the real controllers: what an app cannot do, and that switching it costs nothing that runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.testbed import live
from tests.testbed.api import Object
from tests.testbed.bed import Bed
from tests.testbed.live import Live
from tests.testbed.objects import config_map, kustomization
from tests.testbed.readiness import message

PLATFORM = """
{kind: platform, name: acme, domain: example.com, lockdown: true}
---
{kind: environment, name: prod}
---
{kind: cluster, name: prod-1, environment: prod}
---
{kind: tenant, name: team}
---
{kind: app, name: web, namespace: team, image: {name: nginx, tag: 1.27.0}}
---
{kind: app, name: db, chart: {name: db, url: "https://charts.example.com", version: 1.0.0}}
"""
FILES = {"extra/note.yaml": config_map("note", text="hello"), "extra/kustomization.yaml": "resources: [note.yaml]\n"}
FLEET = {"kind": "GitRepository", "name": "fleet"}
WIDE = ("--set", "clusterWide=true", "--version", "1.0.0", "--timeout", "10s")

# Kustomizations that an app may bring into its own namespace, to reach into another one; and what is said of them.
TRESPASSES: dict[str, Object] = {
    "as-flux": {"targetNamespace": "team", "serviceAccountName": "flux"},
    "as-nobody": {},
    "from-elsewhere": {"serviceAccountName": "flux", "sourceRef": {**FLEET, "namespace": "team"}},
}
REFUSALS = {
    "as-flux": 'User "system:serviceaccount:rogue:flux" cannot patch resource "configmaps"',
    "as-nobody": 'User "system:serviceaccount:rogue:default" cannot patch resource "configmaps"',
    "from-elsewhere": "cross-namespace references have been blocked",
}


@pytest.fixture(scope="module")
def acme(bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    platform = live.written(PLATFORM, FILES)
    with live.standing(bed, tmp_path_factory.mktemp("acme"), platform, "prod-1") as acme:
        yield acme


def add_chart(acme: Live, name: str) -> None:
    """One that makes a ClusterRole."""
    url = acme.bed.charts.add(acme.name, name, ["1.0.0"])
    acme.place.run("add-app", name, "--chart", name, "--repo", url, *WIDE)


def switch(acme: Live, before: str, after: str) -> None:
    """The repository says so, its cluster has it, and its controllers have been started anew."""
    acme.place.edit("gitops.yaml", f"lockdown: {before}", f"lockdown: {after}")
    acme.place.run("sync")
    acme.commit()
    head = acme.remote.git("rev-parse", "main").strip()
    acme.bed.until("Kustomization/flux-system", lambda each: head in each["status"].get("lastAppliedRevision", ""))
    acme.switch("prod-1")
    acme.ready()


def uids(bed: Bed) -> dict[tuple[str, str], str]:
    """Of what runs, and where, by kind and name: all of these have different names."""
    kinds = ("Deployment", "HelmRelease", "Kustomization", "Namespace")
    metadata = [(kind, each["metadata"]) for kind in kinds for each in bed.api.list(kind)]
    return {(kind, each["name"]): each["uid"] for kind, each in metadata}


def test_an_app_cannot_leave_its_namespace_by_kustomizations_of_its_own(bed: Bed, acme: Live, tmp_path: Path) -> None:
    found = [kustomization(name, "fleet", "./extra") for name in TRESPASSES]
    own = [{**each, "spec": {**each["spec"], **TRESPASSES[each["metadata"]["name"]]}} for each in found]
    (tmp_path / "own.yaml").write_text(yaml.safe_dump_all(own), encoding="utf-8")
    acme.place.run("add-app", "rogue", "--manifests", str(tmp_path), "--no-wait")
    acme.commit()

    for name, said in REFUSALS.items():
        wait_for(bed, name, said)

    assert bed.get("ConfigMap/note", "team") is None
    acme.place.run("remove", "app", "rogue")
    acme.commit()
    acme.ready()


def wait_for(bed: Bed, name: str, said: str) -> None:
    bed.until(f"Kustomization/{name}", lambda each: said in message(each), namespace="rogue")


def test_cluster_wide_objects_are_refused_and_other_apps_go_on(bed: Bed, acme: Live) -> None:
    add_chart(acme, "ranger")
    acme.place.edit("gitops.yaml", "1.27.0", "1.27.1")
    acme.place.run("sync")
    acme.commit()

    refused = bed.until("HelmRelease/ranger", lambda each: "forbidden" in message(each), namespace="ranger")
    bed.until("Deployment/web", lambda each: "nginx:1.27.1" in json.dumps(each), namespace="team")

    assert 'clusterroles.rbac.authorization.k8s.io "ranger" is forbidden' in message(refused)
    acme.place.run("remove", "app", "ranger")
    acme.commit()
    acme.ready()


def test_without_lockdown_they_are_made_and_switching_keeps_what_runs(bed: Bed, acme: Live) -> None:
    before = uids(bed)

    switch(acme, "true", "false")
    add_chart(acme, "keeper")
    acme.commit()
    acme.ready()

    assert bed.get("ClusterRole/keeper")
    assert before.items() <= uids(bed).items()

    before = uids(bed)
    switch(acme, "false", "true")
    assert before.items() <= uids(bed).items()
