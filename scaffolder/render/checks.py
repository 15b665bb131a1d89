"""The checks of the generated CI: what they are called, and what a forge calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from scaffolder.releases import newest
from scaffolder.templates import template

if TYPE_CHECKING:
    from scaffolder.spec.model import Platform

DOCUMENTS: Final = "documents"  # the files are what the documents say
BUILD: Final = "build"  # every folder builds, and every object is what its cluster takes
SECRETS: Final = "secrets"  # nothing secret stands in plain text
CHECKS: Final = (DOCUMENTS, BUILD, SECRETS)  # the jobs of the templates, and what `check --only` takes

WORKFLOW: Final = "check"
GITEA: Final = "{workflow} / {job} (pull_request)"  # how Gitea tells its jobs apart


def required(platform: Platform) -> tuple[str, ...]:
    """The names of the checks that have to pass, exactly as the platform's forge reports them.

    Empty where the repository has no generated CI: a check that nobody reports would hold up every change.
    """
    forge = platform.repository.forge
    if (
        not (forge and platform.repository.checks)
        or "forge" not in template(platform.templates or newest(), "platform").inputs
    ):
        return ()
    if forge == "gitea":
        return tuple(GITEA.format(workflow=WORKFLOW, job=job) for job in CHECKS)
    return CHECKS
