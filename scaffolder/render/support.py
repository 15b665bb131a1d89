"""Which fields of the documents the templates of a version can render: those that they declare as inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffolder.releases import newest, versions
from scaffolder.spec.problems import Problem
from scaffolder.templates import template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.spec.load import Spec

LOCKDOWN: Final = "lockdown"  # the field of the platform, and the input of its template


def problems(spec: Spec) -> list[str]:
    """A line for each field that needs newer templates than the documents name, a version that there is."""
    return spec.lines(_problems(spec))


def _problems(spec: Spec) -> Iterator[Problem]:
    platform = spec.platform
    used = platform.templates or newest()
    if platform.lockdown and not _knows(used):
        first = next(version for version in versions() if _knows(version))
        message = f"`{LOCKDOWN}` needs templates {first} or newer, not {used}: `scaffolder update` brings them"
        yield Problem("platform", platform.name, (LOCKDOWN,), message)


def _knows(version: str) -> bool:
    return LOCKDOWN in template(version, "platform").inputs
