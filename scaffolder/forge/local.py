"""A folder of bare repositories as a forge: the embedded default, needing no account and no network."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scaffolder import git
from scaffolder.errors import ForgeError, UsageError
from scaffolder.forge.base import Action, Ensured, Hosted, Repository
from scaffolder.forge.local_changes import LocalChanges

_MODES: Final = {"private": 0o700, "internal": 0o750, "public": 0o755}
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def default_root() -> Path:
    """Where the local forge lives unless `--root` says otherwise: the user's data folder."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "scaffolder" / "forge"


@dataclass(frozen=True)
class LocalForge:
    """`<root>/<owner>/<repository>.git`; the owner may have slashes, as groups on GitLab have."""

    root: Path
    kind: str = "local"

    @property
    def title(self) -> str:
        return str(self.root)

    @property
    def changes(self) -> LocalChanges:
        return LocalChanges()

    def find_repository(self, owner: str, name: str) -> Hosted | None:
        place = self._place(owner, name)
        try:
            mode = place.stat().st_mode & 0o777
            if not (place / "HEAD").is_file():
                hint = "move it away, or choose another --repository"
                raise ForgeError(f"{place} is not a bare git repository", hint=hint)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _refused(place, "read", error) from None
        visibility = "public" if mode & 0o007 else "internal" if mode & 0o070 else "private"
        return Hosted(owner, name, visibility, str(place), None)

    def ensure_repository(self, wanted: Repository) -> Ensured[Hosted]:
        found = self.find_repository(wanted.owner, wanted.name)
        if found is not None:
            return Ensured(found, Action.UNCHANGED)  # as on every forge, what exists keeps its settings
        place = self._place(wanted.owner, wanted.name)
        beside = place.with_name(f".{place.name}.new")  # renamed when whole, so that a killed run leaves none half-made
        try:
            shutil.rmtree(beside, ignore_errors=True)
            git.init(git.Repo(beside), wanted.branch)
            (beside / "description").write_text(f"{wanted.description}\n", encoding="utf-8")
            beside.chmod(_MODES[wanted.visibility])
            beside.rename(place)
        except OSError as error:
            raise _refused(place, "created", error) from None
        return Ensured(Hosted(wanted.owner, wanted.name, wanted.visibility, str(place), None), Action.CREATED)

    def _place(self, owner: str, name: str) -> Path:
        parts = owner.split("/")
        for part in (*parts, name):
            if not _NAME.fullmatch(part):
                raise UsageError(f"`{part}` cannot name an owner or repository: letters, digits, `.`, `_` and `-`")
        for part in parts:
            if part.endswith(".git"):
                raise UsageError(f"`{part}` cannot name an owner: it would lie in a repository")
        return self.root / owner / f"{name}.git"


def _refused(place: Path, what: str, error: OSError) -> ForgeError:
    return ForgeError(
        f"{place} cannot be {what}: {(error.strerror or str(error)).lower()}", hint="choose another --root"
    )
