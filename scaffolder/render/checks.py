"""The checks of the generated CI, as a forge reports them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scaffolder.spec.model import Platform


def required(_platform: Platform) -> tuple[str, ...]:
    """The names of the checks that have to pass; none where the repository has no generated CI."""
    return ()
