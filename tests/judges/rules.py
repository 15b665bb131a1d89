"""Rules of a repository that need neither a builder nor a server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.judges import folders
from tests.judges.cluster import FROM_SECRET
from tests.judges.findings import Finding
from tests.judges.objects import Object, mapping, split
from tests.judges.validate import finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.judges.cluster import Cluster
    from tests.judges.validate import Placed

# In every cluster from its first day; flux-system comes with Flux, whoever installs it.
GIVEN_NAMESPACES = re.compile(r"default|flux-system|kube-.*")

# A value that says nothing: encrypted, a variable, or what a variable out of a Secret was replaced by.
HARMLESS = re.compile(rf"ENC\[.*\]|'?(?:\$\{{\w+\}})+'?|{FROM_SECRET}|", re.DOTALL)

SOURCES = ("GitRepository", "OCIRepository", "HelmRepository", "Bucket")

# What lockdown puts into the namespace of every app.
FURNITURE = (("ServiceAccount", "flux"), ("RoleBinding", "flux"), ("GitRepository", "fleet"))


def syncs(root: Path) -> dict[str, Object]:
    """The clusters: each folder that a gotk-sync.yaml stands in, and what that file makes Flux build first."""
    found = {}
    for file in sorted(root.rglob("flux-system/gotk-sync.yaml")):
        layers = [there for there in split(file.read_text()) if there.flux_kustomization]
        found.update({file.parent.parent.relative_to(root).as_posix(): layer for layer in layers})
    return found


def wrong_paths(root: Path) -> Iterator[Finding]:
    """A cluster that reconciles another one's folder."""
    for folder, layer in syncs(root).items():
        path = folders.normal(str(layer.spec.get("path", "")))
        if path != folder:
            yield Finding(folder, str(layer), f"gotk-sync.yaml says {path}")


def plaintext(objects: Iterable[Placed]) -> Iterator[Finding]:
    for placed in objects:
        if has_plaintext(placed.object):
            yield finding(placed, "plaintext Secret")


def has_plaintext(subject: Object) -> bool:
    fields = [mapping(subject.data.get(name)) for name in ("data", "stringData")]
    return subject.kind == "Secret" and any(
        not HARMLESS.fullmatch(value) for field in fields for value in field.values()
    )


def plaintext_files(root: Path) -> Iterator[Finding]:
    """Those too that no folder builds."""
    for file in sorted(path for ending in ("*.yaml", "*.yml") for path in root.rglob(ending) if path.is_file()):
        text = file.read_text()
        if re.search(r"^kind: *['\"]?Secret\b", text, re.MULTILINE):
            where = file.parent.relative_to(root).as_posix()
            yield from (Finding(where, str(there), "plaintext Secret") for there in split(text) if has_plaintext(there))


def dangling(cluster: Cluster) -> Iterator[Finding]:
    """Objects that wait for another one, which the cluster never gets."""
    if not cluster.complete:
        return
    there = {(placed.object.kind, placed.object.namespace, placed.object.name) for placed in cluster.objects}
    for placed in cluster.objects:
        for kind, namespace, name in needs(placed.object):
            if (kind, namespace, name) not in there:
                wanted = f"{kind} {'/'.join(filter(None, (namespace, name)))}"
                yield finding(placed, f"there is no {wanted} (cluster {cluster.folder})")


def needs(subject: Object) -> Iterator[tuple[str, str, str]]:
    """Kind, namespace and name of what it cannot do without."""
    if subject.namespace and not GIVEN_NAMESPACES.fullmatch(subject.namespace):
        yield ("Namespace", "", subject.namespace)
    if subject.flux_kustomization or subject.group == "helm.toolkit.fluxcd.io":
        chart = mapping(mapping(subject.spec.get("chart")).get("spec"))
        for reference in (subject.spec.get("sourceRef"), subject.spec.get("chartRef"), chart.get("sourceRef")):
            if isinstance(reference, dict):
                yield (reference["kind"], reference.get("namespace") or subject.namespace, reference["name"])
        for other in subject.spec.get("dependsOn") or ():
            yield (subject.kind, other.get("namespace") or subject.namespace, other["name"])


def lockdown(cluster: Cluster) -> Iterator[Finding]:
    """Where the controllers are locked down: apps that would be refused, or that reach out of their namespaces."""
    objects = [placed.object for placed in cluster.objects]
    home = next((found.namespace for found in objects if is_locked(found)), None)
    there = {(found.kind, found.namespace, found.name) for found in objects}
    bound = {account for found in objects for account in accounts_of(found)}
    for placed in cluster.objects:
        if home is not None and applies(placed.object):
            messages = [*unbound(placed.object, there, bound), *foreign(placed.object)]
            messages += unfurnished(placed.object, there) if placed.object.namespace != home else ()
            yield from (finding(placed, f"{message} (cluster {cluster.folder})") for message in messages)


def is_locked(subject: Object) -> bool:
    pod = mapping(mapping(subject.spec.get("template")).get("spec"))
    arguments = [argument for container in pod.get("containers") or () for argument in container.get("args") or ()]
    return subject.name == "kustomize-controller" and "--no-cross-namespace-refs=true" in arguments


def applies(subject: Object) -> bool:
    return subject.flux_kustomization or subject.group == "helm.toolkit.fluxcd.io"


def accounts_of(binding: Object) -> Iterator[tuple[str, str]]:
    """Namespace and name of each ServiceAccount that a binding gives a role, where it counts."""
    for subject in binding.data.get("subjects") or () if binding.kind in {"RoleBinding", "ClusterRoleBinding"} else ():
        if binding.kind == "ClusterRoleBinding" or subject.get("namespace") == binding.namespace:
            yield (str(subject.get("namespace")), str(subject.get("name")))


def unbound(subject: Object, there: set[tuple[str, str, str]], bound: set[tuple[str, str]]) -> Iterator[str]:
    account = str(subject.spec.get("serviceAccountName", ""))
    if not account:
        yield "no serviceAccountName"
    elif ("ServiceAccount", subject.namespace, account) not in there or (subject.namespace, account) not in bound:
        yield f"the account {subject.namespace}/{account} is not there, or bound to nothing"


def foreign(subject: Object) -> Iterator[str]:
    for kind, namespace, name in needs(subject):
        if kind in SOURCES and namespace != subject.namespace:
            yield f"{kind} {namespace}/{name} is of another namespace"


def unfurnished(subject: Object, there: set[tuple[str, str, str]]) -> Iterator[str]:
    """What an app's namespace lacks, or that the app is not kept to it."""
    for kind, name in FURNITURE:
        if (kind, subject.namespace, name) not in there:
            yield f"the namespace has no {kind} {name}"
    if subject.flux_kustomization and subject.spec.get("targetNamespace") != subject.namespace:
        yield f"targetNamespace is not {subject.namespace}"
