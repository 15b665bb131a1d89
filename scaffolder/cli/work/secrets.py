"""Whether anything in the repository is there in plain text that only the clusters should know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from scaffolder import git
from scaffolder.errors import ScaffolderError, printable
from scaffolder.flux.plaintext import exposed
from scaffolder.render.units import LOCKS
from scaffolder.report import Finding

if TYPE_CHECKING:
    from scaffolder.cli.work.session import Session

HINT: Final = (
    "encrypt it with SOPS, or make the Secret on the clusters; "
    "if it has been pushed, replace the password or key: history keeps it"
)


def plaintext_findings(session: Session) -> Iterator[Finding]:
    """Reads every file that git knows or would add; the first finding of all says what to do."""
    hint = HINT
    for path in _files(session.repo):
        try:
            file = session.tree.read(path)
        except ScaffolderError:
            continue  # of somebody else, who may read it: it is not in this commit
        for line, what in exposed(path, file.content) if file else ():
            message = f"{printable(what)} is in plain text"
            yield Finding(level="error", code="plaintext-secret", message=message, path=path, line=line, hint=hint)
            hint = ""


def _files(repo: git.Repo) -> list[str]:
    listed = git.run(repo, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate").out
    return sorted(path for path in listed.split("\0") if path and not path.startswith(f"{LOCKS}/"))
