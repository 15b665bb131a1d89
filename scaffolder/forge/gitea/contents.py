"""Commits through Gitea's API: files with the hashes of those that they replace."""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from scaffolder.errors import ForgeError
from scaffolder.forge.contents import blob, moved, unpacked
from scaffolder.forge.http import Api, RefusedError

if TYPE_CHECKING:
    from scaffolder.forge.base import Hosted
    from scaffolder.git import Commit
    from scaffolder.tree import File, Source, Tree


@dataclass(frozen=True)
class GiteaContents:
    """`telling` says what Gitea refuses, after a problem in our words."""

    api: Api
    telling: Callable[[str], AbstractContextManager[None]]

    def default_branch(self, hosted: Hosted) -> str | None:
        with self.telling(f"{hosted.owner}/{hosted.name} cannot be read"):
            found = self.api.get(_of(hosted))
        return None if found["empty"] else found["default_branch"]

    def tip(self, hosted: Hosted, branch: str) -> str | None:
        with self.telling(f"the branch `{branch}` of {hosted.owner}/{hosted.name} cannot be read"):
            found = self.api.find(f"{_of(hosted)}/branches/{quote(branch)}")
        return found["commit"]["id"] if found else None

    def files(self, hosted: Hosted, commit: str) -> Tree:
        with self.telling(f"the files of {hosted.owner}/{hosted.name} cannot be read"):
            return unpacked(self.api.content(f"{_of(hosted)}/archive/{commit}.tar.gz"))

    def start(self, hosted: Hosted, branch: str, commit: str) -> None:
        with self.telling(f"the branch `{branch}` cannot be made"):
            self.api.post(f"{_of(hosted)}/branches", {"new_branch_name": branch, "old_ref_name": commit})

    def commit(self, hosted: Hosted, branch: str, parent: str | None, wanted: Commit, before: Source) -> str:
        who = {"name": wanted.author.name, "email": wanted.author.email}
        body = {
            "branch": branch,
            "message": wanted.message,
            "author": who,
            "committer": who,
            "files": [_operation(path, file, before.read(path)) for path, file in sorted(wanted.files.items())],
        }
        with self.telling(f"nothing can be committed to `{branch}` of {hosted.owner}/{hosted.name}"):
            try:
                made = self.api.post(f"{_of(hosted)}/contents", body)["commit"]
            except RefusedError:
                if self.tip(hosted, branch) != parent:
                    raise moved(branch) from None
                raise
        if [each["sha"] for each in made["parents"]] != ([parent] if parent else []):
            raise moved(branch)
        return str(made["sha"])


def _of(hosted: Hosted) -> str:
    return f"repos/{hosted.owner}/{hosted.name}"


def _operation(path: str, file: File | None, known: File | None) -> dict[str, Any]:
    """What becomes of a file; Gitea refuses it where the file is another than we know."""
    replaced = {"sha": blob(known)} if known else {}
    if file is None:
        return {"operation": "delete", "path": path, **replaced}
    if file.executable and not (known and known.executable):
        raise ForgeError(f"{path}: Gitea's API makes no file executable", hint="--transport=https does")
    content = base64.b64encode(file.content).decode()
    return {"operation": "update" if known else "create", "path": path, "content": content, **replaced}
