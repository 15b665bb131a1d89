"""What Flux's source-controller hands on of a repository: a copy without what `.sourceignore` hides.

References to the web are taken out as well.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pathspec

from tests.judges import folders
from tests.judges.findings import Finding
from tests.judges.objects import sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

ALWAYS_HIDDEN = (".git/", ".gitignore", ".gitmodules", ".gitattributes")

# Hidden unless the repository has a .sourceignore, which takes the place of these.
HIDDEN_BY_DEFAULT = (
    *("*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip"),
    *(".github/", ".circleci/", ".travis.yml", ".gitlab-ci.yml", "appveyor.yml", ".drone.yml", "cloudbuild.yaml"),
    *("codeship-services.yml", "codeship-steps.yml"),
    *("**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml"),
)

INSTALL = re.compile(r"https://github\.com/fluxcd/flux2/releases/download/v[^/]+/install\.yaml")

REMOTE = re.compile(r"[a-z0-9+]+://|git::|gh:|git@|github\.com[:/]", re.IGNORECASE)


@dataclass(frozen=True)
class Artifact:
    root: Path
    findings: tuple[Finding, ...]


@contextlib.contextmanager
def artifact(repository: Path) -> Iterator[Artifact]:
    with tempfile.TemporaryDirectory(prefix="judged-") as scratch:
        root = Path(scratch).resolve() / "repository"
        root.mkdir()
        for path in visible(repository):
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(repository / path, target)
        yield Artifact(root, tuple(finding for folder in folders.folders(root) for finding in unplug(root, folder)))


def visible(repository: Path) -> Iterator[Path]:
    """Regular files only: Flux leaves symbolic links out."""
    own = repository / ".sourceignore"
    patterns = own.read_text().splitlines() if own.exists() else []
    patterns = [line for line in patterns if line.strip() and not line.startswith("#")]
    hidden = pathspec.GitIgnoreSpec.from_lines([*ALWAYS_HIDDEN, *(patterns or HIDDEN_BY_DEFAULT)])
    for file in sorted(repository.rglob("*")):
        path = file.relative_to(repository)
        if file.is_file() and not file.is_symlink() and not hidden.match_file(path.as_posix()):
            yield path


def unplug(root: Path, folder: str) -> Iterator[Finding]:
    """Take references to the web out of a kustomization.yaml: what stands there cannot be built here.

    Flux's own release, in a cluster whose Flux is not vendored, is the one that may stand there.
    """
    file = folders.kustomization(root / folder)
    content = folders.load(file) if file else {}
    remote = {field: [e for e in sequence(content.get(field)) if is_remote(e)] for field in ("resources", "components")}
    if not file or not any(remote.values()):
        return
    file.write_text(json.dumps(content | {field: rest(content, field) for field in remote if field in content}))
    for entry in (*remote["resources"], *remote["components"]):
        if not (INSTALL.fullmatch(entry) and Path(folder).name == "flux-system"):
            yield Finding(folder, "", f"{entry} is not in the repository")


def rest(content: dict[str, Any], field: str) -> list[Any]:
    return [entry for entry in sequence(content[field]) if not is_remote(entry)]


def is_remote(entry: Any) -> bool:
    return isinstance(entry, str) and bool(REMOTE.match(entry))
