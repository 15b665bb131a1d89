"""Whatever the rules accept of an app builds, validates, and reads the same to every YAML reader, for each Flux."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from scaffolder.cli.work.session import checked
from scaffolder.errors import DocumentError
from scaffolder.spec.load import Spec
from scaffolder.tree import File, Memory
from scaffolder.yamlio import dump
from tests.judges import tools
from tests.judges.repository import judge
from tests.judges.yaml_readers import read_1_1, read_1_2
from tests.render.trees import tree_of
from tests.support.laws import law
from tests.support.place import Place
from tests.support.shared import flux_release

FLUXES = ("v2.2.3", "v2.6.4", "v2.7.5", "v2.8.8", "v2.9.4")
CASES = int(os.environ.get("SCAFFOLDER_EVERY_APP", "2"))  # repositories for each Flux
APPS = 12  # in a repository
ONCE = [Phase.explicit, Phase.reuse, Phase.generate]  # to shrink what takes seconds would take hours
Document = dict[str, Any]

BASE = """
kind: platform
name: acme
domain: example.com
variables: {LOG_LEVEL: info, COUNT: "3"}
repository: {url: https://git.example.com/acme/fleet.git}
flux: {version: FLUX}
---
{kind: environment, name: dev}
---
{kind: environment, name: prod, after: dev}
---
{kind: cluster, name: dev-1, environment: dev}
---
{kind: cluster, name: prod-1, environment: prod, variables: {LOG_LEVEL: warn}}
---
{kind: cluster, name: root, environment: prod, path: .}
---
{kind: tenant, name: team}
---
{kind: tenant, name: "1e3", environments: [dev], clusters: [prod-1, root]}
---
{kind: tenant, name: default}
---
{kind: app, name: db, image: {name: postgres, tag: "16"}}
"""
MANIFESTS = {
    "kustomization.yaml": "resources: [deployment.yaml]\n",
    "deployment.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "nginx:1.27.0"}]}
""",
}


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Document]:
    """Any of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


def one_of(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


names = one_of("web", "on", "1e3", "123", "y")
secrets = names.map(lambda name: {"name": name})
durations = one_of("30s", "90m", "1h30m", "500ms")
providers = one_of("generic", "aws", "azure", "gcp")
lines = one_of(
    "yes", "1e3", "0o17", "~", "12:30", "x: y", "# x", "- a", "{{ x }}", "a b", "'", '"', "é", "%x", "@", "*"
)
texts = lines | one_of("a\nb\n", "- a\n- b", "\n", "a\n\n", "${LOG_LEVEL}", "x${COUNT}y", "$${HOME}", "$x", "a\u2028b")
keys = lines | one_of("a", "b", "c", "replicas")
values = st.recursive(
    texts | st.integers(-(2**53), 2**53) | st.booleans() | st.floats(-1e6, 1e6, width=32),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2),
    max_leaves=4,
)
helm_values = st.dictionaries(keys, values, max_size=3)
tags = one_of("1.10", "v1.2.0", "latest", "1e3", "0x1F")
versions = one_of("1.2.3", "6.10", "1", ">=1.0 <2", "1.x", "1.0.0+build.5", "*", "~1.2")
digests = one_of(f"sha256:{'0' * 64}", f"sha256:{'1' * 63}e")
commits = one_of("1234567890" * 4, "1e" * 20)
paths = one_of("./", "deploy", "/a/../b/", "./1e3", "a b")
ignores = st.lists(one_of("*.md", "!/deploy", "# x", "/a b"), max_size=2)
git_refs = (
    st.fixed_dictionaries({"branch": one_of("main", "y", "123")}, optional={"commit": commits})
    | st.fixed_dictionaries({"tag": tags})
    | st.fixed_dictionaries({"semver": versions})
    | st.fixed_dictionaries({"name": one_of("refs/pull/1/head")})
)
oci_refs = (
    st.fixed_dictionaries({"tag": tags})
    | st.fixed_dictionaries({"semver": versions})
    | st.fixed_dictionaries({"digest": digests})
)
charts = st.fixed_dictionaries(
    {"name": names, "url": one_of("https://charts.example.com", "http://c:8080/x")},
    optional={"version": versions, "interval": durations, "secretRef": secrets, "passCredentials": st.booleans()},
) | st.fixed_dictionaries(
    {"url": one_of("oci://ghcr.io/acme/charts/web", "oci://localhost:5000/1e3")},
    optional={"version": versions, "interval": durations, "secretRef": secrets, "provider": providers},
)
fetched = {"interval": durations, "path": paths, "secretRef": secrets, "ignore": ignores}
sources = {
    "chart": charts,
    "git": st.fixed_dictionaries(
        {"url": one_of("https://git.example.com/web", "ssh://git@git.example.com:22/web.git")},
        optional={**fetched, "ref": git_refs, "recurseSubmodules": st.booleans()},
    ),
    "oci": st.fixed_dictionaries(
        {"url": one_of("oci://ghcr.io/acme/web")},
        optional={**fetched, "ref": oci_refs, "provider": providers, "insecure": st.booleans()},
    ),
    "bucket": st.fixed_dictionaries(
        {"bucketName": names, "endpoint": one_of("s3.example.com", "minio:9000")},
        optional={**fetched, "provider": providers, "insecure": st.booleans(), "region": names, "prefix": lines},
    ),
    "image": st.fixed_dictionaries(
        {"name": one_of("nginx"), "tag": tags}, optional={"port": st.integers(1, 65535), "replicas": st.integers(0, 9)}
    ),
    "manifests": one_of({}),
}
OPERATION = "# why\n- op: add\n  path: /metadata/annotations\n  value: {note: '${LOG_LEVEL}'}\n"
MERGE = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: any}\nspec: {minReadySeconds: 5}\n"
patches = st.lists(
    st.fixed_dictionaries(
        {
            "patch": one_of(OPERATION, MERGE),
            "target": one_of({"kind": "Deployment"}, {"kind": "Deploy.*", "name": ".*"}, {"labelSelector": "a=b"}),
        }
    ),
    max_size=2,
)
images = st.lists(
    st.fixed_dictionaries({"name": one_of("nginx"), "newTag": tags}, optional={"newName": one_of("localhost:5000/x")}),
    max_size=1,
)
replicas = st.lists(st.fixed_dictionaries({"name": names, "count": st.integers(0, 9)}), max_size=1)
changes = {"patches": patches, "images": images, "replicas": replicas, "suspend": st.booleans()}
overlays = some(**changes, values=helm_values, version=versions, ref=git_refs | oci_refs, path=paths)
checks = st.lists(
    st.fixed_dictionaries(
        {"kind": one_of("Deployment", "Job"), "name": names},
        optional={"apiVersion": one_of("apps/v1"), "namespace": one_of("", "team")},
    ),
    max_size=2,
)
post_builds = some(
    substitute=st.dictionaries(one_of("A", "y", "LOG_LEVEL"), texts, max_size=2),
    substituteFrom=st.lists(
        # the judge knows all ConfigMaps that a cluster has, and waits for any other for ever
        st.fixed_dictionaries(
            {"kind": one_of("ConfigMap"), "name": one_of("cluster-vars")}, optional={"optional": st.booleans()}
        )
        | st.fixed_dictionaries({"kind": one_of("ConfigMap"), "name": one_of("y"), "optional": st.just(value=True)})
        | st.fixed_dictionaries({"kind": one_of("Secret"), "name": names}, optional={"optional": st.booleans()}),
        max_size=1,
    ),
)
values_from = st.lists(
    st.fixed_dictionaries(
        {"kind": one_of("ConfigMap", "Secret"), "name": names},
        optional={"valuesKey": one_of("a.yaml", "1e3"), "targetPath": one_of("a.b[0]"), "optional": st.booleans()},
    ),
    max_size=2,
)
settings_ = some(
    **changes,
    namespace=one_of("team", "1e3", "default"),
    environments=one_of(["dev"], ["dev", "prod"], []),
    clusters=one_of(["prod-1"], ["root", "dev-1"], []),
    values=helm_values,
    valuesFrom=values_from,
    releaseName=names,
    crds=one_of("Skip", "Create", "CreateReplace"),
    interval=durations,
    retryInterval=durations,
    timeout=durations,
    dependsOn=one_of([{"name": "db"}]),
    prune=st.booleans(),
    wait=st.booleans(),
    healthChecks=checks,
    serviceAccountName=names,
    targetNamespace=one_of("team", "default", ""),
    postBuild=post_builds,
    overlays=st.dictionaries(one_of("dev", "prod"), overlays, max_size=2),
)


@st.composite
def apps(draw: st.DrawFn) -> Document:
    """An app that one can write; the fields that its source does not take are mostly left out."""
    source = draw(st.sampled_from(sorted(sources)))
    found = {"kind": "app", "name": "web", source: draw(sources[source]), **draw(settings_)}
    foreign = {"chart": {"replicas", "images"}, "image": set(), "manifests": set()}.get(source, {"replicas"})
    if source != "chart":
        foreign |= {"values", "valuesFrom", "releaseName", "crds", "version"}
    if source not in {"git", "oci"}:
        foreign |= {"ref", *(() if source == "bucket" else ("path",))}
    parts = [found, *found.get("overlays", {}).values()]
    for part in parts:
        for field in foreign:
            part.pop(field, None)
        for change in part.get("replicas", ()):
            change["name"] = "web"
    return found


def named(app: Document, name: str) -> Document:
    """The app under another name, its workload too where we write it."""
    found = {**copy.deepcopy(app), "name": name}
    if "image" in app:
        for part in (found, *found.get("overlays", {}).values()):
            for change in part.get("replicas", ()):
                change["name"] = name
    return found


def files_of(flux: str, documents: list[Document]) -> dict[str, str]:
    """A repository's own files: the documents, and what people put into it."""
    files = {"gitops.yaml": BASE.replace("FLUX", flux)}
    for document in documents:
        name = document["name"]
        files[f"gitops/apps/{name}.yaml"] = dump(document)
        if "manifests" in document:
            files |= {f"apps/base/{name}/{file}": text for file, text in MANIFESTS.items()}
    return files


def accepted(flux: str, given_apps: list[Document]) -> Iterator[Document]:
    """Those that our rules take, each under a name of its own."""
    for index, app in enumerate(given_apps):
        document = named(app, f"{('web', '1e3', 'y')[index % 3]}-{index}" if index > 2 else ("on", "123", "y")[index])
        try:
            spec_of(files_of(flux, [document]))
        except DocumentError:
            continue
        yield document


def spec_of(files: dict[str, str]) -> Spec:
    return checked(Memory({path: File(text.encode()) for path, text in files.items()}))


@law(60)
@given(app=apps(), flux=st.sampled_from(FLUXES))
def test_whatever_is_accepted_reads_the_same_to_every_yaml_reader(app: Document, flux: str) -> None:
    documents = list(accepted(flux, [app]))
    assume(documents)

    tree = tree_of(spec_of(files_of(flux, documents)))

    for path, content in tree.items():
        if path.endswith(".yaml"):
            assert read_1_1(content.decode()) == read_1_2(content.decode()), path


@pytest.mark.parametrize("flux", FLUXES)
def test_whatever_is_accepted_builds_and_validates(flux: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    manifests = flux_release(flux)

    @settings(law(CASES), phases=ONCE)
    @given(drawn=st.lists(apps(), min_size=APPS, max_size=APPS))
    def holds(drawn: list[Document]) -> None:
        place = Place(tmp_path_factory.mktemp("case"))
        for path, text in files_of(flux, list(accepted(flux, drawn))).items():
            place.write(f"given/{path}", text)
        place.run("new", "fleet", "--file", "given")
        assert judge(place.root / "fleet", kubernetes="1.33", flux=flux, manifests=manifests) == []

    holds()


def laid_over(there: Any, value: Any) -> Any:
    """What our documents promise: maps merge, anything else is replaced."""
    if not isinstance(there, dict) or not isinstance(value, dict):
        return value
    return {**there, **{key: laid_over(there.get(key), inner) for key, inner in value.items()}}


@settings(law(CASES), phases=ONCE)
@given(drawn=st.lists(st.tuples(helm_values, helm_values), min_size=100, max_size=100))
def test_kustomize_lays_the_values_of_an_environment_over_the_app_s_as_documents_promise(
    drawn: list[tuple[Document, Document]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    chart = {"name": "web", "url": "https://charts.example.com"}
    given_apps = [
        {"kind": "app", "name": "web", "chart": chart, "values": own, "overlays": {"dev": {"values": over}}}
        for own, over in drawn
    ]
    documents = list(accepted("v2.9.4", given_apps))
    root = tmp_path_factory.mktemp("case")
    for path, content in tree_of(spec_of(files_of("v2.9.4", documents))).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)

    built = by_name(root, [f"apps/dev/{document['name']}" for document in documents])

    for document in documents:
        expected = laid_over(document["values"], document["overlays"]["dev"]["values"])
        assert built[document["name"]].get("values", {}) == expected, document


def by_name(root: Path, folders: list[str]) -> dict[str, Any]:
    """The specs of the HelmReleases of some folders, in one build."""
    (root / "kustomization.yaml").write_text(dump({"resources": folders}), encoding="utf-8")
    done = tools.run(tools.require("kustomize"), "build", ".", at=root)
    assert not done.returncode, done.stderr
    objects = yaml.safe_load_all(done.stdout)
    return {made["metadata"]["name"]: made["spec"] for made in objects if made["kind"] == "HelmRelease"}
