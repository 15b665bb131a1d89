"""What the real controllers make of a change: what comes, what goes, what stays, and in which order.

One platform stands for all of these tests: each has apps of its own in it, and leaves it ready.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.testbed import live
from tests.testbed.api import Object
from tests.testbed.bed import Bed
from tests.testbed.live import Live
from tests.testbed.objects import config_map, deployment
from tests.testbed.readiness import condition, unready
from tests.toolbox.programs import PROGRAMS

PLATFORM = """
kind: platform
name: acme
domain: example.com
variables: {GREETING: hello}
---
{kind: environment, name: dev}
---
{kind: environment, name: prod, after: dev}
---
{kind: cluster, name: dev-1, environment: dev, variables: {GREETING: hi}}
---
{kind: cluster, name: dev-2, environment: dev}
---
{kind: tenant, name: default, environments: [dev]}
---
{kind: tenant, name: team}
---
{kind: app, name: web, image: {name: nginx, tag: 1.27.0}}
---
kind: app
name: greeter
values: {greeting: "${GREETING}"}
chart: {name: greeter, url: "https://charts.example.com", version: 1.0.0}
---
{kind: app, name: notes, namespace: team, environments: [dev], manifests: {}}
---
kind: app
name: gone
environments: [dev]
chart: {name: gone, url: "https://charts.example.com", version: 1.0.0}
---
kind: app
name: doomed
environments: [dev]
chart: {name: doomed, url: "https://charts.example.com", version: 1.0.0}
---
{kind: app, name: kiosk, namespace: default, environments: [dev], image: {name: nginx, tag: 1.27.0}}
---
kind: app
name: probe
clusters: [dev-1]
image: {name: nginx, tag: 1.27.0}
---
kind: app
name: resting
suspend: true
chart: {name: resting, url: "https://charts.example.com", version: 1.26.0}
overlays: {prod: {version: 1.26.1}}
---
{kind: app, name: asleep, environments: [dev], suspend: true, image: {name: nginx, tag: 1.26.0}}
"""
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.example.com
spec:
  group: example.com
  names: {kind: Widget, listKind: WidgetList, plural: widgets, singular: widget}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""
OPERATOR = deployment("operator").replace("metadata:\n", "metadata:\n  namespace: flux-system\n", 1)
WIDGET = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: shared, namespace: flux-system}\n"
CRDS, CONTROLLERS, CONFIGS = (f"infrastructure/{layer}/dev" for layer in ("crds", "controllers", "configs"))
FILES = {
    f"{CRDS}/widgets.yaml": DEFINITION,
    f"{CONTROLLERS}/operator.yaml": OPERATOR,
    f"{CONFIGS}/widget.yaml": WIDGET,
    "apps/base/notes/notes.yaml": config_map("notes", text="hello"),
    "apps/base/notes/kustomization.yaml": "resources: [notes.yaml]\n",
}
KINDS = (
    "ClusterRole",
    "ConfigMap",
    "CustomResourceDefinition",
    "Deployment",
    "GitRepository",
    "HelmChart",
    "HelmRelease",
    "HelmRepository",
    "Kustomization",
    "Namespace",
    "Service",
    "ServiceAccount",
    "Widget",
)
Key = tuple[str, str, str]


@pytest.fixture(scope="module")
def acme(bed: Bed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """On its cluster dev-1."""
    platform = live.written(PLATFORM, FILES)
    with live.standing(bed, tmp_path_factory.mktemp("acme"), platform, "dev-1") as acme:
        yield acme


@pytest.fixture(autouse=True)
def _builder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(PROGRAMS["kubectl"].folder), prepend=":")


def objects(bed: Bed) -> dict[Key, Object]:
    """All but those that the cluster makes by itself, by kind, namespace and name."""
    found = [each for kind in filter(bed.api.serves, KINDS) for each in bed.api.list(kind)]
    return {key(each): each for each in found}


def key(found: Object) -> Key:
    return found["kind"], found["metadata"].get("namespace", ""), found["metadata"]["name"]


def uids(bed: Bed) -> dict[Key, str]:
    return {name: each["metadata"]["uid"] for name, each in objects(bed).items()}


def changed(acme: Live) -> tuple[set[Key], set[Key]]:
    """Commits what has been changed; which objects are gone when the cluster is ready again, and which are new."""
    before = uids(acme.bed)
    acme.commit()
    acme.ready()
    after = uids(acme.bed)
    return {name for name, _ in before.items() - after.items()}, {name for name, _ in after.items() - before.items()}


def wanted(found: Object) -> Object:
    """Of an object, all that is not its state."""
    metadata = found["metadata"]
    notes = {name: text for name, text in metadata.get("annotations", {}).items() if name != live.REQUESTED}
    content = {name: value for name, value in found.items() if name not in {"metadata", "status"}}
    return {**content, "labels": metadata.get("labels"), "annotations": notes}


def since(bed: Bed, name: str) -> str:
    """When it became ready."""
    return str(condition(bed.get(name) or {}, "Ready")["lastTransitionTime"])


def made(bed: Bed, name: str, namespace: str = "flux-system") -> str:
    """When it came to be."""
    return str((bed.get(name, namespace) or {})["metadata"]["creationTimestamp"])


@pytest.mark.usefixtures("acme")
def test_layers_come_up_one_after_the_other(bed: Bed) -> None:
    ready = {layer: since(bed, f"Kustomization/{layer}") for layer in ("crds", "controllers", "configs", "tenants")}

    assert made(bed, "CustomResourceDefinition/widgets.example.com") <= ready["crds"]
    assert ready["crds"] <= made(bed, "Deployment/operator") <= ready["controllers"]
    assert ready["controllers"] <= made(bed, "Widget/shared") <= ready["configs"]
    assert ready["configs"] <= made(bed, "Namespace/web") <= ready["tenants"]
    assert ready["tenants"] <= made(bed, "Kustomization/web", "web") <= made(bed, "Deployment/web", "web")


@pytest.mark.parametrize("words", [("--to", "0.1.0"), ()], ids=["back", "forward"])
def test_a_template_update_changes_those_objects_alone_that_the_rendered_diff_names(
    bed: Bed, acme: Live, words: tuple[str, ...]
) -> None:
    acme.place.run("update", *words)
    rows = json.loads(acme.place.run("diff", "--against", "HEAD", "--output", "json").out)["objects"]
    named = {(row["kind"], row["namespace"], row["name"]) for row in rows if "dev-1" in row["clusters"]}
    before = {name: wanted(each) for name, each in objects(bed).items()}

    acme.commit()
    acme.ready()

    after = {name: wanted(each) for name, each in objects(bed).items()}
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == named
    assert named


def test_a_cluster_s_own_value_reaches_no_other_cluster(bed: Bed, acme: Live) -> None:
    other = bed.kubectl("kustomize", acme.place.root / acme.folder("dev-2"))
    acme.place.edit("gitops.yaml", "GREETING: hi", "GREETING: good day")
    acme.place.run("sync")

    gone, new = changed(acme)

    assert (gone, new) == (set(), set())
    assert values(bed, "greeter")["greeting"] == "good day"
    assert bed.kubectl("kustomize", acme.place.root / acme.folder("dev-2")) == other
    assert "GREETING: hello" in other


def values(bed: Bed, name: str) -> Any:
    """What a chart of the bed was given."""
    found = bed.get(f"Deployment/{name}", name) or {}
    return json.loads(found["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"])


def test_a_removed_app_takes_its_objects_along_and_nothing_else(acme: Live) -> None:
    acme.place.run("remove", "app", "notes")

    gone, new = changed(acme)

    assert gone == {("ConfigMap", "team", "notes"), ("Kustomization", "team", "notes")}
    assert new == set()


def test_of_an_app_and_then_its_tenant_nothing_is_left(bed: Bed, acme: Live) -> None:
    acme.place.run("remove", "app", "gone")
    acme.commit()
    acme.ready()
    kept = {name[::2] for name in uids(bed) if "gone" in name}
    acme.place.run("remove", "tenant", "gone")
    acme.commit()
    bed.gone("Namespace/gone")
    acme.ready()

    assert kept >= {("Namespace", "gone")}
    assert not {kind for kind, _ in kept} & {"Deployment", "HelmRelease", "HelmRepository", "Kustomization"}
    assert not [name for name in uids(bed) if "gone" in name]


def test_an_app_that_is_removed_with_its_namespace_is_gone_before_it(bed: Bed, acme: Live) -> None:
    acme.place.run("remove", "app", "doomed", "--delete-namespace")
    acme.commit()
    acme.ready()

    assert bed.get("Namespace/doomed")
    assert bed.get("Deployment/doomed", "doomed") is None

    acme.place.run("remove", "tenant", "doomed")
    acme.commit()
    bed.gone("Namespace/doomed")
    acme.ready()


def test_the_namespace_default_outlives_the_tenant_that_furnishes_it(bed: Bed, acme: Live) -> None:
    acme.place.run("remove", "app", "kiosk")
    acme.place.run("remove", "tenant", "default")

    gone, new = changed(acme)

    names = {("ConfigMap", "cluster-vars"), ("Deployment", "kiosk"), ("Kustomization", "kiosk")}
    assert gone == {(kind, "default", name) for kind, name in names}
    assert new == set()
    labels = (bed.get("Namespace/default") or {})["metadata"]["labels"]
    assert labels == {"kubernetes.io/metadata.name": "default"}


def test_definitions_and_what_is_made_of_them_survive_what_brought_them(bed: Bed, acme: Live) -> None:
    bed.apply(WIDGET.replace("shared", "people-s-own"))
    for path in (f"{CRDS}/widgets.yaml", f"{CONTROLLERS}/operator.yaml"):
        (acme.place.root / path).unlink()

    gone, new = changed(acme)

    assert gone == {("Deployment", "flux-system", "operator")}
    assert new == set()


def test_what_is_suspended_stays_as_it_is_until_it_is_resumed(bed: Bed, acme: Live) -> None:
    acme.place.edit("gitops.yaml", "1.26.0", "1.26.1")
    acme.place.run("sync")
    acme.commit()
    acme.ready()

    assert [image(bed, name) for name in ("asleep", "resting")] == ["", ""]

    acme.place.edit("gitops.yaml", "suspend: true", "suspend: false")
    acme.place.run("sync")
    acme.commit()
    acme.ready()

    assert [image(bed, name) for name in ("asleep", "resting")] == ["nginx:1.26.1", "example.com/resting:1.26.1"]


def image(bed: Bed, name: str) -> str:
    """What runs, if it does."""
    found = bed.get(f"Deployment/{name}", name)
    return found["spec"]["template"]["spec"]["containers"][0]["image"] if found else ""


def test_a_broken_app_holds_up_no_other(bed: Bed, acme: Live) -> None:
    acme.place.run("add-app", "absent", "--git", f"{bed.git.url}/absent.git", "--branch", "main")
    acme.place.run("add-app", "torn", "--image", "nginx:1.27.0")
    acme.place.run("add-app", "sound", "--image", "nginx:1.27.0")
    acme.place.edit("apps/base/torn/kustomization.yaml", "deployment.yaml", "no-such-file.yaml")
    acme.commit()

    bed.until("Kustomization/sound", lambda each: not unready(each), namespace="sound")
    bed.until("Kustomization/torn", lambda each: "no-such-file.yaml" in json.dumps(each["status"]), namespace="torn")
    assert not unready(bed.get("Kustomization/apps") or {})
    assert unready(bed.get("GitRepository/absent", "absent") or {})

    acme.place.edit("apps/base/torn/kustomization.yaml", "no-such-file.yaml", "deployment.yaml")
    for kind, name in itertools.product(("app", "tenant"), ("absent", "torn", "sound")):
        acme.place.run("remove", kind, name)
    acme.commit()
    bed.gone(*(f"Namespace/{name}" for name in ("absent", "torn", "sound")))
    acme.ready()


def test_an_app_comes_from_its_cluster_to_the_environment_by_being_in_both_first(bed: Bed, acme: Live) -> None:
    before = uids(bed)
    alone, both = "clusters:\n- dev-1\n", "clusters:\n- dev-1\nenvironments:\n- dev\n"
    for old, new in ((alone, both), (alone, "")):
        acme.place.edit("gitops.yaml", old, new)
        acme.place.run("sync")
        acme.commit()
        acme.ready()

    found = uids(bed)
    assert {name: uid for name, uid in before.items() if found.get(name) != uid} == {}
    assert owner(bed, "Namespace/probe") == "tenants"
    assert owner(bed, "Kustomization/probe", "probe") == "apps"


def owner(bed: Bed, name: str, namespace: str = "") -> str:
    """The Kustomization that has it."""
    found = bed.get(name, namespace) or {}
    return str(found["metadata"]["labels"]["kustomize.toolkit.fluxcd.io/name"])


def test_a_wrong_pin_stops_nothing_that_runs_and_is_put_right_by_the_next_commit(bed: Bed, acme: Live) -> None:
    before = uids(bed)
    acme.place.run("pin", "dev", "--tag", "v9.9.9")
    acme.commit()
    told = bed.until("GitRepository/fleet", lambda each: "v9.9.9" in json.dumps(each["status"]))

    assert condition(told)["status"] == "False"
    assert uids(bed) == before

    acme.place.run("pin", "dev", "--unpin")
    acme.commit()
    acme.ready(60)

    assert uids(bed) == before


def test_a_cluster_moves_to_another_environment_and_keeps_all_that_is_there_too(bed: Bed, acme: Live) -> None:
    said = acme.place.run("move", "dev-1", "--to", "prod").err
    moved, _ = changed(acme)
    acme.place.run("move", "dev-1", "--finish")
    finished, new = changed(acme)

    lost = {namespace or name for _, namespace, name in moved}
    assert lost.isdisjoint({"web", "greeter", "resting"})
    assert not [name for name in moved if name[:2] == ("Kustomization", "flux-system") or name[2] == "team"]
    assert "asleep" in lost
    assert "asleep" in said
    assert (finished, new) == (set(), set())
    assert bed.api.get("Kustomization", "flux-system")["spec"]["path"] == "./clusters/prod/dev-1"  # type: ignore[index]
    assert not [each for each in bed.api.list("Kustomization") if "dev/" in each["spec"]["path"]]


def test_the_last_app_of_an_environment_goes_and_its_layer_stays_ready(bed: Bed, acme: Live) -> None:
    for document in yaml.safe_load_all(acme.place.read("gitops.yaml")):
        if document["kind"] == "app":
            acme.place.run("remove", "app", document["name"])
    acme.commit()
    acme.ready()

    assert not [name for name in uids(bed) if name[0] == "Kustomization" and name[1] != "flux-system"]
    assert bed.get("Namespace/web")
