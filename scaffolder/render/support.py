"""Which fields of the documents the templates of a version can render: those that they declare as inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffolder.releases import newest, versions
from scaffolder.spec.model import Tenant
from scaffolder.spec.problems import Problem
from scaffolder.templates import template

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scaffolder.spec.load import Key, Spec

# fields of documents without which something else would be rendered, and the inputs of the platform's template
LOCKDOWN: Final = "lockdown"
OWNERS: Final = "owners"


def problems(spec: Spec) -> list[str]:
    """A line for each field that needs newer templates than the documents name, a version that there is."""
    return spec.lines(_problems(spec))


def _problems(spec: Spec) -> Iterator[Problem]:
    platform = spec.platform
    used = platform.templates or newest()
    for field in (name for name in (LOCKDOWN, OWNERS) if not _knows(used, name)):
        first = next(version for version in versions() if _knows(version, field))
        message = f"`{field}` needs templates {first} or newer, not {used}: `scaffolder update` brings them"
        for kind, name in _users(spec, field):
            yield Problem(kind, name, (field,), message)


def _users(spec: Spec, field: str) -> Iterator[Key]:
    """The documents that set a field."""
    if getattr(spec.platform, field):
        yield "platform", spec.platform.name
    if field == OWNERS:
        yield from (("tenant", tenant.name) for tenant in spec.all(Tenant) if tenant.owners)


def _knows(version: str, field: str) -> bool:
    return field in template(version, "platform").inputs
