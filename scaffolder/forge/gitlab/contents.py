"""Commits through GitLab's API: a list of actions, each told the last commit of the file that it replaces."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gitlab.exceptions import GitlabError

from scaffolder.forge.contents import moved, unpacked
from scaffolder.forge.gitlab.api import Api

if TYPE_CHECKING:
    from gitlab.v4.objects import Project

    from scaffolder.forge.base import Hosted
    from scaffolder.git import Commit
    from scaffolder.tree import File, Source, Tree

LAST: Final = "X-Gitlab-Last-Commit-Id"


@dataclass(frozen=True)
class GitlabContents:
    """The branches of GitLab's projects."""

    api: Api

    def default_branch(self, hosted: Hosted) -> str | None:
        with self.api.telling(f"{hosted.owner}/{hosted.name} cannot be read"):
            found = self.api.project(hosted.owner, hosted.name)
        return None if found is None or found["empty_repo"] else found["default_branch"]

    def tip(self, hosted: Hosted, branch: str) -> str | None:
        with self.api.telling(f"the branch `{branch}` of {hosted.owner}/{hosted.name} cannot be read"):
            found = self.api.found(lambda: self.api.of(hosted).branches.get(branch))
        return found.commit["id"] if found else None

    def files(self, hosted: Hosted, commit: str) -> Tree:
        with self.api.telling(f"the files of {hosted.owner}/{hosted.name} cannot be read"):
            archive: Any = self.api.of(hosted).repository_archive(sha=commit, format="tar.gz")
        return unpacked(archive)

    def start(self, hosted: Hosted, branch: str, commit: str) -> None:
        with self.api.telling(f"the branch `{branch}` cannot be made"):
            self.api.of(hosted).branches.create({"branch": branch, "ref": commit})

    def commit(self, hosted: Hosted, branch: str, parent: str | None, wanted: Commit, before: Source) -> str:
        project, author = self.api.of(hosted), wanted.author
        with self.api.telling(f"nothing can be committed to `{branch}` of {hosted.owner}/{hosted.name}"):
            body = {
                "branch": branch,
                "commit_message": wanted.message,
                "author_name": author.name,
                **({"author_email": author.email} if author.email else {}),
                "actions": [
                    action
                    for path, file in sorted(wanted.files.items())
                    for action in _actions(project, path, file, before.read(path), parent)
                ],
            }
            try:
                made = project.commits.create(body)
            except GitlabError:
                if self.tip(hosted, branch) != parent:
                    raise moved(branch) from None
                raise
        if made.parent_ids != ([parent] if parent else []):
            raise moved(branch)
        return str(made.id)


def _actions(
    project: Project, path: str, file: File | None, known: File | None, parent: str | None
) -> Iterator[dict[str, Any]]:
    """What becomes of a file; GitLab refuses it where the file has got other commits since."""
    last = {"last_commit_id": project.files.head(path, ref=parent)[LAST]} if known and parent else {}
    if file is None:
        yield {"action": "delete", "file_path": path, **last}
        return
    content = {"content": base64.b64encode(file.content).decode(), "encoding": "base64"}
    yield {"action": "update" if known else "create", "file_path": path, **content, **last}
    if file.executable != bool(known and known.executable):
        yield {"action": "chmod", "file_path": path, "execute_filemode": file.executable}
