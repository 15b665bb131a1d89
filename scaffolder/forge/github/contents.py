"""Commits through GitHub's git data: blobs, trees and commits are made first, and then a branch is moved, unforced."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from scaffolder.errors import ForgeError
from scaffolder.forge.contents import moved
from scaffolder.forge.github.api import Api, telling
from scaffolder.forge.github.pulls import of
from scaffolder.forge.http import RefusedError
from scaffolder.tree import File

if TYPE_CHECKING:
    from scaffolder.forge.base import Hosted
    from scaffolder.git import Commit, Person
    from scaffolder.tree import Source, Tree

EMPTY, FORBIDDEN = HTTPStatus.CONFLICT, HTTPStatus.FORBIDDEN  # what is said of an empty repository, and to apps
MODES: Final = {False: "100644", True: "100755"}


@dataclass(frozen=True)
class GitHubContents:
    """The branches of GitHub's repositories."""

    api: Api

    def default_branch(self, hosted: Hosted) -> str | None:
        with telling(f"{hosted.owner}/{hosted.name} cannot be read"):
            found = str(self.api.get(of(hosted))["default_branch"])
        return found if self.tip(hosted, found) else None

    def tip(self, hosted: Hosted, branch: str) -> str | None:
        with telling(f"the branch `{branch}` of {hosted.owner}/{hosted.name} cannot be read"):
            try:
                found = self.api.find(f"{of(hosted)}/git/ref/heads/{quote(branch)}")
            except RefusedError as error:
                if error.status != EMPTY:
                    raise
                return None
        return found["object"]["sha"] if found else None

    def files(self, hosted: Hosted, commit: str) -> Tree:
        with telling(f"the files of {hosted.owner}/{hosted.name} cannot be read"):
            found = self.api.get(f"{of(hosted)}/git/trees/{commit}", recursive=1)
            if found["truncated"]:
                message = f"{hosted.owner}/{hosted.name} has more files than the API lists"
                raise ForgeError(message, hint="--transport=https reads all")
            entries = [each for each in found["tree"] if each["mode"] in MODES.values()]
            contents = {sha: self._blob(hosted, sha) for sha in {each["sha"] for each in entries}}
        return {each["path"]: File(contents[each["sha"]], each["mode"] == MODES[True]) for each in entries}

    def start(self, hosted: Hosted, branch: str, commit: str) -> None:
        with telling(f"the branch `{branch}` cannot be made"):
            self.api.send("POST", f"{of(hosted)}/git/refs", {"ref": f"refs/heads/{branch}", "sha": commit})

    def commit(self, hosted: Hosted, branch: str, parent: str | None, wanted: Commit, _before: Source) -> str:
        files = dict(wanted.files)
        with telling(f"nothing can be committed to `{branch}` of {hosted.owner}/{hosted.name}"):
            about = {"message": wanted.message, **self._by(wanted.author)}
            try:
                if parent is None:
                    parent = self._first(hosted, branch, files, about)
                return self._on(hosted, branch, parent, files, about) if files else parent
            except RefusedError:
                if self.tip(hosted, branch) != parent:
                    raise moved(branch) from None
                raise

    def _first(self, hosted: Hosted, branch: str, files: dict[str, File | None], about: dict[str, Any]) -> str:
        """The first commit, with one of the files: only so an empty repository gets one. What is left stays in `files`.

        That way knows no modes.
        """
        path = min(files)
        file = files[path] or File(b"")
        if not file.executable:
            del files[path]
        body = {**about, "branch": branch, "content": base64.b64encode(file.content).decode()}
        made = self.api.send("PUT", f"{of(hosted)}/contents/{quote(path)}", body)
        return str(made["commit"]["sha"])

    def _on(
        self, hosted: Hosted, branch: str, parent: str, files: dict[str, File | None], about: dict[str, Any]
    ) -> str:
        below = self.api.get(f"{of(hosted)}/git/commits/{parent}")["tree"]["sha"]
        body = {"base_tree": below, "tree": self._entries(hosted, files)}
        tree = self.api.send("POST", f"{of(hosted)}/git/trees", body)["sha"]
        made = self.api.send("POST", f"{of(hosted)}/git/commits", {**about, "tree": tree, "parents": [parent]})["sha"]
        self.api.send("PATCH", f"{of(hosted)}/git/refs/heads/{quote(branch)}", {"sha": made, "force": False})
        return str(made)

    def _entries(self, hosted: Hosted, files: dict[str, File | None]) -> list[dict[str, Any]]:
        """What becomes of each file; what several have, or is no text, is sent once, before."""
        counts = Counter(file.content for file in files.values() if file)
        alone = {content for content, count in counts.items() if count > 1 or not _is_text(content)}
        apart = {content: self._sent(hosted, content) for content in sorted(alone)}
        found = []
        for path, file in sorted(files.items()):
            entry = {"path": path, "mode": MODES[bool(file and file.executable)], "type": "blob"}
            if file is None or file.content in apart:
                found.append({**entry, "sha": apart[file.content] if file else None})
            else:
                found.append({**entry, "content": file.content.decode()})
        return found

    def _sent(self, hosted: Hosted, content: bytes) -> str:
        body = {"content": base64.b64encode(content).decode(), "encoding": "base64"}
        return str(self.api.send("POST", f"{of(hosted)}/git/blobs", body)["sha"])

    def _blob(self, hosted: Hosted, sha: str) -> bytes:
        return base64.b64decode(self.api.get(f"{of(hosted)}/git/blobs/{sha}")["content"])

    def _by(self, author: Person) -> dict[str, Any]:
        """The author; one without an address gets that of the token's user, which is nobody of an app's."""
        mail = author.email
        if not mail:
            try:
                user = self.api.get("/user")
            except RefusedError as error:
                if error.status != FORBIDDEN:
                    raise
                return {}
            mail = f"{user['id']}+{user['login']}@users.noreply.{self.api.title}"
        who = {"name": author.name, "email": mail}
        return {"author": who, "committer": who}


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
