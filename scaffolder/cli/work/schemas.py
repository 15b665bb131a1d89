"""Whether every object that a cluster gets is what its Kubernetes and its Flux take."""

from __future__ import annotations

import json
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from scaffolder.bridge import kubeconform
from scaffolder.bridge.builder import FREE, Builder
from scaffolder.bridge.builder import on_path as builder_on_path
from scaffolder.bridge.kustomize import Offline
from scaffolder.bridge.schemas import CRD, schemas_of
from scaffolder.cli.work.edits import documents
from scaffolder.cli.work.session import Session, count
from scaffolder.cli.work.sides import Builds, Side, walked
from scaffolder.cli.work.walk import Object, name_of, read
from scaffolder.cli.work.walk import documents as parts
from scaffolder.errors import UsageError
from scaffolder.render.inputs import COMPONENTS
from scaffolder.report import Finding
from scaffolder.spec.rules import folder

if TYPE_CHECKING:
    from scaffolder.spec.load import Spec
    from scaffolder.tree import Source

# groups that an API server has by itself: what it has no schema for there, it does not take
BUILT_IN: Final = re.compile(r"[a-z]*|[a-z]+\.k8s\.io|rbac\.authorization\.k8s\.io")

Placed = dict[str, str]  # an object as JSON -> the folder that it comes from


def schema_findings(session: Session, location: str) -> Iterator[Finding]:
    """Walks every cluster, and judges what it gets; once what several of them get alike.

    Args:
        session: the repository.
        location: where the schemas of Kubernetes are, as kubeconform takes it.

    Raises:
        UsageError: kubeconform, or what builds, is not on the PATH.
    """
    builder, program = builder_on_path(), kubeconform.on_path()
    if program is None or builder is None:
        raise UsageError("--schemas needs kubeconform, and kustomize or kubectl, on the PATH")
    spec, source = documents(session), Offline(session.tree)
    builds = Builds(Builder((*builder.words, *FREE)), (source, source))
    reached = walked(builds, Side(source, spec))
    alike: dict[str, Placed] = defaultdict(dict)
    for name, objects in reached.items():
        got = list(objects)
        definitions = [*_flux(spec, name, source), *(found for _, found in got if found.get("kind") == CRD)]
        key = json.dumps(definitions, sort_keys=True, default=str)
        alike[key] |= {_plain(found): path for path, found in got if found.get("kind") != CRD}
    total = len({text for placed in alike.values() for text in placed})
    session.console.step(f"comparing {count(total, 'object')} with schemas")
    seen: set[Finding] = set()
    for key, placed in alike.items():
        fresh = dict.fromkeys(_judged(program, placed, json.loads(key), location, spec.platform.kubernetes or ""))
        yield from (finding for finding in fresh if finding not in seen)
        seen |= fresh.keys()


def _flux(spec: Spec, cluster: str, source: Source) -> list[Object]:
    """Flux's own definitions of a cluster, where they are in the repository."""
    at = posixpath.join(folder(spec.cluster(cluster)), spec.platform.flux.namespace, COMPONENTS)
    file = source.read(at)
    text = file.content.decode("utf-8", "replace") if file else ""
    return [read(part) for part in parts(text) if f"\nkind: {CRD}\n" in part]


def _plain(found: Object) -> str:
    """An object as JSON, without what SOPS adds and Flux takes away again."""
    return json.dumps({key: value for key, value in found.items() if key != "sops"}, sort_keys=True, default=str)


def _judged(
    program: str, placed: Placed, definitions: Iterable[Mapping[str, Any]], location: str, kubernetes: str
) -> Iterator[Finding]:
    texts = list(placed)
    objects = [json.loads(text) for text in texts]
    for verdict in kubeconform.judged(program, objects, schemas_of(definitions), location, kubernetes):
        found, path = objects[verdict.number], placed[texts[verdict.number]]
        group = str(found.get("apiVersion")).rpartition("/")[0]
        if verdict.unknown and not BUILT_IN.fullmatch(group):
            yield _not_compared(verdict.message, group)
            continue
        named = f"{found.get('kind')} {'/'.join(filter(None, name_of(found)))}"
        yield Finding(level="error", code="schema", message=f"{named}: {verdict.message}", path=path or ".")


def _not_compared(message: str, group: str) -> Finding:
    hint = "`scaffolder vendor` brings those of Flux" if group.endswith(".fluxcd.io") else ""
    return Finding(level="note", code="no-schema", message=f"{message}, so it is not compared", hint=hint)
