"""The documents that a repository begins with, out of a few options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from scaffolder.cli.work import faults
from scaffolder.cli.work.pairs import named
from scaffolder.cli.work.session import checked
from scaffolder.errors import UsageError
from scaffolder.flux.versions import NEWEST
from scaffolder.spec.load import TOGETHER
from scaffolder.spec.write import changed, document
from scaffolder.templates import newest
from scaffolder.tree import File, Memory

if TYPE_CHECKING:
    from scaffolder.cli.work.session import Documents
    from scaffolder.spec.model import Platform
    from scaffolder.tree import Source

STAGES: Final = ("dev", "staging", "prod")
HEADER: Final = "# What this platform is made of. `scaffolder schema KIND` prints what a document may hold.\n"


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
    with faults.of_flags(written):
        checked(Memory(written))
    return written


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
