"""How a forge's branch comes into the temporary clone, and commits from it to the forge: by git, or by the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from scaffolder import git
from scaffolder.cli.work.change import together
from scaffolder.errors import UsageError
from scaffolder.forge.contents import Contents, moved
from scaffolder.git.remote import default_branch
from scaffolder.tree import Memory

if TYPE_CHECKING:
    from scaffolder.cli.work.session import Session
    from scaffolder.forge.base import Hosted
    from scaffolder.git.signing import Signer

Commits = dict[str, git.Commit]  # by what they bring


class Transport(Protocol):
    """What `bootstrap` has to do with the branch on the forge."""

    def default_branch(self, hosted: Hosted) -> str | None:
        """The branch that a clone would check out; None where there is none."""

    def fill(self, clone: Session, here: Session | None, hosted: Hosted | None, branch: str) -> None:
        """Brings what is here and what is on the forge together in the clone."""

    def is_there(self, clone: Session, hosted: Hosted, branch: str) -> bool:
        """Whether the forge's branch is where the clone's is."""

    def arranged(self, commits: Commits) -> Commits:
        """The commits to make for those of a plan."""

    def commit(
        self, clone: Session, hosted: Hosted, branch: str, commits: Sequence[git.Commit], signer: Signer | None
    ) -> list[str]:
        """Makes commits on the branch; their hashes, as the forge will have them.

        Raises:
            BehindError: the forge's branch has moved.
        """

    def push(self, clone: Session, hosted: Hosted, branch: str) -> None:
        """Brings the forge's branch to where the clone's is.

        Raises:
            BehindError: the forge's branch has moved.
        """

    def commit_there(self, clone: Session, branch: str) -> str:
        """The hash that the clone's branch is at, as the forge has it."""


@dataclass(frozen=True)
class ByGit:
    """Over the repository's URL."""

    def default_branch(self, hosted: Hosted) -> str | None:
        return default_branch(hosted.git_url, hosted.access)

    def fill(self, clone: Session, here: Session | None, hosted: Hosted | None, branch: str) -> None:
        together.fill(clone, here, hosted, branch)

    def is_there(self, clone: Session, hosted: Hosted, branch: str) -> bool:
        known = git.remote_tip(clone.repo, hosted.git_url, branch, hosted.access)
        return known is not None and known == git.tip(clone.repo, branch)

    def arranged(self, commits: Commits) -> Commits:
        return commits

    def commit(
        self, clone: Session, _hosted: Hosted, branch: str, commits: Sequence[git.Commit], signer: Signer | None
    ) -> list[str]:
        return git.commit(clone.repo, branch, commits, signer)

    def push(self, clone: Session, hosted: Hosted, branch: str) -> None:
        clone.console.step(f'pushing "{branch}" to "{hosted.git_url}"')
        git.push(clone.repo, hosted.git_url, branch, hosted.access)

    def commit_there(self, clone: Session, branch: str) -> str:
        return git.tip(clone.repo, branch) or ""


BY_GIT: Final = ByGit()


@dataclass(frozen=True)
class ByApi:
    """Through the forge's API alone: the clone's commits are stand-ins, which never leave it.

    `there` has the forge's commit for each of them.
    """

    contents: Contents
    there: dict[str, str] = field(default_factory=dict)

    def default_branch(self, hosted: Hosted) -> str | None:
        return self.contents.default_branch(hosted)

    def fill(self, clone: Session, here: Session | None, hosted: Hosted | None, branch: str) -> None:
        if here:
            hint = "leave it out here, or run this elsewhere: --owner and --repository name the repository"
            raise UsageError("--transport=api pushes no commits, and those that are here may be anybody's", hint=hint)
        repo = clone.repo
        git.as_committed(repo)
        git.init(repo, branch)
        start = self._start(hosted, branch) if hosted else None
        if hosted and start:
            clone.console.step(f'reading branch "{branch}" of "{hosted.git_url}" through the API')
            found = git.Commit(f"As it is at {start}", git.Person("scaffolder", ""), self.contents.files(hosted, start))
            (made,) = git.commit(repo, branch, [found])
            git.fill(repo)
            self.there[made] = start

    def _start(self, hosted: Hosted, branch: str) -> str | None:
        """Where the branch is, or would begin."""
        found = self.contents.tip(hosted, branch)
        usual = None if found else self.contents.default_branch(hosted)
        return self.contents.tip(hosted, usual) if usual else found

    def is_there(self, clone: Session, hosted: Hosted, branch: str) -> bool:
        known = self.contents.tip(hosted, branch)
        return known is not None and known == self.commit_there(clone, branch)

    def arranged(self, commits: Commits) -> Commits:
        """Each file is in the last commit that has it: they come to the forge one by one.

        A run may be stopped in between, and the next one would take a file that is not finished for somebody else's.
        """
        found: Commits = {}
        later: set[str] = set()
        for what, each in reversed(commits.items()):
            left = {path: file for path, file in each.files.items() if path not in later}
            found = {what: replace(each, files=left), **found} if left else found
            later |= left.keys()
        return found

    def commit(
        self, clone: Session, hosted: Hosted, branch: str, commits: Sequence[git.Commit], _signer: Signer | None
    ) -> list[str]:
        self.push(clone, hosted, branch)
        repo, found = clone.repo, []
        for each in commits:
            below = git.tip(repo, branch)
            before = git.CommitFiles(repo, below) if below else Memory({})
            found.append(self.contents.commit(hosted, branch, self.commit_there(clone, branch) or None, each, before))
            (made,) = git.commit(repo, branch, [each])
            self.there[made] = found[-1]
        return found

    def push(self, clone: Session, hosted: Hosted, branch: str) -> None:
        """There is nothing to send but the branch itself, where it is new."""
        known, wanted = self.contents.tip(hosted, branch), self.commit_there(clone, branch)
        if known is None and wanted:
            self.contents.start(hosted, branch, wanted)
        elif (known or "") != wanted:
            raise moved(branch)

    def commit_there(self, clone: Session, branch: str) -> str:
        return self.there.get(git.tip(clone.repo, branch) or "", "")
