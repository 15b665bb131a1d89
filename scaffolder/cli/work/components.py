"""Where Flux's components come from in one run: what people name, the cache, and only where it is asked for, more."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from scaffolder.bridge import manifests, program
from scaffolder.bridge.web import UnreachableError
from scaffolder.flux.versions import minor_of

if TYPE_CHECKING:
    from scaffolder.bridge.manifests import Manifests, Overlay
    from scaffolder.cli.console import Console
    from scaffolder.flux.components import Install

PATIENCE: Final = 2.0  # seconds to wait for a dead network, once
PATIENCE_IF_NAMED: Final = 10.0  # seconds to wait for a server that people name
WAYS: Final = "where github.com can be reached or with --manifests"


class Obtain:
    """Answers with the text of `gotk-components.yaml`, or None; what was asked before is not asked again.

    `network`: whether it may come from the `flux` on the PATH, or from its release.
    """

    def __init__(self, console: Console, given: str | None = None, *, network: bool = False) -> None:
        self._console, self._given, self._network = console, given, network
        self._texts: dict[Install, str | None] = {}
        self._dead = ""  # why the network is of no use

    def __call__(self, asked: Install) -> str | None:
        if asked not in self._texts:
            self._texts[asked] = self._text(asked)
        return self._texts[asked]

    @property
    def named(self) -> bool:
        """Whether people say where they come from."""
        return self._given is not None

    def fits(self, asked: Install) -> bool:
        """Whether what people name may be what is asked for: a header must not say another Flux than follows it."""
        return self._given is None or manifests.minor(self._named) in {"", str(minor_of(asked.version))}

    def reason(self, asked: Install) -> str:
        """Why the answer was None."""
        if not self.fits(asked):
            return f"what --manifests names is of Flux {manifests.minor(self._named)}"
        return self._dead or f"the manifests of {asked.version} are not in the cache, and this command needs no network"

    @property
    def way_out(self) -> str:
        """What to do where the answer was None."""
        if self._network:
            return "give --manifests, or run this where github.com can be reached"
        return f"`scaffolder vendor` gets it, {WAYS}"

    def _text(self, asked: Install) -> str | None:
        if self._given is not None:
            return manifests.text_of(asked, self._named) if self.fits(asked) else None
        cached = manifests.from_cache(asked.version)
        if cached is not None:
            return manifests.text_of(asked, cached)
        return (self._printed(asked) or self._downloaded(asked)) if self._network else None

    @cached_property
    def _named(self) -> Manifests | Overlay:
        return manifests.given(self._given or "", timeout=PATIENCE_IF_NAMED)

    def _printed(self, asked: Install) -> str | None:
        if not program.has(asked.version):
            return None
        self._console.step(f"asking the flux on the PATH for the manifests of Flux {asked.version}")
        return program.export(asked)

    def _downloaded(self, asked: Install) -> str | None:
        if self._dead:
            return None
        self._console.step(f"downloading the manifests of Flux {asked.version}")
        try:
            return manifests.text_of(asked, manifests.download(asked.version, timeout=PATIENCE))
        except UnreachableError as error:
            self._dead = error.message
            return None
