"""Is a generated repository right? The real kustomize and kubeconform say so, cluster by cluster."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tests.judges import folders, rules, tools
from tests.judges.artifact import artifact
from tests.judges.build import Builder, Request
from tests.judges.cluster import OURS, Cluster, source, substituted
from tests.judges.findings import Finding, once
from tests.judges.objects import Object, split
from tests.judges.substitution import SubstitutionError, Variables, substitute_known
from tests.judges.validate import Placed, validate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def judge(root: Path, *, kubernetes: str, flux: str, manifests: Path | None = None) -> list[Finding]:
    """Everything that is wrong with the repository; nothing, if it is right.

    Each cluster is walked as its Flux would, with its own variables, and held against the CRDs that are vendored in it;
    one without takes those of the release `flux`, out of `manifests` (the release's unpacked files), or of the built
    flux CLI if that is of this version. What no cluster reaches is built and held against all of them.
    """
    for program in ("kustomize", "kubeconform"):
        tools.require(program)
    release = definitions(manifests or tools.flux_manifests(flux))
    with artifact(root) as copy:
        builder = Builder(copy.root)
        clusters = list(walked(builder))
        leftovers = list(unreached(builder, clusters))
        objects = [*(placed for cluster in clusters for placed in cluster.objects), *leftovers]
        return once(
            [
                *copy.findings,
                *failures(builder),
                *rules.wrong_paths(copy.root),
                *(finding for cluster in clusters for finding in (*cluster.findings, *rules.dangling(cluster))),
                *(finding for cluster in clusters for finding in rules.lockdown(cluster)),
                *rules.plaintext(objects),
                *rules.plaintext_files(root),
                *validated(clusters, leftovers, release, kubernetes),
            ]
        )


def definitions(manifests: Path | None) -> list[Object]:
    """The CRDs of a Flux release."""
    texts = [file.read_text() for file in sorted(manifests.glob("*.yaml"))] if manifests else []
    return crds(found for text in texts for found in split(text))


def crds(objects: Iterable[Object]) -> list[Object]:
    return [found for found in objects if found.kind == "CustomResourceDefinition"]


def walked(builder: Builder) -> Iterator[Cluster]:
    for folder, sync in rules.syncs(builder.root).items():
        if folders.normal(str(sync.spec.get("path", ""))) == folder:
            cluster = Cluster(folder, builder)
            cluster.walk(sync)
            yield cluster


def unreached(builder: Builder, clusters: Iterable[Cluster]) -> Iterator[Placed]:
    """The objects of folders that no cluster reaches: an environment that has none yet, a stub, a forgotten folder.

    What their Flux Kustomizations point to is followed as well, as far as it is there.
    """
    root = builder.root
    every = folders.folders(root)
    builder.build(Request(folder) for folder in every)
    known = Variables({name: value for cluster in clusters for name, value in cluster.known.items()})
    reached = folders.closure(root, {request.folder for cluster in clusters for request in cluster.requests})
    pending = [folder for folder in every if folder not in reached]
    while pending:
        reached |= set(pending)
        found = [placed for folder in pending for placed in leniently(builder, folder, known)]
        yield from found
        paths = {Request.of(o.object).folder for o in found if o.object.flux_kustomization and source(o.object) in OURS}
        pending = sorted(path for path in paths - reached if (root / path).is_dir())


def leniently(builder: Builder, folder: str, known: Variables) -> Iterator[Placed]:
    for built in builder.build([Request(folder)]):
        for found in built.objects:
            try:
                yield Placed(folder, substituted(found, known, by=substitute_known))
            except SubstitutionError:  # without a cluster nobody can tell
                yield Placed(folder, found)


def failures(builder: Builder) -> Iterator[Finding]:
    """Where a build failed first: the folders that build upon it fail for the same reason."""
    failed = {request.folder: built.findings for request, built in builder.done.items() if built.findings}
    for folder, findings in failed.items():
        if not (folders.closure(builder.root, [folder]) - {folder}) & failed.keys():
            yield from findings


def validated(
    clusters: Iterable[Cluster], leftovers: list[Placed], release: list[Object], kubernetes: str
) -> Iterator[Finding]:
    """One run of kubeconform for all clusters that know the same CRDs: mostly one for all."""
    batches: dict[frozenset[Object], list[Placed]] = defaultdict(list)
    every: dict[str, Object] = {}
    for cluster in clusters:
        own = crds(placed.object for placed in cluster.objects)
        vendored = any(found.name.endswith(".fluxcd.io") for found in own)
        batches[frozenset(own if vendored else [*own, *release])].extend(cluster.objects)
        every |= {found.name: found for found in own}
    every |= {found.name: found for found in (*crds(placed.object for placed in leftovers), *release)}
    batches[frozenset(every.values())].extend(leftovers)
    for known, objects in batches.items():
        yield from validate(objects, kubernetes=kubernetes, definitions=known)
