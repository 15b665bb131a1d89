"""Build folders with the real kustomize, as Flux would."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.judges import folders, tools
from tests.judges.findings import Finding
from tests.judges.objects import Object, sequence, split

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADER = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}

# Fields of a Flux Kustomization that it writes into the folder's kustomization.yaml, and what they are called there.
REPLACED = {"targetNamespace": "namespace", "namePrefix": "namePrefix", "nameSuffix": "nameSuffix"}
APPENDED = ("patches", "components", "images")


@dataclass(frozen=True)
class Request:
    """A folder, and what a Flux Kustomization changes in its kustomization.yaml, as JSON."""

    folder: str
    changes: str = "{}"

    @classmethod
    def of(cls, flux_kustomization: Object) -> Request:
        spec = flux_kustomization.spec
        changes = {name: spec[name] for name in (*REPLACED, *APPENDED) if spec.get(name)}
        return cls(folders.normal(str(spec.get("path", ""))), json.dumps(changes, sort_keys=True))


@dataclass(frozen=True)
class Built:
    """The findings are kustomize's own words, errors and warnings, or files that would stop Flux before it."""

    objects: tuple[Object, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass
class Builder:
    """Builds each request once, as many at a time as there are cores. Copies of folders come and go below `root`."""

    root: Path
    done: dict[Request, Built] = field(default_factory=dict)

    def build(self, requests: Iterable[Request]) -> list[Built]:
        wanted = list(requests)
        new = [request for request in dict.fromkeys(wanted) if request not in self.done]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            self.done.update(zip(new, pool.map(self.one, new), strict=True))
        return [self.done[request] for request in wanted]

    def one(self, request: Request) -> Built:
        folder = self.root / request.folder
        file = folders.kustomization(folder)
        if file and folders.is_component(file):
            return self.component(request.folder)
        if file and request.changes == "{}":
            return self.kustomize(request.folder, folder)
        listing = None if file else folders.listing(folder)
        if listing and listing.strays:
            return Built(findings=tuple(Finding(request.folder, "", ": ".join(stray)) for stray in listing.strays))
        content = {**HEADER, "resources": list(listing.resources)} if listing else folders.load(file or folder)
        return self.rewritten(request.folder, changed(content, json.loads(request.changes)))

    def rewritten(self, folder: str, content: dict[str, Any]) -> Built:
        """Beside the folder, so that relative paths go on to lead where they did."""
        original = self.root / folder
        with scratch(original.parent) as name:
            copy = Path(name)
            shutil.copytree(original, copy, ignore=shutil.ignore_patterns(f"{folders.SCRATCH}*"), dirs_exist_ok=True)
            file = folders.kustomization(copy) or copy / folders.NAMES[0]
            file.write_text(json.dumps(content))
            return self.kustomize(folder, copy)

    def component(self, folder: str) -> Built:
        """A component alone builds nothing; but whether its kustomization.yaml can be read is known before that."""
        with scratch(self.root) as name:
            parent = Path(name)
            (parent / folders.NAMES[0]).write_text(json.dumps({**HEADER, "components": [f"../{folder}"]}))
            built = self.kustomize(folder, parent)
        return Built(findings=tuple(found for found in built.findings if "invalid Kustomization" in found.message))

    def kustomize(self, folder: str, at: Path) -> Built:
        """What kustomize says besides its output are errors, and warnings of what will be one some day."""
        done = tools.run(tools.require("kustomize"), "build", ".", at=at)
        said = re.sub(rf"{folders.SCRATCH}\w+", Path(folder).name, done.stderr.strip().replace(f"{self.root}/", ""))
        findings = (Finding(folder, "", said),) if said or done.returncode else ()
        return Built(tuple(split(done.stdout)), findings)


def scratch(parent: Path) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix=folders.SCRATCH, dir=parent)


def changed(content: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    replaced = {theirs: changes[ours] for ours, theirs in REPLACED.items() if ours in changes}
    appended = {name: [*sequence(content.get(name)), *changes[name]] for name in APPENDED if name in changes}
    return {**content, **replaced, **appended}
