"""The documents that a repository begins with, out of a few options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from scaffolder.apply import WorkTree
from scaffolder.cli.work import faults
from scaffolder.cli.work.copies import copied
from scaffolder.cli.work.pairs import named
from scaffolder.cli.work.session import checked, has_documents
from scaffolder.errors import DocumentError, UsageError
from scaffolder.flux.versions import NEWEST
from scaffolder.releases import newest
from scaffolder.spec.load import APART, TOGETHER
from scaffolder.spec.write import added, changed, document
from scaffolder.tree import File, Memory

if TYPE_CHECKING:
    from scaffolder.cli.work.session import Documents
    from scaffolder.spec.load import Spec
    from scaffolder.spec.model import Platform
    from scaffolder.tree import Source

STAGES: Final = ("dev", "staging", "prod")
HEADER: Final = "# What this platform is made of. `scaffolder schema KIND` prints what a document may hold.\n"
_FILE: Final = re.compile(rf"(?<!\S){APART}(?:/[^\s:]+|\.yaml)(?=:)")  # of a document, as an error tells it


@dataclass(frozen=True)
class Starter:
    """A platform in a few options, as they were given."""

    name: str | None = None
    environments: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()  # environment/name
    url: str | None = None
    branch: str | None = None
    domain: str | None = None
    variables: tuple[str, ...] = ()  # NAME=VALUE
    flux_version: str | None = None
    kubernetes: str | None = None
    app: str | None = None  # NAME URL [VERSION]

    @property
    def given(self) -> list[str]:
        """The flags that were given."""
        flags = {"environments": "environment", "clusters": "cluster", "variables": "variable"}
        return [f"--{flags.get(name, name).replace('_', '-')}" for name, value in vars(self).items() if value]


def together(texts: Iterable[str]) -> Documents:
    """Documents in one file."""
    return {TOGETHER: File((HEADER + "---\n".join(texts)).encode())}


def documents(asked: Starter, folder: str) -> Documents:
    """Platform, environments and clusters; without any, three stages with a cluster in each.

    Raises:
        UsageError: an option cannot be meant.
    """
    hint = "" if asked.name else "--name NAME gives it another name than its folder's"
    name = faults.named("a platform", asked.name or folder, hint)
    placed = _clusters(asked)
    stages = asked.environments or (() if placed else STAGES)
    environments = [faults.named("an environment", stage) for stage in (*stages, *placed.values())]
    after = dict(zip(stages[1:], stages, strict=False))
    clusters = placed or {f"{stage}-1": stage for stage in stages}
    written = together(
        [
            document("platform", name, _platform(asked)),
            *(document("environment", stage, {"after": after.get(stage)}) for stage in dict.fromkeys(environments)),
            *(document("cluster", cluster, {"environment": stage}) for cluster, stage in clusters.items()),
        ]
    )
    written |= _first_app(asked.app)
    with faults.of_flags(written):
        checked(Memory(written))
    return written


def _first_app(words: str | None) -> Documents:
    """A Helm chart in a few words; one in a registry is called as its URL ends, whatever the app is called."""
    if words is None:
        return {}
    match words.split():
        case [name, url, *version] if len(version) <= 1:
            pass
        case _:
            example = "podinfo https://stefanprodan.github.io/podinfo 6.3.5"
            raise UsageError(f"--app {words}: must be NAME URL [VERSION], such as {example}")
    chart = {"name": None if url.startswith("oci://") else name, "url": url, "version": next(iter(version), None)}
    return added("app", faults.named("an app", name), {"chart": said(chart)})


def _clusters(asked: Starter) -> dict[str, str]:
    """Cluster to environment."""
    found: dict[str, str] = {}
    for text in asked.clusters:
        environment, slash, name = text.partition("/")
        if not slash or not environment or not name:
            raise UsageError(f"--cluster {text}: must be ENV/NAME, such as prod/eu-1")
        if found.setdefault(faults.named("a cluster", name), environment) != environment:
            raise UsageError(f"--cluster {text}: the cluster `{name}` is in `{found[name]}` already")
    return found


def _platform(asked: Starter) -> dict[str, Any]:
    repository = {"url": asked.url, "branch": asked.branch}
    return {
        "templates": newest(),
        "kubernetes": asked.kubernetes,
        "domain": asked.domain,
        "variables": named("--variable", asked.variables),
        "repository": said(repository),
        "flux": {"version": asked.flux_version or NEWEST},
    }


def said(options: Mapping[str, Any]) -> dict[str, Any]:
    """Those options that say something."""
    return {name: value for name, value in options.items() if value is not None}


def given(place: Path) -> Documents:
    """The documents in a file, or in a folder as they stand in a repository; with what `completed` adds to them.

    Raises:
        UsageError: there are none.
        DocumentError: they are wrong; their files are told as they are called where they come from.
    """
    try:
        source = _folder(place) if place.is_dir() else Memory({TOGETHER: File(place.read_bytes())})
        spec = checked(source)
        files = sorted({TOGETHER, *(document.file for document in spec.places.values())})
        documents: Documents = {file: found for file in files if (found := source.read(file))}
        return documents | _manifests(spec, place) | completed(source, spec.platform)
    except OSError as error:
        raise UsageError(f"--file {place} cannot be read: {(error.strerror or '').lower()}") from None
    except DocumentError as error:
        lines = [_FILE.sub(partial(_as_given, place), line) for line in error.problems]
        raise DocumentError(lines, hint=error.hint) from None


def _manifests(spec: Spec, place: Path) -> Documents:
    """What people keep in `apps/base/<app>/` for their apps; only a folder can hold that."""
    found: Documents = {}
    for app in (spec.app(name) for name in spec.names("app")):
        if app.manifests is not None:
            home = f"apps/base/{app.name}"
            found |= copied(place / home, home, one_namespace=app.target_namespace != "")
    return found


def _as_given(place: Path, found: re.Match[str]) -> str:
    return str(place / found[0] if place.is_dir() else place)


def _folder(place: Path) -> Source:
    tree = WorkTree(place, place / ".git")
    if not has_documents(tree):
        raise UsageError(f"--file {place} holds no documents: neither {TOGETHER} nor {APART}/")
    return tree


def completed(source: Source, platform: Platform) -> Documents:
    """The platform document with the versions that a repository never leaves open; nothing where it has them."""
    documents: Documents = {}
    for path, given, value in (
        (("templates",), platform.templates, newest()),
        (("flux", "version"), platform.flux.version, NEWEST),
    ):
        if given is None:
            documents |= changed(Memory(documents, source), ("platform", platform.name), path, value)
    return documents
