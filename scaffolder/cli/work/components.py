"""Where Flux's components come from in one run: a folder, the cache, and only where it was asked for, the network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from scaffolder.bridge import manifests
from scaffolder.bridge.web import UnreachableError
from scaffolder.flux.components import Install, render

if TYPE_CHECKING:
    from scaffolder.cli.console import Console

PATIENCE: Final = 2.0  # seconds to wait for a dead network, once


class Obtain:
    """Answers with the text of `gotk-components.yaml`, or None; what was asked before is not asked again."""

    def __init__(self, console: Console, folder: Path | None = None, *, network: bool = False) -> None:
        self._console, self._folder, self._network = console, folder, network
        self._texts: dict[Install, str | None] = {}
        self._dead = ""  # why the network is of no use

    def __call__(self, asked: Install) -> str | None:
        if asked not in self._texts:
            self._texts[asked] = self._text(asked)
        return self._texts[asked]

    def reason(self, asked: Install) -> str:
        """Why the answer was None."""
        return self._dead or f"the manifests of {asked.version} are not in the cache, and this command needs no network"

    @property
    def way_out(self) -> str:
        """What to do where the answer was None."""
        if self._network:
            return "give --manifests FOLDER, or run this where github.com can be reached"
        return "`scaffolder bootstrap` gets it, where github.com can be reached or with --manifests FOLDER"

    def _text(self, asked: Install) -> str | None:
        if self._folder is not None:
            return manifests.obtain(asked, folder=self._folder)
        cached = manifests.from_cache(asked.version)
        if cached is not None:
            return render(asked, cached.files)
        if not self._network or self._dead:
            return None
        self._console.step(f"downloading the manifests of Flux {asked.version}")
        try:
            return manifests.obtain(asked, timeout=PATIENCE)
        except UnreachableError as error:
            self._dead = error.message
            return None
