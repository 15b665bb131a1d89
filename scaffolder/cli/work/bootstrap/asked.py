"""What the flags of `bootstrap` say, whichever forge it is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from scaffolder.cli.work.bootstrap.signing import UNSIGNED, Signing
from scaffolder.cli.work.bootstrap.transport import BY_GIT, Transport
from scaffolder.cli.work.commits import Author
from scaffolder.forge.hosted import HOSTS
from scaffolder.git.credentials import ANONYMOUS, Access

if TYPE_CHECKING:
    from scaffolder.cli.work.bootstrap.secretfile import SecretFile
    from scaffolder.cli.work.bootstrap.target import Apply
    from scaffolder.cli.work.change.delivery import Asked as Proposed
    from scaffolder.forge.base import Forge
    from scaffolder.forge.changes import ChangeRequests
    from scaffolder.forge.rules import Rules
    from scaffolder.spec.model import Platform

OWNER: Final = "local"  # where nothing says another


class Loan(Protocol):
    """A name and password for a cluster, from a forge that makes such."""

    def works(self, username: str) -> bool:
        """Whether those of this name still open the repository."""

    def renewed(self) -> Access:
        """New ones; the old ones end."""


@dataclass(frozen=True)
class Asked:
    """What the flags say; None where they say nothing.

    `url` is where clusters fetch the repository, `access` what opens it; `silent` says that it opens already. `apply`
    is there where the cluster's part is to be done too, or its secret is to be written to a file. `grant` lets a
    cluster's public key read the repository, on a forge that can be told so; the key's title comes first, see
    `flags.key_title`. It may be called again with the same key. `loan` makes what opens the repository instead, under
    such a title. `variable` is the environment variable that has the password, `hostname` where the forge is, if no URL
    says it. `rules` and `changes` are the forge's, if it has any; `checks` and `protect` say whether the documents are
    to ask for CI, and for rules; `proposal` is there where the push is to be a change request, which goes by git,
    whatever `transport` is.
    """

    forge: Forge
    owner: str | None
    repository: str | None
    branch: str | None
    path: str | None
    visibility: str | None
    flux: dict[str, Any]  # fields of a document's `flux`
    manifests: str | None
    appendix: str
    author: Author
    signing: Signing = UNSIGNED
    url: str | None = None
    access: Access = ANONYMOUS
    silent: bool = False
    apply: Apply | SecretFile | None = None
    grant: Callable[[str, str], None] | None = None
    loan: Callable[[str], Loan] | None = None
    variable: str = "GIT_PASSWORD"
    hostname: str | None = None
    rules: Rules | None = None
    checks: bool | None = None
    protect: bool | None = None
    changes: ChangeRequests | None = None
    proposal: Proposed | None = None
    transport: Transport = BY_GIT

    @property
    def hosting(self) -> str | None:
        """The kind of a forge with an API."""
        return self.forge.kind if self.forge.kind in HOSTS else None

    def home(self, platform: Platform | None) -> tuple[str, str]:
        """Owner and name on the forge: what the flags say, else the documents' URL, else the platform's name."""
        owner, name = of_url(platform.repository.url or "") if platform else ("", "")
        said = owner or OWNER if self.owner is None else self.owner
        return said, self.repository or name or (platform.name if platform else "")


def of_url(url: str) -> tuple[str, str]:
    """`https://git.example.com/group/team/fleet.git` -> `group/team`, `fleet`."""
    owner, _, name = urlsplit(url).path.strip("/").removesuffix(".git").rpartition("/")
    return owner, name
