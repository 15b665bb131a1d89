"""The documents of a repository that was made without them: its clusters, and how their Flux was bootstrapped."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from scaffolder import git
from scaffolder.cli.work import faults
from scaffolder.cli.work.bootstrap.flags import names_of
from scaffolder.cli.work.session import checked
from scaffolder.cli.work.starter import said, together
from scaffolder.errors import UsageError
from scaffolder.flux.components import Install
from scaffolder.flux.read import Sync, install_of, options_of, options_where, sync_of
from scaffolder.flux.versions import NEWEST
from scaffolder.paths import normal
from scaffolder.releases import newest
from scaffolder.render.inputs import COMPONENTS
from scaffolder.spec.model import RESERVED_ENVIRONMENTS
from scaffolder.spec.types import git_url
from scaffolder.spec.write import document
from scaffolder.tree import Memory

if TYPE_CHECKING:
    from scaffolder.apply import WorkTree
    from scaffolder.cli.work.session import Documents
    from scaffolder.tree import Source

SYNC: Final = "gotk-sync.yaml"
CLUSTERS: Final = "clusters"
YAML: Final = (".yaml", ".yml")
HINT: Final = "`--file FILE` takes documents that you write yourself"


@dataclass(frozen=True)
class Found:
    """A cluster's folder, with what its Flux was bootstrapped for, where it was."""

    folder: str
    sync: Sync | None = None
    install: Install | None = None

    @property
    def version(self) -> tuple[int, ...]:
        numbers = (self.install.version if self.install else NEWEST)[1:].partition("-")[0].split(".")
        return tuple(int(number) if number.isdecimal() else 0 for number in numbers)


def documents(tree: WorkTree, known: Sequence[Found], name: str | None, branch: str | None) -> Documents:
    """Platform, environments and clusters as they are found.

    Args:
        tree: the repository.
        known: its bootstrapped clusters, see `bootstrapped`.
        name: what the platform is to be called; as the repository unless given.
        branch: the one that is checked out, where no gotk-sync.yaml says one.

    Raises:
        UsageError: no cluster is found, or what is found does not go together.
    """
    found = [*known, *(Found(at) for at in _by_hand(tree, [each.folder for each in known]))]
    if not found:
        message = f"no cluster is found here: neither a {SYNC} nor a folder of YAML files in {CLUSTERS}/"
        raise UsageError(message, hint=HINT)
    first = found[0]
    repository = names_of("", name or _repository(tree, first.sync))[0]
    names = _names([each.folder for each in found], repository)
    written = together(
        [
            document("platform", repository, _platform(first, branch)),
            *(document("environment", stage, {}) for stage in dict.fromkeys(stage for stage, _ in names)),
            *(
                document("cluster", cluster, _cluster(each, first, stage, cluster))
                for each, (stage, cluster) in zip(found, names, strict=True)
            ),
        ]
    )
    with faults.of_flags(written):
        checked(Memory(written))
    return written


def bootstrapped(repo: git.Repo, tree: Source) -> list[Found]:
    """The clusters with a gotk-sync.yaml, those with the oldest Flux first; not in what git ignores.

    Raises:
        UsageError: one is not as Flux writes it.
    """
    found = []
    listed = git.run(repo, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate").out
    for path in (path for path in listed.split("\0") if posixpath.basename(path) == SYNC):
        sync = sync_of(_text(tree, path))
        if sync is None:
            raise UsageError(f"{path} is not as `flux bootstrap` writes it", hint=HINT)
        components = _text(tree, posixpath.join(posixpath.dirname(path), COMPONENTS))
        found.append(Found(normal(sync.path), sync, install_of(components)))
    return sorted(found, key=lambda each: (each.version, each.folder))


def _text(tree: Source, path: str) -> str:
    file = tree.read(path)
    return file.content.decode("utf-8", "replace") if file else ""


def _by_hand(tree: Source, known: Sequence[str]) -> Iterator[str]:
    """Folders in `clusters/` with YAML files in them, as Flux's examples have them before they are bootstrapped."""
    pending = [f"{CLUSTERS}/{name}" for name in tree.names(CLUSTERS) if name not in RESERVED_ENVIRONMENTS]
    while pending:
        at = pending.pop(0)
        if at in known:
            continue
        above = any(other.startswith(f"{at}/") for other in known)
        if not above and any(name.endswith(YAML) for name in tree.names(at)):
            yield at
        elif at.count("/") == 1:
            pending += [f"{at}/{name}" for name in tree.names(at)]


def _repository(tree: WorkTree, sync: Sync | None) -> str:
    """What the repository is called where Flux fetches it, or here."""
    last = urlsplit(sync.url or "").path.rstrip("/").rpartition("/")[2] if sync else ""
    return last.removesuffix(".git") or tree.root.name


def _names(folders: Sequence[str], repository: str) -> list[tuple[str, str]]:
    """Environment and cluster of each folder; clusters of one name are called by their environments too."""
    named = [names_of(at, repository) for at in folders]
    often = Counter(cluster for _, cluster in named)
    return [(stage, cluster if often[cluster] == 1 else f"{stage}-{cluster}") for stage, cluster in named]


def _platform(first: Found, branch: str | None) -> dict[str, Any]:
    sync = first.sync
    repository = {"url": _url(sync), "branch": (sync and sync.branch) or branch}
    return {
        "templates": newest(),
        "repository": said(repository),
        "flux": {**options_of(first.install or Install(NEWEST)), **(_of_sync(sync) if sync else {})},
    }


def _url(sync: Sync | None) -> str | None:
    """The repository's URL, if Flux's own command takes it."""
    try:
        return git_url(sync.url) if sync and sync.url else None
    except ValueError:
        return None


def _of_sync(sync: Sync) -> dict[str, Any]:
    """The options that bootstrap has for `gotk-sync.yaml`, but for those that are as they are unless asked for."""
    asked = {
        "namespace": (sync.namespace, "flux-system"),
        "secretName": (sync.secret_name, "flux-system"),
        "interval": (sync.interval, "1m0s"),
        "recurseSubmodules": (sync.recurse_submodules, False),
        "sparseCheckout": (list(sync.sparse_checkout), []),
    }
    return {name: value for name, (value, usual) in asked.items() if value not in (usual, None)}


def _cluster(found: Found, first: Found, stage: str, name: str) -> dict[str, Any]:
    usual = found.folder == f"{CLUSTERS}/{stage}/{name}"
    own = options_where(found.install, first.install) if found.install and first.install else {}
    return {"environment": stage, "path": None if usual else found.folder or ".", "flux": own}
