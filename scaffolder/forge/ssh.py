"""A forge with an API, of which the repositories are reached by SSH: with the keys that the user's own ssh has."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from scaffolder.errors import ForgeError
from scaffolder.forge.base import Ensured, Forge, Hosted, Repository, Server
from scaffolder.forge.git import KEY, refused
from scaffolder.git.command import reason
from scaffolder.git.credentials import ANONYMOUS
from scaffolder.git.remote import contact

OF_SSH: Final = "ssh: "  # how its own lines begin
HINT: Final = (
    "your account on the forge has to have your public key; `ssh-add` opens a key that has a passphrase; "
    "--transport=https takes the token"
)


@dataclass(frozen=True)
class SshForge:
    """`forge` has the API; what SSH refuses is found out before anything is made."""

    forge: Forge
    server: Server

    @property
    def kind(self) -> str:
        return self.forge.kind

    @property
    def title(self) -> str:
        return self.forge.title

    def find_repository(self, owner: str, name: str) -> Hosted | None:
        found = self.forge.find_repository(owner, name)
        url = self.server.sync_url(owner, name, token_auth=False)
        answer = contact(None, ANONYMOUS, url, "ls-remote", "--", url, "HEAD", ok=range(256))
        if answer.status:
            if told := refused(url, answer):
                raise ForgeError(told.message, hint=HINT if KEY in answer.err else told.hint)
            if found or any(line.startswith(OF_SSH) for line in answer.err.splitlines()):
                hint = "--ssh-hostname says where its SSH is; whoever has the key has to see the repository"
                raise ForgeError(f"{url} cannot be read: {reason(answer)}", hint=hint)
        return found and self._reached(found)

    def ensure_repository(self, wanted: Repository) -> Ensured[Hosted]:
        ensured = self.forge.ensure_repository(wanted)
        return replace(ensured, value=self._reached(ensured.value))

    def _reached(self, found: Hosted) -> Hosted:
        url = self.server.sync_url(found.owner, found.name, token_auth=False)
        return replace(found, git_url=url, access=ANONYMOUS)
